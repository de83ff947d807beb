package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.CaptureStore.StrayPartition;
import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.ClaimStore.Settlement;
import dev.dualwrite.outbox.jdbc.MemberStore.Beat;
import dev.dualwrite.outbox.jdbc.MemberStore.CarriedSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;

/** The page on grants: its statements are run, and each user can do what the page says and nothing else. */
class GrantsIT {

    private static final String FORBIDDEN = "42501";
    private static final Pattern BLOCK = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

    private OperatorScene scene;

    @BeforeAll
    static void createUsers() throws SQLException {
        var any = new InstalledSchema("dualwrite");
        any.execute(any.file("roles.sql"));
        for (String user : List.of(
                "viewer",
                "operator",
                "orders_service",
                "shop_owner",
                "stranger",
                "alice",
                "grafana",
                "shop",
                "shop_relay")) {
            any.execute("CREATE ROLE " + user + " LOGIN");
        }
    }

    @BeforeEach
    void grantAsThePageSays() throws SQLException, IOException {
        scene = new OperatorScene("dualwrite");
        scene.held(1, "a", "dead");
        scene.held(2, "b", "dead");
        scene.held(3, "c", "dead");
        var blocks = BLOCK.matcher(Files.readString(Path.of("../docs/reference/grants.md")));
        while (blocks.find()) {
            scene.installed().execute(blocks.group(1));
        }
        // Whoever may use the schema for another reason may still do nothing there.
        scene.installed().execute("GRANT USAGE ON SCHEMA dualwrite TO stranger");
    }

    @Test
    void noFunctionCanBeCalledByPublic() throws SQLException {
        assertThat(scene.rows("""
                SELECT p.proname
                FROM pg_proc p
                WHERE p.pronamespace = 'dualwrite'::regnamespace
                  AND has_function_privilege('stranger', p.oid, 'EXECUTE')
                """)).isEmpty();
    }

