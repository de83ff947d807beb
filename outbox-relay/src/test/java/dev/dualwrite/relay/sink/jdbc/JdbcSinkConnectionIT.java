package dev.dualwrite.relay.sink.jdbc;

import static dev.dualwrite.relay.sink.jdbc.Secondary.APPLIED;
import static dev.dualwrite.relay.sink.jdbc.Secondary.STALE;
import static dev.dualwrite.relay.sink.jdbc.Secondary.delete;
import static dev.dualwrite.relay.sink.jdbc.Secondary.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.retry.FailureClassifier;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.sink.StartupCheck;
import dev.dualwrite.relay.wire.TcpProxy;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What the sink does to connections, how long it waits, and what it costs. */
class JdbcSinkConnectionIT {

    private static final Secondary SECONDARY = new Secondary();
    private static final ClaimedEntry GOOD = upsert("1", 10, "{\"name\":\"a\"}");

    @BeforeAll
    static void createTable() {
        SECONDARY.run("CREATE TABLE copy (id int PRIMARY KEY, name text CHECK (name <> 's3cret'),"
                + " dualwrite_version bigint NOT NULL DEFAULT 0)");
    }

    @BeforeEach
    void emptyTables() {
        SECONDARY.run("TRUNCATE copy", "DROP TABLE IF EXISTS dualwrite_tombstone");
    }

