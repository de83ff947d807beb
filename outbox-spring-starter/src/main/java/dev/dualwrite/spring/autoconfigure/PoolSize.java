package dev.dualwrite.spring.autoconfigure;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.util.ClassUtils;

/** Whether a DataSource has one connection only, as far as that can be told. */
final class PoolSize {

    private static final boolean HIKARI =
            ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", PoolSize.class.getClassLoader());

    private PoolSize() {}

    static boolean isOne(DataSource dataSource) {
        return HIKARI && Hikari.maximumOf(dataSource) == 1;
    }

    /** In a class of its own: a service may use another pool and have left Hikari out. */
    private static final class Hikari {

        static int maximumOf(DataSource dataSource) {
            try {
                HikariConfigMXBean pool = dataSource.isWrapperFor(HikariDataSource.class)
                        ? dataSource.unwrap(HikariDataSource.class)
                        : null;
                return pool == null ? Integer.MAX_VALUE : pool.getMaximumPoolSize();
            } catch (SQLException e) {
                // It does not say, so it is treated as any other.
                return Integer.MAX_VALUE;
            }
        }
    }
}
