package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.sample.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The demo as it is started from the command line, databases and all. */
class DemoCrashIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SIGTERM = 143;
    private static final int ORDERS = 3000;

    @TempDir
    private Path temp;

    @Test
    void killedWhileItLoadsItGoesOnWhereItStoodAndEndsCleanly() throws Exception {
        try (SampleProcess killed = start("first")) {
            Stores stores = stores(killed);
            await().atMost(LIMIT).until(() -> loaded(stores) > 0);
            killed.kill();
        }

        try (SampleProcess next = start("first")) {
            Stores stores = stores(next);
            await().atMost(LIMIT).until(() -> loaded(stores) == ORDERS);
            await().atMost(LIMIT).until(() -> stores.backlog() == 0);
            assertThat(stores.primaryDocuments()).hasSize(ORDERS);
            assertThat(stores.secondaryDocuments()).isEqualTo(stores.primaryDocuments());

            assertThat(next.terminate()).isEqualTo(SIGTERM);
            assertThat(next.output())
                    .as("no stack trace, no error")
                    .noneMatch(line -> line.startsWith("\tat ") || line.contains(" ERROR "));
        }
    }

    @Test
    void twoCheckoutsRunSideBySideAndTheSameOneTwiceIsRefused() throws Exception {
        try (SampleProcess first = start("first");
                SampleProcess second = start("second")) {
            assertThat(first.port()).isNotEqualTo(second.port());
            assertThat(first.client().get("/actuator/info").body())
                    .isNotEqualTo(second.client().get("/actuator/info").body());

            try (SampleProcess twice = start("first")) {
                assertThat(twice.exitCode()).isEqualTo(1);
                assertThat(twice.output()).anyMatch(line -> line.contains("in use by another process"));
                assertThat(twice.output()).anyMatch(line -> line.contains("--sample.data-dir"));
            }
        }
    }

    private SampleProcess start(String checkout) throws IOException {
        return SampleProcess.start(
                List.of(),
                List.of(
                        "--sample.data-dir=" + temp.resolve(checkout),
                        "--sample.seed-orders=" + ORDERS,
                        "--sample.load.rate=0",
                        // So that the lease of the killed one does not hold its successor up for long.
                        "--dualwrite.relay.lease-duration=2s",
                        "--dualwrite.relay.sink-timeout=1s"));
    }

    /** Found as a script would find them. */
    private static Stores stores(SampleProcess process) throws Exception {
        JsonNode stores = process.client().get("/actuator/info").json().get("stores");
        return new Stores(
                Stores.client(stores.get("primary").get("url").asString()),
                Stores.client(stores.get("secondary").get("url").asString()));
    }

    private static int loaded(Stores stores) {
        return stores.primary()
                .sql("SELECT loaded FROM demo_data")
                .query(Integer.class)
                .single();
    }
}
