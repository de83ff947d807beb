package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Schema;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** A native image has what is read by name. */
class DualwriteRuntimeHintsTest {

    @Test
    void everySchemaFileIsInANativeImage() throws Exception {
        var files = new PathMatchingResourcePatternResolver().getResources("classpath:" + Schema.LOCATION + "/*.sql");

        assertThat(files)
                .isNotEmpty()
                .allSatisfy(file -> assertThat(hints())
                        .matches(RuntimeHintsPredicates.resource()
                                .forResource(Schema.LOCATION + "/" + file.getFilename())));
    }

    @Test
    void connectionsCanBeProxied() {
        assertThat(hints()).matches(RuntimeHintsPredicates.proxies().forInterfaces(Connection.class));
    }

    /** As Spring finds them: by the file of factories. */
    private static RuntimeHints hints() {
        var hints = new RuntimeHints();
        SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
                .load(RuntimeHintsRegistrar.class)
                .stream()
                .filter(DualwriteRuntimeHints.class::isInstance)
                .forEach(registrar -> registrar.registerHints(hints, null));
        return hints;
    }
}
