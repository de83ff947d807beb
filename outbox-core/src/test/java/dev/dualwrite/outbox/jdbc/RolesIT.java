package dev.dualwrite.outbox.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;

/** The four roles: a user that is a member of one logs in, and can do its work and nothing else. */
class RolesIT {

    private static final String FORBIDDEN = "42501";
    private static final List<String> ROLES =
            List.of("dualwrite_append", "dualwrite_operator", "dualwrite_relay", "dualwrite_viewer");

    /** For tests that change nothing. */
    private static OperatorScene shared;

    private OperatorScene scene = shared;

    @BeforeAll
    static void createRolesAndAMemberOfEach() throws SQLException {
        var any = new InstalledSchema("dualwrite");
        any.execute(any.file("roles.sql"));
        for (String role : ROLES) {
            any.execute("CREATE ROLE member_of_" + role + " LOGIN IN ROLE " + role);
        }
        any.execute("CREATE ROLE database_owner LOGIN");
        shared = installed();
        shared.run("SELECT $.pause_sink('search', 'x')");
    }

    private static OperatorScene installed() throws SQLException {
        var scene = new OperatorScene("dualwrite");
        scene.held(1, "a", "dead");
        scene.held(2, "b", "dead");
        scene.held(3, "c", "dead");
        return scene;
    }

