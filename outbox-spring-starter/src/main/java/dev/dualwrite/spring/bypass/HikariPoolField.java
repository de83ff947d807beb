package dev.dualwrite.spring.bypass;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;

/**
 * Shows the pool of a HikariDataSource in its proxy as well: Spring Boot reads that field for its metrics, and a proxy has empty
 * ones. In a class of its own: a service may have left Hikari out. Thread-safe, without state.
 */
final class HikariPoolField {

    private static final String POOL = "pool";

    private HikariPoolField() {}

    /** Called when the first connection was taken, since the pool is made for it. */
    static void show(DataSource target, Object proxy) {
        if (target instanceof HikariDataSource && proxy instanceof HikariDataSource) {
            try {
                Object pool = new DirectFieldAccessor(target).getPropertyValue(POOL);
                new DirectFieldAccessor(proxy).setPropertyValue(POOL, pool);
            } catch (BeansException e) {
                // Another Hikari, whose field Boot would not find either: it has no metrics then, as before.
                return;
            }
        }
    }
}
