package dev.dualwrite.relay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules that hold in every library module; it lives here since this is the module that sees them all. */
class LibraryArchTest {

    private static final String[] CORE = {"dev.dualwrite.outbox..", "dev.dualwrite.migration.."};
    private static final String[] STARTER = {"dev.dualwrite.spring.."};
    private static final String[] RELAY = {"dev.dualwrite.relay.."};
    private static final String[] TESTKIT = {"dev.dualwrite.testkit.."};

    private static final Set<String> PACKAGE_NAMES_THAT_SAY_NOTHING =
            Set.of("util", "utils", "common", "helper", "helpers", "model", "dto", "impl", "misc");

    /** Rule, and the classes that are its one door: by name, so that each addition is seen in review. */
    private static final Map<String, Set<String>> DOORS = Map.of(
            "Instant.now()", Set.of(),
            "System.currentTimeMillis()", Set.of(),
            "new Random()", Set.of(),
            "Thread.sleep", Set.of(),
            "Executors.new*", Set.of(),
            "System.out and System.err", Set.of());

    private static final JavaClasses LIBRARIES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("embedded-postgres"))
            .importPackages("dev.dualwrite");

    @Test
    void everyLibraryModuleIsLookedAt() {
        assertThat(List.of(
                        "dev.dualwrite.outbox", "dev.dualwrite.spring", "dev.dualwrite.relay", "dev.dualwrite.testkit"))
                .allMatch(LIBRARIES::containPackage, "has classes on the class path of this test");
    }

    @Test
    void everyClassBelongsToAModuleByItsPackage() {
        classes()
                .should()
                .resideInAnyPackage(Stream.of(CORE, STARTER, RELAY, TESTKIT)
                        .flatMap(Stream::of)
                        .toArray(String[]::new))
                .check(LIBRARIES);
    }

    @Test
    void coreKnowsTheJdkSlf4jAndJspecifyOnly() {
        classes()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.sql..",
                        "org.slf4j..",
                        "org.jspecify..",
                        "dev.dualwrite.outbox..",
                        "dev.dualwrite.migration..")
                .check(LIBRARIES);
    }

    @Test
    void starterDoesNotKnowTheRelay() {
        noClasses()
                .that()
                .resideInAnyPackage(STARTER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(RELAY)
                .check(LIBRARIES);
    }

    @Test
    void testkitKnowsCoreJunitAssertjAndJacksonOnly() {
        classes()
                .that()
                .resideInAnyPackage(TESTKIT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.junit.jupiter.api..",
                        "org.assertj..",
                        "tools.jackson..",
                        "dev.dualwrite.outbox..",
                        "dev.dualwrite.testkit..")
                .check(LIBRARIES);
    }

    @Test
    void nothingButTestsKnowsTheTestkit() {
        noClasses()
                .that()
                .resideOutsideOfPackages(TESTKIT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TESTKIT)
                .check(LIBRARIES);
    }

    @Test
    void migrationDecisionsDoNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage("dev.dualwrite.migration")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "java.io..", "java.net..", "java.nio.file..")
                .allowEmptyShould(true)
                .check(LIBRARIES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("dev.dualwrite.(**)").should().beFreeOfCycles().check(LIBRARIES);
    }

    @Test
    void packagesAreNamedForWhatTheyDo() {
        assertThat(packages().map(JavaPackage::getName))
                .allSatisfy(name -> assertThat(name.split("\\."))
                        .as("words of the package name %s", name)
                        .doesNotContainAnyElementsOf(PACKAGE_NAMES_THAT_SAY_NOTHING));
    }

    // NullMarked does not reach sub-packages.
    @Test
    void everyPackageIsNullMarked() {
        assertThat(packages())
                .allSatisfy(javaPackage -> assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
                        .as("%s has a package-info.java with @NullMarked", javaPackage.getName())
                        .isTrue());
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields()
                .should()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .orShould()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
                .orShould()
                .beAnnotatedWith("jakarta.inject.Inject")
                .orShould()
                .beAnnotatedWith("jakarta.annotation.Resource")
                .orShould()
                .beAnnotatedWith("jakarta.persistence.PersistenceContext")
                .allowEmptyShould(true)
                .check(LIBRARIES);
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void timeChanceThreadsAndOutputComeInThroughTheDoor(Forbidden forbidden) {
        Set<String> doors = DOORS.getOrDefault(forbidden.name(), Set.of());

        Stream<String> found = LIBRARIES.stream()
                .filter(javaClass -> !doors.contains(topLevel(javaClass)))
                .flatMap(javaClass -> javaClass.getAccessesFromSelf().stream())
                .filter(forbidden.accesses())
                .map(JavaAccess::getDescription);

        assertThat(found)
                .as("uses of %s outside its door %s; take it as a constructor parameter", forbidden.name(), doors)
                .isEmpty();
    }

    static Stream<Forbidden> forbidden() {
        return Stream.of(
                new Forbidden("Instant.now()", access -> is(access, Instant.class, "now", 0)),
                new Forbidden("System.currentTimeMillis()", access -> is(access, System.class, "currentTimeMillis", 0)),
                new Forbidden("new Random()", access -> is(access, Random.class, "<init>", 0)),
                new Forbidden(
                        "Thread.sleep",
                        access -> access.getTargetOwner().isEquivalentTo(Thread.class)
                                && access.getName().equals("sleep")),
                new Forbidden(
                        "Executors.new*",
                        access -> access.getTargetOwner().isEquivalentTo(Executors.class)
                                && access.getName().startsWith("new")),
                new Forbidden(
                        "System.out and System.err",
                        access -> access.getTargetOwner().isEquivalentTo(System.class)
                                && Set.of("out", "err").contains(access.getName())));
    }

    private static boolean is(JavaAccess<?> access, Class<?> owner, String name, int parameters) {
        return access.getTargetOwner().isEquivalentTo(owner)
                && access.getName().equals(name)
                && access.getTarget() instanceof CodeUnitAccessTarget target
                && target.getRawParameterTypes().size() == parameters;
    }

    private static String topLevel(JavaClass javaClass) {
        return javaClass.getName().replaceFirst("\\$.*", "");
    }

    private static Stream<JavaPackage> packages() {
        return LIBRARIES.stream().map(JavaClass::getPackage).distinct();
    }

    record Forbidden(String name, Predicate<JavaAccess<?>> accesses) {

        @Override
        public String toString() {
            return name;
        }
    }
}