    @Test
    void onlyWhatIsCalledFromOutsideAndEightPartsOfTheCaptureRunWithTheRightsOfTheOwner() throws SQLException {
        assertThat(scene.rows("""
                SELECT p.proname
                FROM pg_proc p
                WHERE p.pronamespace = 'dualwrite'::regnamespace AND p.prosecdef
                ORDER BY 1
                """))
                .containsExactly(
                        "close_capture",
                        "discard",
                        "discard_some",
                        "discard_uncarried",
                        "lend_capture",
                        "oldest_stuck",
                        "open_capture",
                        "pause_sink",
                        "purge_audit",
                        "purge_discarded",
                        "refer_to_rows",
                        "register_sink",
                        "requeue",
                        "requeue_all",
                        "requeue_some",
                        "resume_sink",
                        "return_capture",
                        "return_lent_capture",
                        "stray_partitions",
                        "uncaptured_tables");
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "operator", "alice", "grafana"})
    void viewsAreReadByWhoMayLook(String user) throws SQLException {
        for (String view : List.of("stuck_entries", "backlog", "shards", "relays", "sinks", "audit", "discarded")) {
            assertThatCode(() -> as(user, "SELECT * FROM dualwrite." + view))
                    .as(view)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void memberOfTheRoleActs() throws SQLException {
        as("alice", "SELECT dualwrite.requeue(1, 'x')");

        assertThat(scene.rows("SELECT actor FROM $.audit")).containsExactly("alice");
        refused("grafana", "SELECT dualwrite.requeue(2, 'x')");
    }

    @Test
    void operatorActsWithoutARightOnATableAndUnderTheNameOfTheLogin() throws SQLException {
        as("operator", "SELECT dualwrite.requeue(1, 'x')");
        as("operator", "SELECT dualwrite.discard(2, 'x')");
        scene.held(4, "d", "dead");
        scene.held(5, "e", "dead");
        as("operator", "SELECT dualwrite.requeue_some('{4}', 'x')");
        as("operator", "SELECT dualwrite.discard_some('{5}', 'x')");
        as("operator", "SELECT dualwrite.requeue_all('copy', 'x')");
        as("operator", "SELECT dualwrite.pause_sink('copy', 'x')");
        as("operator", "SELECT dualwrite.resume_sink('copy', 'x')");
        as("operator", "SELECT dualwrite.discard_uncarried('copy', 'x')");

        assertThat(scene.rows("SELECT DISTINCT actor, count(*) FROM $.audit GROUP BY actor"))
                .containsExactly("operator | 8");
        assertThat(scene.rows("SELECT DISTINCT discarded_by FROM $.discarded_entry"))
                .containsExactly("operator");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT dualwrite.record_act('discard', 'entry 1', 'forged', '{}')",
                "SELECT dualwrite.discard_held('{1}', 'not on record')",
                "SELECT dualwrite.requeue_first('{1}')",
                "SELECT dualwrite.begin_act('not on record')",
                "SELECT dualwrite.register_sink('mine')",
                "DELETE FROM dualwrite.held_entry",
                "UPDATE dualwrite.sink SET paused_at = NULL",
                "DELETE FROM dualwrite.audit",
                "SELECT payload FROM dualwrite.discarded_entry"
            })
    void operatorDoesNothingThatIsNotOnRecord(String statement) {
        refused("operator", statement);
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "orders_service"})
    void whoOnlyLooksOrAppendsActsOnNoEntry(String user) {
        refused(user, "SELECT dualwrite.discard(1, 'x')");
        refused(user, "SELECT dualwrite.pause_sink('copy', 'x')");
        refused(
                user,
                "INSERT INTO dualwrite.audit_entry (actor, action, subject, reason, detail)"
                        + " VALUES ('alice', 'discard', 'entry 1', 'forged', '{}')");
    }

    @Test
    void serviceAndRelayThatAreNotTheOwnerDoTheirWork() throws SQLException {
        DataSource own = login("orders_service");
        Map<String, Short> sinks = new ControlStore(own, "dualwrite").registerSinks(List.of("fresh"));
        short fresh = sinks.get("fresh");
        Aggregate order = Aggregate.of("order", 1);
        append(own, new Routing(sinks, Set.of("fresh"), Map.of()), OutboxEntry.delete(order));
        var members = new MemberStore(own, "dualwrite");
        var leases = new LeaseStore(own, "dualwrite");
        var claims = new ClaimStore(own, "dualwrite");
        int shard = order.shard(Schema.DEFAULT_SHARD_COUNT);
        Lane lane = new Lane(fresh, shard, "fresh/" + shard);

        members.beat(
                new Beat(RELAY, "pod-1:7", Duration.ofSeconds(30), 16),
                List.of(new CarriedSink(fresh, null, Duration.ZERO)));
        as(
                "orders_service",
                "INSERT INTO dualwrite.shedlock VALUES ('fresh/" + shard
                        + "', timezone('utc', now()) + interval '30 s', timezone('utc', now()), '" + RELAY + "')");
        LaneRight right = leases.take(lane, RELAY).orElseThrow().right();
        assertThat(claims.poll().samePrimary()).isTrue();
        assertThat(claims.observePrimary(0, 0)).isFalse();
        assertThat(claims.claim(List.of(new Request(lane, 0, true)), 10, 1000)
                        .orElseThrow()
                        .get(0))
                .hasSize(1);

        assertThat(claims.settle(right, Settlement.ofDone(List.of(1L)), true)).isPresent();
        assertThat(leases.leave(List.of(lane), RELAY)).isEqualTo(1);
    }

    @Test
    void serviceAndRelayThatAreNotTheOwnerMeasureAndMayNotShortenTheRecord() {
        var store = new OperatorStore(login("orders_service"), "dualwrite");

        assertThat(store.overview().sinks())
                .extracting(Overview.SinkOverview::sink)
                .contains("copy");
        refused("orders_service", "UPDATE dualwrite.control SET audit_kept_at_least = '1 day'");
    }

    @Test
    void ownerOfATableCapturesAndReleasesItWithoutARightOnATableOfTheOutbox() throws SQLException {
        scene.installed().execute("CREATE SCHEMA shop AUTHORIZATION shop_owner");
        as("shop_owner", "CREATE TABLE shop.item (id integer PRIMARY KEY)");

        as("shop_owner", "SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}')");
        as("shop_owner", "INSERT INTO shop.item VALUES (1)");
        assertThat(scene.rows("SELECT aggregate_id FROM $.outbox_entry WHERE operation = 'R'"))
                .containsExactly("1");
        as("shop_owner", "SELECT dualwrite.release_table('shop.item', 'copy')");

        assertThat(scene.rows("SELECT action, actor FROM $.audit ORDER BY audit_id"))
                .containsExactly("capture_table | shop_owner", "release_table | shop_owner");
        refused("shop_owner", "SELECT * FROM dualwrite.captured_table");
    }

    @Test
    void relayThatIsNotTheOwnerFollowsPartitionsWhereItMayCreateTriggers() throws SQLException {
        scene.installed().execute("""
                CREATE SCHEMA shop AUTHORIZATION shop_owner;
                GRANT USAGE ON SCHEMA shop TO orders_service;
                """);
        as("shop_owner", "CREATE TABLE shop.sale (id integer PRIMARY KEY) PARTITION BY LIST (id)");
        as("shop_owner", "SELECT dualwrite.capture_table('shop.sale', 'copy', 'sale', '{id}')");
        as("shop_owner", "CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES IN (1)");
        var store = new CaptureStore(login("orders_service"), "dualwrite");

        assertThat(store.uncapturedTables()).isEmpty();
        StrayPartition stray = store.strayPartitions().get(0);

        assertThat(store.follow(stray))
                .hasValueSatisfying(
                        followed -> assertThat(followed.problem()).contains("may not create triggers on shop.sale_1"));
        as("shop_owner", "GRANT TRIGGER ON shop.sale_1 TO orders_service");

        assertThat(store.follow(stray))
                .hasValueSatisfying(followed -> assertThat(followed.problem()).isNull());
    }

    private static void append(DataSource dataSource, Routing routing, OutboxEntry entry) throws SQLException {
        var writer = new EntryWriter(
                "dualwrite",
                Schema.DEFAULT_SHARD_COUNT,
                routing,
                p -> p.toString().getBytes(UTF_8),
                1000);
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            writer.write(connection, writer.encode(List.of(entry)));
            connection.commit();
        }
    }

    private void refused(String user, String statement) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> as(user, statement))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(FORBIDDEN));
    }

    private Psql.Table as(String user, String statement) throws SQLException {
        return new Psql(login(user)).run(statement);
    }

    private DataSource login(String user) {
        var source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) scene.installed().dataSource()).getUrl());
        source.setUser(user);
        source.setPassword("any");
        return source;
    }
}
