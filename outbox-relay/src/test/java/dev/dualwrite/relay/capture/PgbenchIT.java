package dev.dualwrite.relay.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import dev.dualwrite.relay.state.References;
import dev.dualwrite.relay.state.References.Loaders;
import dev.dualwrite.relay.state.References.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The tables of pgbench, captured by trigger, stay equal at the secondary under its own TPC-B-like load of eight clients: by the
 * program where it is installed, and by JDBC everywhere.
 *
 * <p>The copies are in a schema of the same database, so that one statement compares them.
 */
class PgbenchIT {

    private static final int TRANSACTIONS = 150;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Table and key. */
    private static final Map<String, String> TABLES = new LinkedHashMap<>(Map.of(
            "pgbench_branches", "bid",
            "pgbench_tellers", "tid",
            "pgbench_accounts", "aid",
            "pgbench_history", "number"));

    static Stream<TellerLoad> loads() {
        return Stream.concat(
                PgbenchProgram.find().map(program -> PgbenchProgram.of(program, TestDatabases.create())).stream(),
                Stream.of(new JdbcTellers(TestDatabases.create())));
    }

    @ParameterizedTest
    @MethodSource("loads")
    void capturedTablesAreEqualAtTheSecondary(TellerLoad load) throws Exception {
        try (HikariDataSource pool = pool(load.database())) {
            JdbcClient sql = JdbcClient.create(pool);
            load.create();
            captureAll(sql);
            Relay relay = relay(pool);
            relay.start();
            try {
                load.run(TRANSACTIONS, false);
                assertEqual(sql, TellerLoad.CLIENTS * TRANSACTIONS);

                load.run(TRANSACTIONS / 5, true);
                assertEqual(sql, TellerLoad.CLIENTS * TRANSACTIONS / 5);
            } finally {
                relay.stop();
            }
        }
    }

    /** The history has no key of its own; its identity makes each row an aggregate. */
    private static void captureAll(JdbcClient sql) {
        sql.sql("ALTER TABLE pgbench_history ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
                .update();
        sql.sql("CREATE SCHEMA dualwrite").update();
        sql.sql(Schema.script("dualwrite", 4)).update();
        sql.sql("CREATE SCHEMA copy").update();
        TABLES.forEach((table, key) -> {
            sql.sql("SELECT dualwrite.register_sink(?)").param(table).query().singleRow();
            // As the guide says for a small table: in one transaction, first captured, so that nobody writes between,
            // then
            // copied with version 0, so that every change is newer.
            sql.sql("""
                    DO $$ BEGIN
                    PERFORM dualwrite.capture_table('%1$s', '%1$s', '%1$s', '{%2$s}', 'record');
                    CREATE TABLE copy.%1$s AS SELECT *, 0::bigint AS dualwrite_version FROM %1$s;
                    END $$
                    """.formatted(table, key)).update();
            sql.sql("ALTER TABLE copy.%s ALTER COLUMN dualwrite_version SET NOT NULL, ADD PRIMARY KEY (%s)"
                            .formatted(table, key))
                    .update();
        });
    }

    private static Relay relay(HikariDataSource pool) {
        var references =
                new References(pool, "dualwrite", new Loaders(List.of(), List.of()), new Room(1_000_000, 8_000_000));
        Map<String, Short> ids = new ControlStore(pool, "dualwrite").registerSinks(TABLES.keySet());
        var sinks = new ArrayList<ConfiguredSink>();
        TABLES.forEach((table, key) -> sinks.add(new ConfiguredSink(
                table,
                ids.get(table),
                references.before(
                        JdbcSink.builder(pool)
                                .name(table)
                                .table("copy." + table)
                                .keyColumns(key)
                                .build(),
                        TIMEOUT),
                new RetryPolicy(3, new Backoff(Duration.ofMillis(100), Duration.ofMillis(400)), Duration.ofSeconds(5)),
                TIMEOUT)));
        var claims = new ClaimConfig(1000, 1_000_000, Duration.ofMillis(50), 1);
        var config = new RelayConfig(claims, Duration.ofSeconds(10), Duration.ofSeconds(5));
        return new Relay(pool, "dualwrite", config, sinks, CrashProbe.NONE);
    }

    private static void assertEqual(JdbcClient sql, int transactions) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> number(sql, "SELECT count(*) FROM dualwrite.outbox_entry") == 0);

        assertThat(number(sql, "SELECT count(*) FROM dualwrite.held_entry"))
                .as("entries that failed")
                .isZero();
        assertThat(number(sql, "SELECT count(*) FROM pgbench_history"))
                .as("transactions")
                .isEqualTo(transactions);
        TABLES.keySet()
                .forEach(table -> assertThat(number(sql, difference(table)))
                        .as("rows of %s that are on one side only", table)
                        .isZero());
    }

    /** Both ways, all columns but the version. */
    private static String difference(String table) {
        return """
                WITH copied AS (
                    SELECT (to_jsonb(c) - 'dualwrite_version') AS state FROM copy.%1$s c
                ), present AS (
                    SELECT to_jsonb(p) AS state FROM %1$s p
                )
                SELECT count(*)
                FROM ((TABLE present EXCEPT ALL TABLE copied) UNION ALL (TABLE copied EXCEPT ALL TABLE present)) d
                """.formatted(table);
    }

    private static long number(JdbcClient sql, String query) {
        return sql.sql(query).query(Long.class).single();
    }

    private static HikariDataSource pool(TestDatabase database) {
        var config = new HikariConfig();
        config.setDataSource(database.dataSource());
        config.setMaximumPoolSize(24);
        return new HikariDataSource(config);
    }
}
