package dev.dualwrite.shop;

import dev.dualwrite.postgres.TestDatabases;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the services that all tests of a run share, since a start takes longer than the tests. They are started for the first class
 * that wants one, and stopped after the last.
 */
final class Shops implements ParameterResolver {

    /** One that warns, with an EntityManagerFactory of its own, and one that refuses, with Boot's. */
    record Started(Shop warns, Shop fails) implements AutoCloseable {

        private static Started now() {
            return new Started(
                    Shop.start(TestDatabases.create(), "shop.own-factory=true"),
                    Shop.start(TestDatabases.create(), "dualwrite.capture.bypass=fail"));
        }

        @Override
        public void close() {
            warns.close();
            fails.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == Started.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return test.getRoot()
                .getStore(Namespace.create(Shops.class))
                .computeIfAbsent(Started.class, type -> Started.now(), Started.class);
    }
}
