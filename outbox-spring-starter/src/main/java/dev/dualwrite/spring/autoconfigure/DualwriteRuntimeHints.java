package dev.dualwrite.spring.autoconfigure;

import java.sql.Connection;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image of a service or a relay pod must keep, and Spring's AOT processing cannot see: files that are read by name,
 * and proxies that are made by hand. Named in {@code META-INF/spring/aot.factories}; not used on the JVM.
 */
final class DualwriteRuntimeHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources().registerPattern("dev/dualwrite/**");
        // ReadCommittedDataSource.
        hints.proxies().registerJdkProxy(Connection.class);
    }
}
