package dev.dualwrite.relay.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.wire.TcpProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What a listener notices of its wire. */
class NotifyListenerIT {

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
