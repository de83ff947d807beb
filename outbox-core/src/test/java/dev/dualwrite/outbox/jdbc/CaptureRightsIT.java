package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** The owner of the schema, the owner of the tables and who writes to them are three users, and none of them is a superuser. */
class CaptureRightsIT {

    private static final String FORBIDDEN = "42501";

    private static CaptureScene scene;

    @BeforeAll
    static void installForAnOrdinaryOwner() throws SQLException {
        scene = new CaptureScene();
        for (String user : new String[] {"capture_owner", "table_owner", "row_writer", "other_owner"}) {
            scene.run("CREATE ROLE " + user + " LOGIN");
        }
        scene.run("""
                DO $$
                DECLARE
                    command text;
                BEGIN
                    FOR command IN
                        SELECT format('ALTER %s %s OWNER TO capture_owner',
                                      CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass)
                        FROM pg_class c
                        WHERE c.relnamespace = 'dualwrite'::regnamespace AND c.relkind IN ('r', 'v', 'S')
                          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('i', 'a'))
                        UNION ALL
                        SELECT format('ALTER FUNCTION %s OWNER TO capture_owner', p.oid::regprocedure)
                        FROM pg_proc p
                        WHERE p.pronamespace = 'dualwrite'::regnamespace
                        UNION ALL
                        SELECT 'ALTER SCHEMA dualwrite OWNER TO capture_owner'
                    LOOP
                        EXECUTE command;
                    END LOOP;
                END
                $$;
                GRANT USAGE ON SCHEMA dualwrite TO table_owner, other_owner;
                GRANT EXECUTE ON FUNCTION
                    dualwrite.capture_table(regclass, text, text, text[], text),
                    dualwrite.release_table(regclass, text),
                    dualwrite.capture_new_partitions(),
                    dualwrite.open_capture(regclass, text, text, text[], text, name),
                    dualwrite.close_capture(regclass, text, name),
                    dualwrite.follow_partition(regclass, integer, text),
                    dualwrite.try_follow_partition(oid, integer, text, bigint),
                    dualwrite.create_capture_triggers(regclass, integer),
                    dualwrite.drop_capture_triggers(regclass, integer),
                    dualwrite.lend_capture(regclass, integer, name),
                    dualwrite.return_capture(integer, name),
                    dualwrite.stray_partitions(),
                    dualwrite.refer_to_rows(regclass, integer)
                TO table_owner, other_owner;
                """);
    }

    @BeforeEach
    void createTable() throws SQLException {
        scene.clear();
        scene.run("""
                GRANT USAGE, CREATE ON SCHEMA shop TO table_owner, other_owner;
                GRANT USAGE ON SCHEMA shop TO row_writer, capture_owner;
                """);
        scene.runAs("table_owner", """
                CREATE TABLE shop.item (id integer PRIMARY KEY, name text);
                GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON shop.item TO row_writer;
                """);
    }

    @Test
    void writerNeedsNoRightInTheSchemaOfTheOutbox() throws SQLException {
        captureAsOwner();

        scene.runAs(
                "row_writer",
                "INSERT INTO shop.item VALUES (1)",
                "UPDATE shop.item SET id = 2",
                "DELETE FROM shop.item");

        assertThat(scene.written()).containsExactly("item:1", "item:1", "item:2", "item:2");
        forbidden("row_writer", "SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}')");
    }

    @Test
    void generatedFunctionsBelongToTheSchemasOwnerAndNobodyElseMayUseThem() throws SQLException {
        captureAsOwner();

        assertThat(scene.rows("""
                SELECT pg_get_userbyid(p.proowner), p.prosecdef, p.proacl::text, 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)
                FROM pg_proc p
                WHERE p.proname ~ '^capture_[0-9]'
                """))
                .containsExactly(
                        "capture_owner | t | {capture_owner=X/capture_owner} | t",
                        "capture_owner | t | {capture_owner=X/capture_owner} | t");
    }

