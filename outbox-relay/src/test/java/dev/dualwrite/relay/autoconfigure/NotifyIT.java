package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.Relay;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How soon a relay applies what another process commits. Two contexts on one database are two processes to it. */
class NotifyIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(6);

    private final TestDatabase database = TestDatabases.create();
    private final JdbcClient sql = JdbcClient.create(database.dataSource());
    private final List<String> applied = Pod.list();

    @Test
    void entryOfAnotherProcessIsAppliedLongBeforeTheNextPoll() {
        Pod.service(database, "copy")
                .run(service -> pod("30s").run(pod -> {
                    awaitLanesAndListener(pod);

                    // A poll within six of thirty seconds would be luck for one of them, not for all.
                    IntStream.range(0, 5).forEach(i -> applySoon(service, "order-" + i));
                }));
    }

    @Test
    void entryIsAppliedAtTheNextPollWithoutNotify() {
        Pod.service(database, "copy")
                .withPropertyValues("dualwrite.relay.notify=false")
                .run(service -> pod("500ms")
                        .withPropertyValues("dualwrite.relay.notify=false")
                        .run(pod -> {
                            await().atMost(SOON).until(() -> lanes(pod) == 16);
                            Pod.commit(service, "1");

                            await().atMost(SOON).until(() -> applied.contains("1"));
                            assertThat(Pod.threads("notify")).isEmpty();
                            assertThat(listeners()).isEmpty();
                        }));
    }

    @Test
    void relayListensAgainAfterItsConnectionWasKilled() {
        Pod.service(database, "copy")
                .run(service -> pod("30s").run(pod -> {
                    awaitLanesAndListener(pod);
                    int killed = listeners().get(0);

                    sql.sql("SELECT pg_terminate_backend(?)")
                            .param(killed)
                            .query()
                            .singleValue();

                    await().atMost(SOON).until(() -> listeners().stream().anyMatch(pid -> pid != killed));
                    IntStream.range(0, 5).forEach(i -> applySoon(service, "order-" + i));
                }));
    }

    @Test
    void whatWasCommittedWhileNobodyListenedIsAppliedWhenItListensAgain() {
        Pod.service(database, "copy")
                .run(service -> pod("30s").run(pod -> {
                    awaitLanesAndListener(pod);
                    int killed = listeners().get(0);

                    sql.sql("SELECT pg_terminate_backend(?)")
                            .param(killed)
                            .query()
                            .singleValue();
                    Pod.commit(service, "meanwhile");

                    await().atMost(AT_ONCE.multipliedBy(2)).until(() -> applied.contains("meanwhile"));
                }));
    }

    @Test
    void serviceWithTheOnlyRelaySendsNoNotify() throws SQLException {
        try (Connection outsider = database.dataSource().getConnection();
                Statement listen = outsider.createStatement()) {
            listen.execute("LISTEN dualwrite_dualwrite");
            pod("30s").run(pod -> {
                await().atMost(SOON).until(() -> lanes(pod) == 16);

                applySoon(pod, "1");

                assertThat(outsider.unwrap(PGConnection.class).getNotifications(500))
                        .isEmpty();
            });
        }
    }

    @Test
    void threadsOfBothEndsEndWithTheirContext() {
        Pod.service(database, "copy")
                .run(service -> pod("30s").run(pod -> {
                    awaitLanesAndListener(pod);
                    Pod.commit(service, "1");
                    await().atMost(SOON).until(() -> applied.contains("1"));
                    assertThat(Pod.threads("notify"))
                            .containsExactlyInAnyOrder("outbox-notify", "outbox-relay-notify-first");
                }));

        await().atMost(SOON).until(() -> Pod.threads("notify").isEmpty());
        await().atMost(SOON).until(() -> listeners().isEmpty());
    }

    private ApplicationContextRunner pod(String pollInterval) {
        return Pod.at(database)
                .withBean("copy", Sink.class, () -> Pod.recording(applied))
                .withPropertyValues("dualwrite.relay.poll-interval=" + pollInterval);
    }

    private void awaitLanesAndListener(ApplicationContext pod) {
        await().atMost(SOON).until(() -> lanes(pod) == 16 && !listeners().isEmpty());
    }

    private void applySoon(ApplicationContext service, String id) {
        Pod.commit(service, id);
        await().atMost(AT_ONCE).until(() -> applied.contains(id));
    }

    private static int lanes(ApplicationContext pod) {
        return pod.getBean(Relay.class).status().lanesHeld();
    }

    private List<Integer> listeners() {
        return sql.sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                        + " AND pid <> pg_backend_pid()")
                .query(Integer.class)
                .list();
    }
}
