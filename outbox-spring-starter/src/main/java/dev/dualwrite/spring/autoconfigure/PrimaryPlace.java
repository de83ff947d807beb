package dev.dualwrite.spring.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.util.ClassUtils;

/** Where a primary is, in words for a person: host, port and database, never credentials or parameters. */
public final class PrimaryPlace {

    private static final boolean HIKARI =
            ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", PrimaryPlace.class.getClassLoader());

    private static final Pattern PLACE = Pattern.compile("jdbc:[\\w:-]+://(?:[^/@?]*@)?([^?;@]+).*");

    private PrimaryPlace() {}

    /** As far as the pool tells it. */
    static String of(DataSource dataSource) {
        String url = HIKARI ? Hikari.urlOf(dataSource) : null;
        return url == null ? "the DataSource " + dataSource.getClass().getName() : of(url);
    }

    /** Of a JDBC URL. */
    public static String of(String url) {
        Matcher place = PLACE.matcher(url);
        return place.matches()
                ? place.group(1)
                : "a place whose URL has another form than jdbc:postgresql://host:port/database";
    }

    /** In a class of its own: a service may use another pool and have left Hikari out. */
    private static final class Hikari {

        static @Nullable String urlOf(DataSource dataSource) {
            HikariDataSource pool = DataSourceUnwrapper.unwrap(dataSource, HikariDataSource.class);
            return pool == null ? null : pool.getJdbcUrl();
        }
    }
}