    @Test
    void tableOfSomebodyElseIsNeitherCapturedNorReleased() throws SQLException {
        refused("other_owner", CAPTURE, "it belongs to table_owner, the caller is other_owner");

        captureAsOwner();
        forbidden("other_owner", "SELECT dualwrite.release_table('shop.item', 'copy')");
        assertThat(scene.rows("SELECT source FROM dualwrite.captured_table")).containsExactly("shop.item");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT dualwrite.open_capture('shop.item', 'copy', 'item', '{id}', 'refuse', 'table_owner')",
                "SELECT dualwrite.close_capture('shop.item', 'copy', 'table_owner')",
                "SELECT dualwrite.lend_capture('shop.item', (SELECT min(capture_id) FROM dualwrite.stray_partitions()), 'table_owner')",
                "SELECT dualwrite.return_capture(1, 'table_owner')",
            })
    void partsOfTheCaptureAreNotCalledInTheNameOfAnother(String call) throws SQLException {
        forbidden("other_owner", call);
    }

    @Test
    void functionThatRunsWithOtherRightsCannotCaptureForItsOwner() throws SQLException {
        scene.runAs("table_owner", """
                CREATE FUNCTION shop.trap() RETURNS bigint LANGUAGE sql SECURITY DEFINER
                    AS $$ SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}') $$
                """);

        forbidden("other_owner", "SELECT shop.trap()");
    }

    @Test
    void triggersAreNotLentToWhoMayCreateNoneThere() throws SQLException {
        captureAsOwner();
        scene.runAs("other_owner", "CREATE TABLE shop.mine (id integer PRIMARY KEY)");
        String id =
                scene.rows("SELECT capture_id FROM dualwrite.captured_table").get(0);

        forbidden("other_owner", "SELECT dualwrite.create_capture_triggers('shop.item', %s)".formatted(id));
        forbidden("other_owner", "SELECT dualwrite.create_capture_triggers('shop.mine', %s)".formatted(id));
        forbidden("other_owner", """
                CREATE TRIGGER mine AFTER INSERT ON shop.mine REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.capture_%s()
                """.formatted(id));
    }

    @Test
    void whatWasLentIsTakenBackAtTheEndOfTheTransaction() throws SQLException {
        captureAsOwner();
        String id =
                scene.rows("SELECT capture_id FROM dualwrite.captured_table").get(0);
        String lend = "SELECT dualwrite.lend_capture('shop.item', %s, 'table_owner')".formatted(id);
        String use = """
                CREATE TRIGGER mine AFTER INSERT ON shop.mine REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.capture_%s()
                """.formatted(id);
        scene.runAs("table_owner", "CREATE TABLE shop.mine (id integer PRIMARY KEY)");

        scene.runAs("table_owner", lend);
        forbidden("table_owner", use);
        forbidden("table_owner", "SET CONSTRAINTS ALL IMMEDIATE; " + lend + "; " + use);
        scene.runAs("table_owner", "SET CONSTRAINTS ALL IMMEDIATE; " + lend);

        assertThat(scene.rows("SELECT DISTINCT proacl::text FROM pg_proc WHERE proname ~ '^capture_[0-9]'"))
                .containsExactly("{capture_owner=X/capture_owner}");
        assertThat(scene.rows("SELECT lent_to FROM dualwrite.captured_table")).containsExactly("");
    }

    @Test
    void castOfATypeThatComesLaterDoesNotRunWithTheRightsOfTheSchemasOwner() throws SQLException {
        captureAsOwner();
        scene.runAs("table_owner", """
                CREATE TYPE shop.sly AS ENUM ('7');
                CREATE FUNCTION shop.spy(shop.sly) RETURNS integer LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'runs as %', current_user;
                END
                $$;
                CREATE CAST (shop.sly AS integer) WITH FUNCTION shop.spy(shop.sly);
                ALTER TABLE shop.item ALTER COLUMN id TYPE shop.sly USING '7'::shop.sly;
                """);

        refused("table_owner", "INSERT INTO shop.item VALUES ('7')", "key column id is shop.sly now");
    }

    @Test
    void detachedPartitionOfAnotherIsToldBeforeItsRowsAreReferredTo() throws SQLException {
        scene.runAs("table_owner", """
                CREATE TABLE shop.sale (id integer PRIMARY KEY) PARTITION BY LIST (id);
                CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES IN (1);
                INSERT INTO shop.sale VALUES (1);
                SELECT dualwrite.capture_table('shop.sale', 'copy', 'sale', '{id}');
                ALTER TABLE shop.sale DETACH PARTITION shop.sale_1;
                """);

        // The owner of the schema may not even read it: whoever came to its rows would say so.
        refused(
                "other_owner",
                "SELECT dualwrite.capture_new_partitions()",
                "shop.sale_1 was detached and belongs to table_owner, only who owns it may drop its triggers."
                        + " Next: Let its owner call capture_new_partitions()");
    }

    @Test
    void schemasOwnerReadsNoTableForSomebodyThatIsNotCaptured() throws SQLException {
        captureAsOwner();
        scene.run("CREATE TABLE shop.secret (id integer)", "GRANT SELECT ON shop.secret TO capture_owner");
        String id =
                scene.rows("SELECT capture_id FROM dualwrite.captured_table").get(0);

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() ->
                        scene.runAs("other_owner", "SELECT dualwrite.refer_to_rows('shop.secret', %s)".formatted(id)))
                .withMessageContaining("has no triggers of the capture of shop.item");
    }

    @Test
    void castOfTheTablesOwnerDoesNotRunWithTheRightsOfTheSchemasOwner() throws SQLException {
        scene.runAs("table_owner", """
                CREATE TYPE shop.color AS ENUM ('red');
                CREATE FUNCTION shop.spy(shop.color) RETURNS text LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'runs as %', current_user;
                END
                $$;
                CREATE CAST (shop.color AS text) WITH FUNCTION shop.spy(shop.color) AS IMPLICIT;
                CREATE TABLE shop.paint (color shop.color PRIMARY KEY);
                SELECT dualwrite.capture_table('shop.paint', 'copy', 'paint', '{color}');
                INSERT INTO shop.paint VALUES ('red');
                """);

        assertThat(scene.written()).containsExactly("paint:red");
    }

    @Test
    void namesThatLookLikeStatementsAreNames() throws SQLException {
        scene.runAs("table_owner", """
                CREATE TABLE shop."a'; DROP TABLE shop.item; --" ("$e$ id' || ""x" text PRIMARY KEY);
                SELECT dualwrite.capture_table('shop."a''; DROP TABLE shop.item; --"', 'copy', 'a''$e$; %s', ARRAY['$e$ id'' || "x']);
                INSERT INTO shop."a'; DROP TABLE shop.item; --" VALUES ('x%s''');
                """);

        assertThat(scene.written()).containsExactly("a'$e$; %s:x%s'");
    }

    @Test
    void truncateIsRecordedOnlyIfTheSchemasOwnerMayReadTheRows() throws SQLException {
        String capture = "SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}', 'record')";
        refused("table_owner", capture, "Next: GRANT SELECT ON shop.item TO capture_owner");

        scene.runAs("table_owner", "GRANT SELECT ON shop.item TO capture_owner", capture);
        scene.runAs("row_writer", "INSERT INTO shop.item VALUES (1)");
        scene.written();
        scene.runAs("row_writer", "TRUNCATE shop.item");

        assertThat(scene.written()).containsExactly("item:1");
    }

    @Test
    void rowLevelSecurityThatHidesRowsFromTheSchemasOwnerIsRefused() throws SQLException {
        scene.runAs("table_owner", "ALTER TABLE shop.item ENABLE ROW LEVEL SECURITY");
        refused(
                "table_owner",
                CAPTURE,
                "row-level security of shop.item would hide rows from capture_owner, the owner of schema dualwrite");

        scene.run("ALTER ROLE capture_owner BYPASSRLS");
        try {
            scene.runAs("table_owner", CAPTURE);
        } finally {
            scene.run("ALTER ROLE capture_owner NOBYPASSRLS");
        }
    }

    @Test
    void policyThatIsAddedLaterFailsTheTruncateInsteadOfHidingRows() throws SQLException {
        scene.runAs(
                "table_owner",
                "GRANT SELECT ON shop.item TO capture_owner",
                "SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}', 'record')",
                "INSERT INTO shop.item VALUES (1)",
                "ALTER TABLE shop.item ENABLE ROW LEVEL SECURITY");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.runAs("table_owner", "TRUNCATE shop.item"))
                .withMessageContaining("row-level security");
    }

    @Test
    void newPartitionIsFollowedByWhoMayCreateTriggersThere() throws SQLException {
        scene.runAs("table_owner", """
                CREATE TABLE shop.sale (region integer, id integer, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
                SELECT dualwrite.capture_table('shop.sale', 'copy', 'sale', '{region,id}');
                CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES IN (1);
                """);

        refused(
                "other_owner",
                "SELECT dualwrite.capture_new_partitions()",
                "other_owner may not create triggers on shop.sale_1. Next: GRANT TRIGGER ON shop.sale_1 TO other_owner");
        scene.runAs("table_owner", "GRANT SELECT ON shop.sale_1 TO capture_owner");
        try (var owner = scene.connectAs("table_owner")) {
            assertThat(Psql.run(owner, "SELECT happened, referred FROM dualwrite.capture_new_partitions()"))
                    .hasToString("happened | referred\nattached | 0");
        }
    }

    private static final String CAPTURE = "SELECT dualwrite.capture_table('shop.item', 'copy', 'item', '{id}')";

    private static void captureAsOwner() throws SQLException {
        scene.runAs("table_owner", CAPTURE);
    }

    private static void forbidden(String user, String statement) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.runAs(user, statement))
                .satisfies(e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(FORBIDDEN));
    }

    private static void refused(String user, String statement, String mistake) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.runAs(user, statement))
                .withMessageContaining(mistake);
    }
}
