package dev.dualwrite.spring.autoconfigure;

import java.util.Set;
import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDatabaseInitializerDetector;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Makes every bean that Boot knows to use the database wait for {@link SchemaInitializer}. Immutable. */
final class DualwriteDatabaseInitializerDetector extends AbstractBeansOfTypeDatabaseInitializerDetector {

    private final Environment environment;

    DualwriteDatabaseInitializerDetector(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected Set<Class<?>> getDatabaseInitializerBeanTypes() {
        return Set.of(SchemaInitializer.class);
    }

    /**
     * Before the service's own migrations, which may use what is in the schema; where we install nothing, after them, since
     * they may be what installs it.
     */
    @Override
    public int getOrder() {
        String mode = environment.getProperty("dualwrite.schema.mode", "migrate");
        return mode.equalsIgnoreCase("migrate") ? Ordered.HIGHEST_PRECEDENCE : Ordered.LOWEST_PRECEDENCE;
    }
}