    @Test
    void thousandUpsertsTakeTwoRoundTrips() throws Exception {
        try (var proxy = new TcpProxy(0, port());
                var pool = pool(proxy)) {
            JdbcSink sink = sink(pool).build();
            // Ten times: the driver prepares on the server from the fifth on, which must not cost a turn more.
            for (int call = 1; call <= 10; call++) {
                List<ClaimedEntry> batch = upserts(1000, call);
                sink.validate();
                proxy.reset();

                assertThat(sink.apply(batch)).containsOnly(APPLIED);

                assertThat(proxy.roundTrips())
                        .as("round trips of call %d", call)
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void upsertsAndDeletionsTogetherTakeThreeRoundTrips() throws Exception {
        try (var proxy = new TcpProxy(0, port());
                var pool = pool(proxy)) {
            JdbcSink sink = sink(pool).build();
            var batch = new ArrayList<>(upserts(500, 1));
            IntStream.range(500, 1000).forEach(id -> batch.add(delete("" + id, 1_000_000 + id)));
            sink.validate();
            proxy.reset();

            assertThat(sink.apply(batch)).containsOnly(APPLIED);

            assertThat(proxy.roundTrips()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionComesBackAsItWas(boolean autoCommit) throws Exception {
        try (var source = singleConnection(autoCommit)) {
            Connection connection = source.getConnection();
            connection.setNetworkTimeout(Runnable::run, 77_000);
            JdbcSink sink = sink(source).build();

            assertThat(sink.apply(List.of(GOOD))).containsExactly(APPLIED);
            assertClean(connection, autoCommit);

            assertThatThrownBy(() -> sink.apply(List.of(GOOD, upsert("2", 11, "{\"name\":\"s3cret\"}"))))
                    .isInstanceOf(SQLException.class);
            assertClean(connection, autoCommit);
            assertThat(SECONDARY.rows("SELECT id FROM copy")).containsExactly("1");
        }
    }

    @Test
    void failedBatchLeavesNothing() {
        JdbcSink sink = sink(SECONDARY.dataSource()).build();

        assertThatThrownBy(() -> sink.apply(List.of(GOOD, delete("5", 12), upsert("2", 11, "{\"name\":\"s3cret\"}"))))
                .isInstanceOf(SQLException.class);

        assertThat(SECONDARY.rows("SELECT id FROM copy")).isEmpty();
        assertThat(SECONDARY.rows("SELECT key FROM dualwrite_tombstone")).isEmpty();
    }

    @Test
    void brokenConstraintIsThrownWithItsNameAndWithoutTheRow() {
        JdbcSink sink = sink(SECONDARY.dataSource()).build();

        SQLException failure = catchThrowableOfType(
                SQLException.class, () -> sink.apply(List.of(upsert("2", 11, "{\"name\":\"s3cret\"}"))));

        assertThat(failure.getSQLState()).isEqualTo("23514");
        assertThat(failure.getMessage()).contains("copy_name_check").doesNotContain("s3cret");
        assertThat(failure.getCause()).isNull();
    }

    @Test
    void exceptionBeforeTheCommitRollsBack() {
        CrashProbe crash = window -> {
            assertThat(window).isEqualTo(CrashWindow.WRITTEN_AT_SINK_NOT_COMMITTED);
            throw new IllegalStateException("crash");
        };
        JdbcSink sink = sink(SECONDARY.dataSource()).crashProbe(crash).build();

        assertThatThrownBy(() -> sink.apply(List.of(GOOD))).hasMessage("crash");

        assertThat(SECONDARY.rows("SELECT id FROM copy")).isEmpty();
    }

    @Test
    void connectionLostBeforeTheCommitLeavesNothingAndTheNextCallWorks() throws Exception {
        var lost = new ArrayList<String>();
        CrashProbe terminate = window -> {
            if (lost.isEmpty()) {
                lost.addAll(SECONDARY.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND state = 'idle in transaction'"));
            }
        };
        try (var pool = new HikariDataSource()) {
            pool.setDataSource(SECONDARY.dataSource());
            pool.setMaximumPoolSize(1);
            JdbcSink sink = sink(pool).crashProbe(terminate).build();

            assertThatThrownBy(() -> sink.apply(List.of(GOOD))).isInstanceOf(SQLException.class);
            assertThat(lost).containsExactly("t");
            assertThat(SECONDARY.rows("SELECT id FROM copy")).isEmpty();

            assertThat(sink.apply(List.of(GOOD))).containsExactly(APPLIED);
        }
    }

    @ParameterizedTest
    @CsvSource({"off,on", "local,on", "remote_write,on", "on,on", "remote_apply,remote_apply"})
    void commitIsDurableWhateverTheSessionWasTold(String configured, String effective) throws Exception {
        SECONDARY.run(
                "CREATE OR REPLACE FUNCTION note_setting() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN NEW.name := current_setting('synchronous_commit') || ' '"
                        + " || current_setting('timezone'); RETURN NEW; END $$",
                "CREATE TRIGGER note BEFORE INSERT ON copy FOR EACH ROW EXECUTE FUNCTION note_setting()");
        try {
            var source = new PGSimpleDataSource();
            source.setUrl(SECONDARY.database().url());
            source.setUser(SECONDARY.database().user());
            source.setOptions("-c synchronous_commit=" + configured);

            sink(source).build().apply(List.of(GOOD));

            assertThat(SECONDARY.value("SELECT name FROM copy")).isEqualTo(effective + " UTC");
        } finally {
            SECONDARY.run("DROP TRIGGER note ON copy");
        }
    }

    @Test
    void callThatWaitsForALockEndsWithItsTimeout() throws Exception {
        JdbcSink sink =
                sink(SECONDARY.dataSource()).timeout(Duration.ofSeconds(1)).build();
        sink.validate();
        try (Connection blocker = SECONDARY.dataSource().getConnection();
                Statement lock = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            lock.execute("LOCK TABLE copy IN ACCESS EXCLUSIVE MODE");

            assertEndsWithin(Duration.ofSeconds(10), sink, "57014");
        }
        assertThat(sink.apply(List.of(GOOD))).containsExactly(APPLIED);
    }

    @Test
    void processThatPausesBeforeItsCommitDoesNotKeepItsRowsAndShardLocked() throws Exception {
        JdbcSink other =
                sink(SECONDARY.dataSource()).timeout(Duration.ofSeconds(10)).build();
        CrashProbe pause = window -> {
            // By another thread, as another process would, while this one stands still for longer than its timeout.
            assertThat(CompletableFuture.supplyAsync(() -> applied(other, delete("1", 11))))
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(List.of(APPLIED));
        };
        JdbcSink paused = sink(SECONDARY.dataSource())
                .timeout(Duration.ofSeconds(1))
                .crashProbe(pause)
                .build();

        SQLException failure = catchThrowableOfType(SQLException.class, () -> paused.apply(List.of(GOOD)));

        assertThat(FailureClassifier.isStoreFailure(failure))
                .as("state %s", failure.getSQLState())
                .isTrue();
        assertThat(SECONDARY.rows("SELECT id FROM copy")).isEmpty();
    }

    private static List<ApplyResult> applied(JdbcSink sink, ClaimedEntry entry) {
        try {
            return sink.apply(List.of(entry));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void callThatWaitsForTheShardEndsWithItsTimeout() throws Exception {
        JdbcSink sink =
                sink(SECONDARY.dataSource()).timeout(Duration.ofSeconds(1)).build();
        JdbcSink holding = sink(SECONDARY.dataSource())
                .crashProbe(window -> assertEndsWithin(Duration.ofSeconds(10), sink, "57014"))
                .build();

        assertThat(holding.apply(List.of(delete("1", 5)))).containsExactly(APPLIED);
    }

    @Test
    void callThatNothingAnswersEndsSoonAfterItsTimeout() throws Exception {
        try (var proxy = new TcpProxy(0, port());
                var pool = pool(proxy)) {
            JdbcSink sink = sink(pool).timeout(Duration.ofSeconds(1)).build();
            sink.validate();
            proxy.fallSilent();

            // On another thread: without its protection the call never comes back.
            CompletableFuture<Void> call = CompletableFuture.runAsync(
                    () -> assertEndsWithin(Duration.ofSeconds(8), sink, "08006"),
                    task -> new Thread(task, "silent").start());

            assertThat(call).succeedsWithin(Duration.ofSeconds(15));
        }
    }

    @Test
    void secondaryThatIsDownAtTheStartIsUsedWhenItComesUp() throws Exception {
        int port = freePort();
        try (var sink = (JdbcSink) configured("jdbc:postgresql://localhost:" + port + path())) {
            assertThatThrownBy(((StartupCheck) sink)::validate).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> sink.apply(List.of(GOOD))).isInstanceOf(SQLException.class);

            try (var proxy = new TcpProxy(port, port())) {
                assertThat(sink.apply(List.of(GOOD))).containsExactly(APPLIED);
                assertThat(sink.apply(List.of(GOOD))).containsExactly(STALE);
                assertThat(proxy.roundTrips()).isPositive();
            }
        }
    }

    @Test
    void configuredSinkClosesItsConnections() throws Exception {
        Sink sink = configured(SECONDARY.database().url());
        sink.apply(List.of(GOOD));
        String mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dualwrite-sink-orders'";
        assertThat(SECONDARY.value(mine)).isEqualTo("1");

        ((AutoCloseable) sink).close();

        org.awaitility.Awaitility.await().until(() -> SECONDARY.value(mine).equals("0"));
        assertThatThrownBy(() -> sink.apply(List.of(GOOD))).isInstanceOf(SQLException.class);
    }

    @Test
    void entryThatDoesNotFitIsRejectedAndTheOthersAreApplied() throws Exception {
        List<ApplyResult> results = sink(SECONDARY.dataSource())
                .build()
                .apply(List.of(
                        GOOD,
                        upsert("1|2", 11, "{\"name\":\"b\"}"),
                        upsert("3", 12, "{\"name\":\"s3cret"),
                        upsert("4", 13, "{\"name\":\"b\"} {}"),
                        upsert("5", 14, "[1]"),
                        upsert("6", 15, "{\"s3cret\":1}"),
                        Secondary.entry(
                                new dev.dualwrite.outbox.Aggregate("order", "7"),
                                16,
                                dev.dualwrite.outbox.Operation.UPSERT,
                                null),
                        delete("8|9", 17),
                        upsert("9", 18, "{\"name\":null}")));

        assertThat(results).filteredOn(APPLIED::equals).hasSize(2);
        assertThat(results.subList(1, 8))
                .allSatisfy(r -> assertThat(((ApplyResult.Rejected) r).reason()).doesNotContain("s3cret"))
                .extracting(r -> ((ApplyResult.Rejected) r).reason())
                .satisfiesExactly(
                        r -> assertThat(r).contains("2 parts", "1 key columns [id]"),
                        r -> assertThat(r).contains("not JSON", "line 1"),
                        r -> assertThat(r).contains("not JSON"),
                        r -> assertThat(r).contains("ARRAY", "expected an object"),
                        r -> assertThat(r).contains("no field that is named like a column"),
                        r -> assertThat(r).contains("without a payload"),
                        r -> assertThat(r).contains("2 parts"));
    }

    @Test
    void nothingForARequiredColumnIsRejected() throws Exception {
        SECONDARY.run("CREATE TABLE strict (id int PRIMARY KEY, name text NOT NULL, kind text NOT NULL DEFAULT 'x',"
                + " dualwrite_version bigint)");
        JdbcSink sink = JdbcSink.builder(SECONDARY.dataSource())
                .table("strict")
                .keyColumns("id")
                .build();

        List<ApplyResult> results = sink.apply(List.of(
                upsert("1", 1, "{\"kind\":\"k\"}"),
                upsert("2", 2, "{\"name\":null}"),
                upsert("3", 3, "{\"name\":\"n\",\"kind\":null}"),
                upsert("4", 4, "{\"name\":\"n\"}")));

        assertThat(results)
                .satisfiesExactly(
                        r -> assertThat(r)
                                .hasToString(
                                        "Rejected[reason=payload has nothing at /name, column 'name' (text) is NOT NULL]"),
                        r -> assertThat(r)
                                .hasToString(
                                        "Rejected[reason=payload has null at /name, column 'name' (text) is NOT NULL]"),
                        r -> assertThat(r).asString().contains("null at /kind"),
                        r -> assertThat(r).isEqualTo(APPLIED));
    }

    private static void assertEndsWithin(Duration limit, JdbcSink sink, String sqlState) {
        long start = System.nanoTime();
        SQLException failure = catchThrowableOfType(SQLException.class, () -> sink.apply(List.of(GOOD)));
        assertThat(failure.getSQLState()).isEqualTo(sqlState);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit);
    }

    private static void assertClean(Connection connection, boolean autoCommit) throws SQLException {
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(connection.getNetworkTimeout()).isEqualTo(77_000);
        // Seen from outside: idle, with no transaction open and no lock left.
        assertThat(SECONDARY.rows("SELECT a.state, count(l.*) FROM pg_stat_activity a LEFT JOIN pg_locks l USING (pid)"
                        + " WHERE a.application_name = 'single' GROUP BY a.state"))
                .containsExactly("idle,0");
    }

    private static SingleConnectionDataSource singleConnection(boolean autoCommit) {
        var source = new SingleConnectionDataSource(
                SECONDARY.database().url() + "?ApplicationName=single",
                SECONDARY.database().user(),
                SECONDARY.database().password(),
                true);
        source.setAutoCommit(autoCommit);
        return source;
    }

    private static JdbcSink.Builder sink(javax.sql.DataSource source) {
        return JdbcSink.builder(source).name("copy").table("copy").keyColumns("id");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void poolRecoversWhereverItsFirstConnectionBreaks(int roundTrip) throws Exception {
        try (var proxy = new TcpProxy(0, port())) {
            Sink sink = configured("jdbc:postgresql://localhost:" + proxy.port() + path());
            proxy.cutAt(roundTrip);

            await().atMost(Duration.ofSeconds(10))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(sink.apply(List.of(GOOD))).isNotEmpty());

            ((AutoCloseable) sink).close();
        }
    }

    private static Sink configured(String url) {
        var settings = new SinkSettings(
                "jdbc",
                url,
                SECONDARY.database().user(),
                SECONDARY.database().password(),
                "copy",
                List.of("id"),
                Map.of(),
                null,
                null,
                null,
                null,
                Duration.ofSeconds(2),
                null,
                null,
                null);
        return new JdbcSinkFactory(Duration.ofSeconds(10), 4, CrashProbe.NONE).create("orders", settings);
    }

    private static HikariDataSource pool(TcpProxy proxy) {
        var pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://localhost:" + proxy.port() + path());
        pool.setUsername(SECONDARY.database().user());
        pool.setPassword(SECONDARY.database().password());
        pool.setMaximumPoolSize(1);
        return pool;
    }

    private static List<ClaimedEntry> upserts(int count, int call) {
        return IntStream.range(0, count)
                .mapToObj(id -> upsert("" + id, call * 10_000L + id, "{\"name\":\"name of " + id + "\"}"))
                .toList();
    }

    private static int port() {
        return address().getPort();
    }

    private static String path() {
        return address().getPath();
    }

    private static URI address() {
        return URI.create(SECONDARY.database().url().substring("jdbc:".length()));
    }

    private static int freePort() throws Exception {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
