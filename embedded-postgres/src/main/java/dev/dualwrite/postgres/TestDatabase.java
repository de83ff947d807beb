package dev.dualwrite.postgres;

import javax.sql.DataSource;

/**
 * A database of its own for a test class. Immutable.
 *
 * @param name the database's name
 * @param url its JDBC URL, without user and password
 * @param user a superuser
 * @param password accepted, not checked
 */
public record TestDatabase(String name, String url, String user, String password) {

    /**
     * A source of new connections, unpooled and thread-safe, whose sessions are in the time zone
     * {@value TestDatabases#SESSION_ZONE}. (pgjdbc would give each session the JVM's zone, and hide mistakes.)
     */
    public DataSource dataSource() {
        ZonedDataSource source = new ZonedDataSource(TestDatabases.SESSION_ZONE);
        source.setUrl(url);
        source.setUser(user);
        source.setPassword(password);
        return source;
    }
}
