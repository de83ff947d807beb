package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes of a service that start for the first time, at the same moment, on one empty database. */
class ConcurrentStartIT {

    private static final int PROCESSES = 4;
    private static final String WAITING_SESSIONS = """
            SELECT count(*)
            FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """;

    private final Sql sql = new Sql(TestDatabases.create());

    @ParameterizedTest
    @ValueSource(strings = {"TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE"})
    void allStartAndAgreeOnWhatTheyFind(String isolation) throws Exception {
        var seen = new ConcurrentLinkedQueue<Map<String, Short>>();
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var together = new CyclicBarrier(PROCESSES);
        List<Thread> processes = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            int process = i;
            processes.add(new Thread(() -> start(process, isolation, together, seen, failures), "process-" + i));
        }

        processes.forEach(Thread::start);
        for (Thread process : processes) {
            process.join(120_000);
        }

        assertThat(failures).isEmpty();
        assertThat(seen).hasSize(PROCESSES);
        assertThat(seen.stream().map(ids -> ids.get("copy")).distinct()).hasSize(1);
        assertThat(sql.query("SELECT name FROM dualwrite.sink ORDER BY name"))
                .containsExactly("copy", "own-0", "own-1", "own-2", "own-3");
        assertThat(sql.query("SELECT sink_id FROM dualwrite.sink ORDER BY sink_id"))
                .containsExactly("1", "2", "3", "4", "5");
        assertThat(sql.query("SELECT count(*) FROM dualwrite.lane")).containsExactly("80");
        assertThat(sql.query("SELECT script FROM dualwrite.dualwrite_schema_history"))
                .containsExactlyElementsOf(Schema.ALL_FILES);
    }

    @Test
    void schemaThatAnotherProcessIsJustCreatingIsWaitedFor() throws Exception {
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var seen = new ConcurrentLinkedQueue<Map<String, Short>>();
        Thread process = new Thread(
                () -> start(0, "TRANSACTION_READ_COMMITTED", new CyclicBarrier(1), seen, failures), "process-0");

        try (Connection other = sql.database().dataSource().getConnection()) {
            other.setAutoCommit(false);
            try (PreparedStatement lock = other.prepareStatement(SchemaStatements.LOCK_SCHEMA_NAME);
                    Statement create = other.createStatement()) {
                lock.setString(1, "dualwrite");
                lock.execute();
                create.execute(SchemaStatements.createSchema("dualwrite"));
            }
            process.start();
            await().until(() -> sql.query(WAITING_SESSIONS), List.of("1")::equals);
            other.commit();
        }
        process.join(120_000);

        assertThat(failures).isEmpty();
        assertThat(seen).hasSize(1);
    }

    private void start(
            int process,
            String isolation,
            CyclicBarrier together,
            ConcurrentLinkedQueue<Map<String, Short>> seen,
            ConcurrentLinkedQueue<Throwable> failures) {
        try {
            together.await();
            Starter.at(sql)
                    .withPropertyValues(
                            "dualwrite.outbox.sinks=copy,own-" + process,
                            "spring.datasource.hikari.transaction-isolation=" + isolation)
                    .run(context -> {
                        if (context.getStartupFailure() != null) {
                            failures.add(context.getStartupFailure());
                        } else {
                            seen.add(context.getBean(OutboxInstallation.class).sinkIds());
                        }
                    });
        } catch (Exception e) {
            failures.add(e);
        }
    }
}
