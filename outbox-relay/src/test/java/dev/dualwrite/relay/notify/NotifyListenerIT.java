package dev.dualwrite.relay.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.wire.TcpProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What a listener notices of its wire. */
class NotifyListenerIT {

    private static final String POOLED = "notify-listener-it";

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger woken = new AtomicInteger();

    @Test
    void wireThatFellSilentIsNoticedWithinALeaseAndReplaced() throws Exception {
        try (var wire = new TcpProxy(0, TestDatabases.server().port())) {
            NotifyListener listener = listener(wire.port(), Duration.ofSeconds(2));
            listener.start();
            await().atMost(Duration.ofSeconds(10)).until(() -> woken.get() == 1);

            wire.fallSilent();

            await().atMost(Duration.ofSeconds(15)).until(() -> opened.get() > 1);
            listener.stop();
        }
    }

    @Test
    void stopDoesNotWaitForTheNextLook() throws Exception {
        NotifyListener listener = listener(TestDatabases.server().port(), Duration.ofMinutes(10));
        listener.start();
        await().atMost(Duration.ofSeconds(10)).until(() -> woken.get() == 1);

        long begin = System.nanoTime();
        listener.stop();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void longSchemaIsHeardUnderTheNameThatTheServerCutsOff() throws Exception {
        String schema = "s".repeat(63);
        NotifyListener listener = new NotifyListener(
                "it",
                source(TestDatabases.server().port()),
                new WakeUpChannel(schema),
                Duration.ofSeconds(30),
                woken::incrementAndGet);
        listener.start();
        await().atMost(Duration.ofSeconds(10)).until(() -> woken.get() == 1);

        try (Connection sender = source(TestDatabases.server().port()).getConnection();
                var notify = sender.prepareStatement("SELECT pg_notify(left('dualwrite_' || ?, 63), '')")) {
            notify.setString(1, schema);
            notify.execute();
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> woken.get() == 2);
        listener.stop();
    }

    @Test
    void stopEndsTheSessionAndThePoolHasNothingToWarnOf() throws Exception {
        var log = new ListAppender<ILoggingEvent>();
        var hikari = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
        log.start();
        hikari.addAppender(log);
        try (HikariDataSource pool = pool()) {
            var listener = new NotifyListener(
                    "it", pool, new WakeUpChannel("dualwrite"), Duration.ofMinutes(10), woken::incrementAndGet);
            listener.start();
            await().atMost(Duration.ofSeconds(10)).until(() -> woken.get() == 1);

            listener.stop();

            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            await().atMost(Duration.ofSeconds(10)).until(() -> sessionsThatListen() == 0);
        } finally {
            hikari.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .isEmpty();
    }

    private static HikariDataSource pool() {
        var pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://localhost:" + TestDatabases.server().port() + "/postgres");
        pool.setUsername(TestDatabases.server().user());
        pool.setPassword(TestDatabases.server().password());
        pool.addDataSourceProperty("ApplicationName", POOLED);
        pool.setMaximumPoolSize(2);
        pool.setMinimumIdle(0);
        return pool;
    }

    private int sessionsThatListen() throws SQLException {
        try (Connection observer = source(TestDatabases.server().port()).getConnection();
                var select = observer.prepareStatement("""
                        SELECT count(*)
                        FROM pg_stat_activity
                        WHERE application_name = ? AND query LIKE 'LISTEN%'
                        """)) {
            select.setString(1, POOLED);
            try (var row = select.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private NotifyListener listener(int port, Duration lease) {
        return new NotifyListener("it", source(port), new WakeUpChannel("dualwrite"), lease, woken::incrementAndGet);
    }

    private DelegatingDataSource source(int port) {
        var source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://localhost:" + port + "/postgres");
        source.setUser(TestDatabases.server().user());
        source.setPassword(TestDatabases.server().password());
        return new DelegatingDataSource(source) {
            @Override
            public Connection getConnection() throws SQLException {
                opened.incrementAndGet();
                return super.getConnection();
            }
        };
    }
}
