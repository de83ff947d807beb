package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.sample.OrderClient;
import dev.dualwrite.sample.Orders;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The sample app dies under load, is started again, and nothing is lost and nothing done twice.
 *
 * <p>Each case is a number of JVMs, one after the other, on the same two databases.
 */
class SampleCrashIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS = 4;

    private final long seed = Long.getLong("dualwrite.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void dyingInACrashWindowLosesNothingAndRepeatsNothing(CrashWindow window) throws Exception {
        Scene scene = Scene.create();

        switch (window) {
            case ENTRIES_WRITTEN_NOT_COMMITTED,
                    COMMITTED_NOT_WOKEN,
                    CLAIMED_NOT_APPLIED,
                    WRITTEN_AT_SINK_NOT_COMMITTED,
                    APPLIED_NOT_SETTLED -> dieUnderLoad(scene, window, random.nextInt(30, 90));
            // At most once a second.
            case SETTLED_FLOOR_NOT_STORED -> dieUnderLoad(scene, window, 2);
            case LEASED_NOT_FENCED -> dieAtTheStart(scene, window);
            case RETRIED_NOT_SETTLED -> dieAfterARetry(scene, window);
            case ATTEMPT_BEGUN_NOT_ENDED -> dieInALoneAttempt(scene, window);
            case FLOOR_STORED_NOT_UNLOCKED -> dieAtTheShutdown(scene, window);
        }

        recover(scene);
    }

    @Test
    void killAtAnyMomentLosesNothingAndRepeatsNothing() throws Exception {
        Scene scene = Scene.create();
        for (int round = 0; round < ROUNDS; round++) {
            try (SampleProcess process = scene.start()) {
                Traffic traffic = traffic(scene, process);
                int writes = random.nextInt(20, 300);
                await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).until(() -> traffic.acknowledged() >= writes);
                process.kill();
                traffic.awaitEnd();
            }
        }

        recover(scene);
    }

    private void dieUnderLoad(Scene scene, CrashWindow window, int visit) throws Exception {
        try (SampleProcess process = scene.start(halt(window), visit(visit))) {
            Traffic traffic = traffic(scene, process);

            assertHalted(process);
            traffic.awaitEnd();
        }
    }

    /** Leases are taken before there is any load; so the load comes first, in a process without a relay. */
    private void dieAtTheStart(Scene scene, CrashWindow window) throws Exception {
        try (SampleProcess writer = scene.startWithoutRelay()) {
            Traffic traffic = traffic(scene, writer);
            await().atMost(LIMIT).until(() -> traffic.acknowledged() >= 100);
            writer.kill();
            traffic.awaitEnd();
        }
        assertThat(scene.stores().backlog()).isGreaterThanOrEqualTo(100);

        try (SampleProcess process = scene.start(halt(window), visit(random.nextInt(1, 17)))) {
            assertHalted(process);
        }
    }

    /** The secondary refuses one order, until it has been tried twice. */
    private void dieAfterARetry(Scene scene, CrashWindow window) throws Exception {
        try (SampleProcess process = scene.start(halt(window), visit(2))) {
            OrderClient client = process.client();
            scene.stores()
                    .secondary()
                    .sql("ALTER TABLE order_documents ADD CONSTRAINT refused CHECK (customer NOT LIKE 'refused%')")
                    .update();
            assertThat(client.post(Orders.revision("refused", 1)).status()).isEqualTo(201);
            Traffic traffic = traffic(scene, process);

            assertHalted(process);
            traffic.awaitEnd();
        }
        scene.stores()
                .secondary()
                .sql("ALTER TABLE order_documents DROP CONSTRAINT refused")
                .update();
    }

    /** As above, and the order is suspected of having ended relays before. */
    private void dieInALoneAttempt(Scene scene, CrashWindow window) throws Exception {
        var secondary = scene.stores().secondary();
        var primary = scene.stores().primary();
        try (SampleProcess process = scene.start()) {
            OrderClient client = process.client();
            secondary
                    .sql("ALTER TABLE order_documents ADD CONSTRAINT refused CHECK (customer NOT LIKE 'refused%')")
                    .update();
            assertThat(client.post(Orders.revision("refused", 1)).status()).isEqualTo(201);
            await().atMost(LIMIT)
                    .until(() -> primary.sql("SELECT count(*) FROM dualwrite.held_entry")
                                    .query(Integer.class)
                                    .single()
                            == 1);
            process.kill();
        }
        // Not while a relay runs, whose next attempt might be a lone one already.
        assertThat(primary.sql("UPDATE dualwrite.held_entry SET suspect = true").update())
                .isEqualTo(1);
        try (SampleProcess process = scene.start(halt(window), visit(1))) {
            assertHalted(process);
        }
        assertThat(primary.sql("SELECT unfinished FROM dualwrite.held_entry")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        secondary.sql("ALTER TABLE order_documents DROP CONSTRAINT refused").update();
    }

    private void dieAtTheShutdown(Scene scene, CrashWindow window) throws Exception {
        try (SampleProcess process = scene.start(halt(window), visit(1))) {
            Traffic traffic = traffic(scene, process);
            await().atMost(LIMIT).until(() -> traffic.acknowledged() >= 100);

            assertThat(process.terminate()).as(process.describe()).isEqualTo(CrashApp.HALTED);
            traffic.awaitEnd();
        }
    }

    /** Starts the app again, writes on, and compares when all is applied. */
    private void recover(Scene scene) throws Exception {
        try (SampleProcess process = scene.start()) {
            Traffic after = traffic(scene, process);
            await().atMost(LIMIT).until(() -> after.acknowledged() >= 50);
            after.stop();
            scene.awaitDrained(process);

            scene.check();

            process.terminate();
        }
    }

    private Traffic traffic(Scene scene, SampleProcess process) throws Exception {
        return scene.traffic(process, random.nextLong());
    }

    private void assertHalted(SampleProcess process) throws InterruptedException {
        assertThat(process.exitCode())
                .as("exit code, seed %d%s", seed, process.describe())
                .isEqualTo(CrashApp.HALTED);
    }

    private static String halt(CrashWindow window) {
        return "-D" + CrashApp.WINDOW + "=" + window;
    }

    private static String visit(int visit) {
        return "-D" + CrashApp.VISIT + "=" + visit;
    }
}
