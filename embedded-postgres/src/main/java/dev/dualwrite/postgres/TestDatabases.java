package dev.dualwrite.postgres;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Databases for tests, each a fresh one, all on one server that starts with the first and stops with the JVM.
 *
 * <p>Thread-safe. The first call blocks for the start of the server (1 to 5 s), each further one for about 0.1 s.
 */
public final class TestDatabases {

    /** Neither UTC nor the zone of our test JVMs, and not a whole number of hours off. */
    public static final String SESSION_ZONE = "Asia/Kathmandu";

    private static final AtomicInteger CREATED = new AtomicInteger();

    private TestDatabases() {}

    /** A new, empty database. Nothing needs to be closed or dropped. */
    public static TestDatabase create() {
        String name = "test_" + CREATED.incrementAndGet();
        PostgresServer server = server();
        return new TestDatabase(name, server.createDatabase(name), server.user(), server.password());
    }

    /** The server itself, for tests that look at it from outside. Do not close it. */
    public static PostgresServer server() {
        return Shared.SERVER;
    }

    // One for the whole JVM on purpose: a start costs seconds, and databases on it are isolated from each other.
    private static final class Shared {

        static final PostgresServer SERVER = start();

        private static PostgresServer start() {
            // No test takes the power away; a disk that is busy for seconds would be felt by every test with a timeout.
            PostgresServer server = PostgresServer.start(
                    PostgresConfig.defaults().withTimeZone(SESSION_ZONE).withSetting("fsync", "off"));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "test-postgres-stop"));
            return server;
        }
    }
}
