package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.sample.OrderClient;
import dev.dualwrite.sample.Orders;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The sample app dies under load, is started again, and nothing is lost and nothing done twice.
 *
 * <p>Each case is a number of JVMs, one after the other, on the same two databases. The one that has recovered in a case is the
 * one that dies in the next: a start costs seconds. A case that fails leaves nothing behind, the next one begins afresh.
 */
@TestInstance(Lifecycle.PER_CLASS)
class SampleCrashIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS = 4;

    private final long seed = Long.getLong("dualwrite.seed", System.nanoTime());
    private SplittableRandom random = new SplittableRandom(seed);
    private boolean recovered;
    private Scene scene;
    private SampleProcess process;

    @BeforeEach
    void begin() throws IOException {
        random = new SplittableRandom(seed);
        if (!recovered) {
            close();
            scene = Scene.create();
            process = scene.start();
        }
        recovered = false;
    }

    @AfterAll
    void close() {
        if (process != null) {
            process.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void dyingInACrashWindowLosesNothingAndRepeatsNothing(CrashWindow window) throws Exception {
        switch (window) {
            case ENTRIES_WRITTEN_NOT_COMMITTED,
                    COMMITTED_NOT_WOKEN,
                    CLAIMED_NOT_APPLIED,
                    WRITTEN_AT_SINK_NOT_COMMITTED,
                    APPLIED_NOT_SETTLED -> dieUnderLoad(window, random.nextInt(30, 90));
            // At most once a second.
            case SETTLED_FLOOR_NOT_STORED -> dieUnderLoad(window, 2);
            case LEASED_NOT_FENCED -> dieAtTheStart(window);
            case RETRIED_NOT_SETTLED -> dieAfterARetry(window);
            case ATTEMPT_BEGUN_NOT_ENDED -> dieInALoneAttempt(window);
            case FLOOR_STORED_NOT_UNLOCKED -> dieAtTheShutdown(window);
        }

        recover();
    }

    @Test
    void killAtAnyMomentLosesNothingAndRepeatsNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            if (round > 0) {
                process = scene.start();
            }
            Traffic traffic = traffic();
            int writes = random.nextInt(20, 300);
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).until(() -> traffic.acknowledged() >= writes);
            process.kill();
            traffic.awaitEnd();
        }

        recover();
    }

    private void dieUnderLoad(CrashWindow window, int visit) throws Exception {
        process.port();
        process.haltAt(window, visit);
        Traffic traffic = traffic();

        assertHalted();
        traffic.awaitEnd();
    }

    /** Leases are taken before there is any load; so the load comes first, while nothing is applied. */
    private void dieAtTheStart(CrashWindow window) throws Exception {
        process.port();
        var primary = scene.stores().primary();
        primary.sql("SELECT dualwrite.pause_sink('order-documents', 'load comes first')")
                .query(String.class)
                .single();
        Traffic traffic = traffic();
        await().atMost(LIMIT).until(() -> scene.stores().backlog() >= 100);
        process.terminate();
        traffic.awaitEnd();
        primary.sql("SELECT dualwrite.resume_sink('order-documents', 'load is there')")
                .query(String.class)
                .single();
        assertThat(scene.stores().backlog()).isGreaterThanOrEqualTo(100);

        process = scene.start(halt(window), visit(random.nextInt(1, 17)));
        assertHalted();
    }

    /** The secondary refuses one order, until it has been tried twice. */
    private void dieAfterARetry(CrashWindow window) throws Exception {
        OrderClient client = process.client();
        process.haltAt(window, 2);
        scene.refuse();
        assertThat(client.post(Orders.revision(Scene.REFUSED, 1)).status()).isEqualTo(201);
        Traffic traffic = traffic();

        assertHalted();
        traffic.awaitEnd();
        scene.refuseNoMore();
    }

    /** As above, and the order is suspected of having ended relays before. */
    private void dieInALoneAttempt(CrashWindow window) throws Exception {
        var primary = scene.stores().primary();
        OrderClient client = process.client();
        scene.refuse();
        assertThat(client.post(Orders.revision(Scene.REFUSED, 1)).status()).isEqualTo(201);
        await().atMost(LIMIT)
                .until(() -> primary.sql("SELECT count(*) FROM dualwrite.held_entry")
                                .query(Integer.class)
                                .single()
                        == 1);
        process.kill();
        // Not while a relay runs, whose next attempt might be a lone one already.
        assertThat(primary.sql("UPDATE dualwrite.held_entry SET suspect = true").update())
                .isEqualTo(1);
        process = scene.start(halt(window), visit(1));
        assertHalted();
        assertThat(primary.sql("SELECT unfinished FROM dualwrite.held_entry")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        scene.refuseNoMore();
    }

    private void dieAtTheShutdown(CrashWindow window) throws Exception {
        process.port();
        process.haltAt(window, 1);
        Traffic traffic = traffic();
        await().atMost(LIMIT).until(() -> traffic.acknowledged() >= 100);

        assertThat(process.terminate()).as(process.describe()).isEqualTo(CrashApp.HALTED);
        traffic.awaitEnd();
    }

    /** Starts the app again, writes on, and compares when all is applied. */
    private void recover() throws Exception {
        process = scene.start();
        Traffic after = traffic();
        await().atMost(LIMIT).until(() -> after.acknowledged() >= 50);
        after.stop();
        scene.awaitDrained(process);

        scene.check();
        recovered = true;
    }

    private Traffic traffic() throws Exception {
        return scene.traffic(process, random.nextLong());
    }

    private void assertHalted() throws InterruptedException {
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
