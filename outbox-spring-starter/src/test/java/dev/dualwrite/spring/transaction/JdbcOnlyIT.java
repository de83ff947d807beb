package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.postgres.TestDatabase;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A service without JPA on its class path has an outbox all the same. */
class JdbcOnlyIT {

    private static final Pattern JPA =
            Pattern.compile("(spring-orm|spring-data-jpa|hibernate-|jakarta\\.persistence).*");

    @Test
    void serviceWithoutJpaAppends() throws Exception {
        TestOutbox database = TestOutbox.install();
        TestDatabase where = database.database();

        try (var classes = new URLClassLoader(classPathWithoutJpa(), ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> classes.loadClass("org.springframework.orm.jpa.JpaTransactionManager"))
                    .isInstanceOf(ClassNotFoundException.class);
            Thread.currentThread().setContextClassLoader(classes);
            classes.loadClass(JdbcOnlyScenario.class.getName())
                    .getMethod("run", String.class, String.class, String.class)
                    .invoke(null, where.url(), where.user(), where.password());
        } finally {
            Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        }

        assertThat(database.payloads()).containsExactly("without JPA");
    }

    private static URL[] classPathWithoutJpa() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> !JPA.matcher(path.getFileName().toString()).matches())
                .map(JdbcOnlyIT::url)
                .toArray(URL[]::new);
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }
}
