package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.internal.LoggedEvents;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary that has forgotten numbers draws them again; versions must rise all the same. */
class EpochIT {

    private static final Duration SOON = Duration.ofSeconds(15);

    private OutboxDatabase database;
    private Relays relays;
    private final RecordingSink sink = new RecordingSink();
    private final Map<String, Long> versions = new ConcurrentHashMap<>();

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
        // Guarded, as a sink must be.
        sink.behaviour = entry -> {
            long version = entry.version().value();
            return versions.merge(entry.aggregate().id(), version, Math::max) == version
                    ? ApplyResult.applied()
                    : ApplyResult.stale();
        };
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void numbersThatAreDrawnAgainWinAgainstThoseThatWereForgotten() {
        relays.start("copy", sink);
        for (int i = 0; i < 5; i++) {
            database.append(order(1, "lost" + i));
        }
        await().atMost(SOON).until(() -> sink.applied(1).contains("lost4"));

        // What a failover to a standby that missed the last commits leaves: another timeline, a smaller number.
        // Both at once: the relay might see two failovers otherwise.
        database.sql
                .sql("UPDATE dualwrite.control SET primary_identity = 'this cluster/its last timeline';"
                        + " ALTER SEQUENCE dualwrite.entry_sequence RESTART WITH 2")
                .update();
        database.append(order(1, "survivor"));

        await().atMost(SOON).until(() -> sink.applied(1).contains("survivor"));
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(database.count("SELECT epoch FROM dualwrite.control")).isEqualTo(1);
    }

    @Test
    void sequenceThatFallsBehindWhatTheRelaySawRaisesTheEpoch() {
        relays.start("copy", sink);
        for (int i = 0; i < 5; i++) {
            database.append(order(1, "lost" + i));
        }
        await().atMost(SOON).until(() -> sink.applied(1).contains("lost4"));

        database.sql
                .sql("ALTER SEQUENCE dualwrite.entry_sequence RESTART WITH 2")
                .update();
        database.append(order(1, "survivor"));

        await().atMost(SOON).until(() -> sink.applied(1).contains("survivor"));
    }

    @Test
    void lanesAreTakenAgainThoughTheirLocksWereForgotten() {
        relays.start("copy", sink);
        database.append(order(1, "a"));
        await().atMost(SOON).until(() -> sink.applied(1).contains("a"));

        database.sql.sql("DELETE FROM dualwrite.shedlock").update();
        database.sql
                .sql("UPDATE dualwrite.control SET primary_identity = 'this cluster/its last timeline'")
                .update();
        database.append(order(1, "b"));

        await().atMost(SOON).until(() -> sink.applied(1).contains("b"));
    }

    @Test
    void epochRisesAboveAnyThatTheRelayHasSeenThoughThePrimaryForgotTheLastRise() {
        database.sql.sql("UPDATE dualwrite.control SET epoch = 3").update();
        relays.start("copy", sink);
        database.append(order(1, "a"), order(1, "b"));
        await().atMost(SOON).until(() -> sink.applied(1).contains("b"));

        // A second failover, to a standby that had missed the first: an older epoch, and more numbers than were seen.
        database.sql
                .sql("UPDATE dualwrite.control SET epoch = 2, primary_identity = 'this cluster/another timeline'")
                .update();
        database.sql
                .sql("ALTER SEQUENCE dualwrite.entry_sequence RESTART WITH 100")
                .update();
        database.append(order(1, "survivor"));

        await().atMost(SOON).until(() -> sink.applied(1).contains("survivor"));
        assertThat(database.count("SELECT epoch FROM dualwrite.control")).isEqualTo(4);
    }

    @Test
    void actThatThePrimaryForgotIsForgottenByTheRelayToo() {
        relays.start("copy", sink);
        try (var logged = new LoggedEvents()) {
            database.sql
                    .sql("SELECT dualwrite.pause_sink('copy', 'maintenance')")
                    .query()
                    .listOfRows();
            await().atMost(SOON).until(() -> logged.of("sink_paused").size() == 1);
        }
        database.append(order(1, "a"));
        await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> sink.appliedCount() == 0);

        // The standby had missed the act, and raising the epoch takes the number of the control version again.
        database.sql
                .sql("UPDATE dualwrite.sink SET paused_at = NULL, paused_by = NULL, paused_reason = NULL")
                .update();
        database.sql
                .sql("UPDATE dualwrite.control"
                        + " SET version = version - 1, primary_identity = 'this cluster/its last timeline'")
                .update();

        await().atMost(SOON).until(() -> sink.applied(1).contains("a"));
    }

    @Test
    void manyRelaysRaiseTheEpochOnce() {
        for (int i = 0; i < 4; i++) {
            relays.start("copy", sink);
        }
        database.append(order(1, "a"));
        await().atMost(SOON).until(() -> sink.applied(1).contains("a"));

        database.sql
                .sql("UPDATE dualwrite.control SET primary_identity = 'this cluster/its last timeline'")
                .update();

        database.append(order(1, "b"));
        await().atMost(SOON).until(() -> sink.applied(1).contains("b"));
        await().during(Duration.ofSeconds(1))
                .atMost(SOON)
                .until(() -> database.count("SELECT epoch FROM dualwrite.control") == 1);
    }
}
