package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.postgres.TestDatabase;
import java.io.File;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A JVM that dies in each crash window of the write path. The tests have the names of the windows. */
class AppendCrashIT {

    private final TestOutbox database = TestOutbox.install();

    @BeforeEach
    void accountTable() {
        database.jdbc().execute("CREATE TABLE account (id bigint PRIMARY KEY)");
    }

    // Nothing of it is there, and what the transaction held is free again.
    @Test
    void entriesWrittenNotCommitted() throws Exception {
        dieIn(CrashWindow.ENTRIES_WRITTEN_NOT_COMMITTED);

        await().untilAsserted(() -> assertThat(database.jdbc()
                        .queryForObject(
                                "SELECT count(*) FROM pg_stat_activity"
                                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()",
                                Integer.class))
                .isZero());
        assertThat(database.entries()).isEmpty();
        assertThat(accounts()).isZero();
    }

    // All of it is there: a relay finds it by itself.
    @Test
    void committedNotWoken() throws Exception {
        dieIn(CrashWindow.COMMITTED_NOT_WOKEN);

        assertThat(database.payloads()).containsExactly("a");
        assertThat(accounts()).isEqualTo(1);
    }

    private int accounts() {
        return database.jdbc().queryForObject("SELECT count(*) FROM account", Integer.class);
    }

    private void dieIn(CrashWindow window) throws Exception {
        TestDatabase where = database.database();
        Process service = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingService.class.getName(),
                        window.name(),
                        where.name(),
                        where.url(),
                        where.user(),
                        where.password())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(service.waitFor(2, TimeUnit.MINUTES))
                    .as("the service ended")
                    .isTrue();
            assertThat(service.exitValue()).isEqualTo(CrashingService.DIED_IN_WINDOW);
        } finally {
            service.destroyForcibly();
        }
    }
}