    @Test
    void rolesAreCreatedOnceHoweverOftenTheFileIsRun() throws SQLException {
        scene.installed().execute(scene.installed().file("roles.sql"));

        assertThat(scene.rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 'dualwrite\\_%'"
                        + " AND NOT rolcanlogin AND NOT rolsuper AND NOT rolcreaterole ORDER BY 1"))
                .containsExactlyElementsOf(ROLES);
    }

    /** On PostgreSQL 16 and newer it has no right on roles that another one has created. */
    @Test
    void secondAdministratorMayRunTheFileAgain() throws SQLException {
        scene.run("CREATE ROLE second_administrator LOGIN CREATEROLE");

        new Psql(source("second_administrator")).run(scene.installed().file("roles.sql"));

        assertThat(scene.rows("SELECT shobj_description(r.oid, 'pg_authid') FROM pg_roles r"
                        + " WHERE r.rolname LIKE 'dualwrite\\_%' AND NOT r.rolcanlogin"))
                .hasSize(4)
                .allMatch(says -> says.contains("of Dualwrite"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "relay"})
    void healthAndMetricsOfAProcessLookOnItsOwnConnections(String role) {
        var store = new OperatorStore(login(role), "dualwrite");

        assertThat(store.overview().sinks())
                .extracting(Overview.SinkOverview::sink)
                .contains("copy", "search");
    }

    @Test
    void relayMayNotPurgeTheRecordBeforeItsTime() throws SQLException {
        scene = installed();
        as("operator", "SELECT dualwrite.discard(1, 'x')");
        scene.run("UPDATE $.audit_entry SET at = now() - interval '29 days'");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> as("relay", "SELECT dualwrite.purge_audit('1 day', 100000)"))
                .withMessageContaining("older_than is 1 day, expected at least 30 days");
        refused("relay", "UPDATE dualwrite.control SET audit_kept_at_least = '1 day'");

        assertThat(scene.rows("SELECT action FROM $.audit")).containsExactly("discard");
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "operator"})
    void viewsAreReadByWhoMayLook(String role) throws SQLException {
        for (String view : List.of(
                "stuck_entries", "backlog", "shards", "relays", "sinks", "audit", "discarded", "oldest_stuck()")) {
            as(role, "SELECT * FROM dualwrite." + view);
        }
    }

    @Test
    void operatorActs() throws SQLException {
        scene = installed();
        as("operator", "SELECT dualwrite.requeue(1, 'x')");
        as("operator", "SELECT dualwrite.discard(2, 'x')");
        as("operator", "SELECT dualwrite.requeue_some('{3}', 'x')");
        as("operator", "SELECT dualwrite.requeue_all('copy', 'x')");
        as("operator", "SELECT dualwrite.pause_sink('copy', 'x')");
        as("operator", "SELECT dualwrite.resume_sink('copy', 'x')");
        scene.held(4, "d", "dead");
        as("operator", "SELECT dualwrite.discard_some('{4}', 'x')");
        as("operator", "SELECT dualwrite.discard_uncarried('copy', 'x')");

        assertThat(scene.rows("SELECT DISTINCT actor, count(*) FROM $.audit GROUP BY actor"))
                .containsExactly("member_of_dualwrite_operator | 8");
    }

    @Test
    void whoAppendsRegistersItsSinkAndAppends() throws SQLException {
        scene = installed();
        DataSource own = login("append");
        var control = new ControlStore(own, "dualwrite");
        assertThat(control.read()).isPresent();
        Map<String, Short> sinks = control.registerSinks(List.of("copy", "fresh"));
        var writer = new EntryWriter(
                "dualwrite",
                Schema.DEFAULT_SHARD_COUNT,
                new Routing(sinks, Set.of("fresh"), Map.of()),
                p -> p.toString().getBytes(UTF_8),
                1000);
        try (Connection connection = own.getConnection()) {
            connection.setAutoCommit(false);
            writer.write(connection, writer.encode(List.of(OutboxEntry.delete(Aggregate.of("order", 1)))));
            writer.write(
                    connection,
                    writer.encode(List.of(
                            OutboxEntry.upsert(Aggregate.of("order", 2), "x"),
                            OutboxEntry.upsert(Aggregate.of("order", 3), "y"))));
            connection.commit();
        }

        assertThat(scene.rows("SELECT aggregate_id FROM $.outbox_entry ORDER BY sequence"))
                .containsExactly("1", "2", "3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            append   | SELECT payload FROM dualwrite.outbox_entry
            append   | SELECT 1 FROM dualwrite.held_entry
            append   | DELETE FROM dualwrite.outbox_entry
            append   | UPDATE dualwrite.outbox_entry SET payload = NULL
            append   | INSERT INTO dualwrite.outbox_entry (sequence, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 1, 0, 1, 'D', 'o', '1')
            append   | SELECT setval('dualwrite.entry_sequence', 1)
            append   | INSERT INTO dualwrite.sink (sink_id, name) VALUES (9, 'mine')
            append   | UPDATE dualwrite.control SET epoch = 7
            append   | SELECT * FROM dualwrite.stuck_entries
            append   | SELECT * FROM dualwrite.audit
            append   | SELECT * FROM dualwrite.discarded
            append   | SELECT dualwrite.requeue(1, 'x')
            append   | SELECT dualwrite.purge_audit('1 day')
            relay    | INSERT INTO dualwrite.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'o', '1')
            relay    | UPDATE dualwrite.outbox_entry SET payload = NULL
            relay    | UPDATE dualwrite.control SET shard_count = 1
            relay    | UPDATE dualwrite.sink SET paused_at = NULL
            relay    | SELECT setval('dualwrite.entry_sequence', 1)
            relay    | SELECT payload FROM dualwrite.discarded_entry
            relay    | SELECT * FROM dualwrite.audit
            relay    | SELECT * FROM dualwrite.discarded
            relay    | DELETE FROM dualwrite.discarded_entry
            relay    | SELECT dualwrite.discard(1, 'x')
            relay    | SELECT dualwrite.pause_sink('copy', 'x')
            operator | SELECT payload FROM dualwrite.held_entry
            operator | SELECT payload FROM dualwrite.outbox_entry
            operator | SELECT payload FROM dualwrite.discarded_entry
            operator | DELETE FROM dualwrite.held_entry
            operator | SELECT dualwrite.record_act('discard', 'entry 1', 'forged', '{}')
            operator | SELECT dualwrite.discard_held('{1}', 'not on record')
            operator | SELECT dualwrite.purge_audit('1 day')
            operator | SELECT dualwrite.purge_discarded('1 day')
            operator | SELECT dualwrite.grant_roles()
            operator | SELECT dualwrite.register_sink('mine')
            viewer   | SELECT payload FROM dualwrite.held_entry
            viewer   | SELECT payload FROM dualwrite.outbox_entry
            viewer   | SELECT payload FROM dualwrite.discarded_entry
            viewer   | SELECT dualwrite.requeue(1, 'x')
            viewer   | SELECT dualwrite.requeue_some('{1}', 'x')
            viewer   | SELECT dualwrite.discard_some('{1}', 'x')
            viewer   | SELECT dualwrite.pause_sink('copy', 'x')
            viewer   | SELECT dualwrite.capture_table('dualwrite.sink', 'copy', 'x', '{name}')
            """)
    void nothingElseIsAllowed(String role, String statement) {
        refused(role, statement);
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "relay", "operator", "viewer"})
    void recordIsAlteredByNobody(String role) {
        for (String table : List.of("audit", "audit_entry")) {
            refused(role, "DELETE FROM dualwrite." + table);
            refused(role, "UPDATE dualwrite." + table + " SET reason = 'forged'");
            refused(
                    role,
                    "INSERT INTO dualwrite." + table + " (actor, action, subject, reason, detail)"
                            + " VALUES ('alice', 'discard', 'entry 1', 'forged', '{}')");
        }
        refused(role, "TRUNCATE dualwrite.audit_entry");
    }

    @Test
    void payloadsAreReadByTheOwnerAndTheRelayAlone() throws SQLException {
        assertThat(scene.rows("""
                SELECT r.rolname || ' ' || c.relname
                FROM pg_roles r
                CROSS JOIN pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid
                WHERE r.rolname LIKE 'dualwrite\\_%' AND c.relnamespace = 'dualwrite'::regnamespace
                  AND a.attname = 'payload' AND has_column_privilege(r.rolname, c.oid, a.attname, 'SELECT')
                ORDER BY 1
                """)).containsExactly("dualwrite_relay held_entry", "dualwrite_relay outbox_entry");
    }

    @Test
    void rolesThatComeAfterTheInstallationGetTheirRightsByACallOfTheOwner() throws SQLException {
        scene = installed();
        scene.installed().execute(scene.installed().file("undo/R__grants.sql"));
        refused("viewer", "SELECT * FROM dualwrite.sinks");

        scene.installed().execute(scene.installed().file("postgresql/R__grants.sql"));

        as("viewer", "SELECT * FROM dualwrite.sinks");
        assertThat(scene.value("SELECT $.grant_roles()")).isEqualTo("{" + String.join(",", ROLES) + "}");
    }

    @Test
    void ownerOfADatabaseWhoMayCreateNoRoleInstallsAndGrants() throws SQLException {
        String database = scene.value("SELECT current_database()");
        scene.run("GRANT CREATE ON DATABASE " + database + " TO database_owner");
        var owner = new Psql(source("database_owner"));
        owner.run("CREATE SCHEMA shop");

        owner.run(Schema.script("shop", 4));

        assertThat(owner.value("SELECT has_schema_privilege('dualwrite_viewer', 'shop', 'USAGE')"))
                .isEqualTo("t");
        as("viewer", "SELECT * FROM shop.sinks");
    }

    @Test
    void callOfSomebodyElseGrantsNothingAndDoesNotFail() throws SQLException {
        scene.run("GRANT USAGE ON SCHEMA dualwrite TO database_owner");
        scene.run("GRANT EXECUTE ON FUNCTION dualwrite.grant_roles() TO database_owner");

        assertThat(new Psql(source("database_owner")).value("SELECT dualwrite.grant_roles()"))
                .isEqualTo("{}");
    }

    private void refused(String role, String statement) {
        assertThatExceptionOfType(PSQLException.class)
                .as(role + ": " + statement)
                .isThrownBy(() -> as(role, statement))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(FORBIDDEN));
    }

    private void as(String role, String statement) throws SQLException {
        new Psql(login(role)).run(statement);
    }

    private DataSource login(String role) {
        return source("member_of_dualwrite_" + role);
    }

    private DataSource source(String user) {
        var source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) scene.installed().dataSource()).getUrl());
        source.setUser(user);
        source.setPassword("any");
        return source;
    }
}
