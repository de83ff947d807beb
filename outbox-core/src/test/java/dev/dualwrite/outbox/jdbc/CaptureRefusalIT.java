package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What capture_table refuses: each mistake with its name and its cure, all in one report. */
class CaptureRefusalIT {

    private static final String REFUSED = "22023";

    private static CaptureScene scene;

    @BeforeAll
    static void createTables() throws SQLException {
        scene = new CaptureScene();
        scene.clear();
        scene.run("""
                CREATE TYPE shop.color AS ENUM ('red', 'green');
                CREATE DOMAIN shop.sku AS varchar(20);
                CREATE DOMAIN shop.long_sku AS shop.sku;
                CREATE DOMAIN shop.weight AS double precision;
                CREATE COLLATION shop.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                CREATE TABLE shop.fit (id integer PRIMARY KEY, other integer UNIQUE);
                CREATE TABLE shop.wide (
                    a_smallint smallint NOT NULL, a_integer integer NOT NULL, a_bigint bigint NOT NULL,
                    a_numeric numeric(9, 2) NOT NULL, a_text text NOT NULL, a_varchar varchar(9) NOT NULL,
                    a_char char(9) NOT NULL, a_uuid uuid NOT NULL, a_date date NOT NULL, a_timestamp timestamp NOT NULL,
                    a_timestamptz timestamptz NOT NULL, a_boolean boolean NOT NULL, a_color shop.color NOT NULL,
                    a_sku shop.long_sku NOT NULL, a_real real NOT NULL, a_double double precision NOT NULL,
                    a_bytea bytea NOT NULL, a_jsonb jsonb NOT NULL, a_time time NOT NULL, a_interval interval NOT NULL,
                    a_list integer[] NOT NULL, a_weight shop.weight NOT NULL, a_name name NOT NULL,
                    a_word text COLLATE shop.any_case NOT NULL, a_null integer,
                    a_read integer GENERATED ALWAYS AS (1) VIRTUAL NOT NULL, id integer PRIMARY KEY);
                CREATE VIEW shop.a_view AS SELECT 1 AS id;
                CREATE MATERIALIZED VIEW shop.a_matview AS SELECT 1 AS id;
                CREATE SEQUENCE shop.a_sequence;
                CREATE UNLOGGED TABLE shop.light (id integer PRIMARY KEY);
                CREATE TABLE shop.tree (id integer PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE shop.branch PARTITION OF shop.tree FOR VALUES FROM (0) TO (9);
                CREATE TABLE shop.parent (id integer PRIMARY KEY);
                CREATE TABLE shop.child (PRIMARY KEY (id)) INHERITS (shop.parent);
                CREATE TABLE shop.deferred (id integer NOT NULL UNIQUE DEFERRABLE);
                CREATE TABLE shop.partial (id integer NOT NULL);
                CREATE UNIQUE INDEX ON shop.partial (id) WHERE id > 0;
                CREATE TABLE shop.computed (id integer NOT NULL);
                CREATE UNIQUE INDEX ON shop.computed ((id + 1));
                CREATE TABLE shop.mixed (id integer NOT NULL, more integer NOT NULL);
                CREATE UNIQUE INDEX ON shop.mixed (id, (more + 1));
                CREATE TABLE shop.carrying (id integer NOT NULL, more integer NOT NULL);
                CREATE UNIQUE INDEX ON shop.carrying (id) INCLUDE (more);
                CREATE TABLE shop.plain (id integer NOT NULL, more integer NOT NULL, UNIQUE (id, more));
                CREATE TABLE shop.covering (id integer NOT NULL, more integer NOT NULL);
                CREATE UNIQUE INDEX ON shop.covering (more) INCLUDE (id);
                CREATE TABLE shop.broken (id integer NOT NULL);
                CREATE UNIQUE INDEX broken_key ON shop.broken (id);
                UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.broken_key'::regclass;
                CREATE TABLE shop.unproved (id integer UNIQUE);
                ALTER TABLE shop.unproved ADD CONSTRAINT id_there NOT NULL id NOT VALID;
                """);
    }

    @BeforeEach
    void release() throws SQLException {
        scene.release();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            shop.fit        | nowhere | fit  | {id}       | refuse | there is no sink 'nowhere', known: copy, search
            shop.fit        |         | fit  | {id}       | refuse | there is no sink null
            shop.fit        | copy    | a:b  | {id}       | refuse | the aggregate type is 'a:b', expected 1 to 100 characters
            shop.fit        | copy    |      | {id}       | refuse | the aggregate type is null
            shop.fit        | copy    | fit  | {id}       | later  | on_truncate is 'later'. Next: say refuse or record
            shop.fit        | copy    | fit  | {}         | refuse | key_columns is empty
            shop.fit        | copy    | fit  |            | refuse | key_columns is empty
            shop.fit        | copy    | fit  | {nr}       | refuse | it has no key column 'nr', its columns are id, other
            shop.fit        | copy    | fit  | {ctid}     | refuse | it has no key column 'ctid'
            shop.fit        | copy    | fit  | {id,NULL}  | refuse | it has no key column null
            shop.fit        | copy    | fit  | {id,id}    | refuse | key column id is named 2 times
            shop.fit        | copy    | fit  | {other}    | refuse | key column other may be null. Next: ALTER TABLE shop.fit ALTER COLUMN other SET NOT NULL.
            shop.unproved   | copy    | fit  | {id}       | refuse | key column id may be null. Next: ALTER TABLE shop.unproved ALTER COLUMN id SET NOT NULL, and validate it.
            shop.a_view     | copy    | fit  | {id}       | refuse | it is a view, expected an ordinary or a partitioned table
            shop.a_matview  | copy    | fit  | {id}       | refuse | it is a materialized view
            shop.a_sequence | copy    | fit  | {id}       | refuse | it is a sequence
            shop.fit_pkey   | copy    | fit  | {id}       | refuse | it is an index
            shop.light      | copy    | fit  | {id}       | refuse | it is unlogged: a crash of the server empties it
            shop.branch     | copy    | fit  | {id}       | refuse | it is a partition of shop.tree, writes through that one would not be seen. Next: capture shop.tree
            shop.parent     | copy    | fit  | {id}       | refuse | other tables inherit from it
            shop.child      | copy    | fit  | {id}       | refuse | it inherits from another table
            pg_class        | copy    | fit  | {oid}      | refuse | it is a system table
            dualwrite.lane  | copy    | fit  | {sink_id,shard} | refuse | it is a table of the outbox
            shop.deferred   | copy    | fit  | {id}       | refuse | its key (id) is not unique: no valid unique index, not deferrable
            shop.partial    | copy    | fit  | {id}       | refuse | its key (id) is not unique
            shop.computed   | copy    | fit  | {id}       | refuse | its key (id) is not unique
            shop.mixed      | copy    | fit  | {id}       | refuse | its key (id) is not unique
            shop.broken     | copy    | fit  | {id}       | refuse | its key (id) is not unique
            shop.plain      | copy    | fit  | {id}       | refuse | its key (id) is not unique
            shop.covering   | copy    | fit  | {id}       | refuse | its key (id) is not unique
            """)
    void mistakeIsNamedWithItsCure(
            String table, String sink, String type, String keys, String truncate, String mistake) {
        assertThat(mistakes(table, sink, type, keys, truncate))
                .startsWith("1. " + mistake)
                .contains(" Next: ");
    }

    @Test
    void everyMistakeIsToldAtOnceAndNothingIsChanged() throws SQLException {
        ServerErrorMessage error = refusal("shop.light", "nowhere", "", "{nr,nr,id}", "never");

        assertThat(error.getSQLState()).isEqualTo(REFUSED);
        assertThat(error.getMessage()).isEqualTo("table shop.light cannot be captured: 5 mistakes");
        assertThat(error.getDetail().lines().map(line -> line.substring(0, 2)))
                .containsExactly("1.", "2.", "3.", "4.", "5.");
        assertThat(error.getHint()).isEqualTo("Nothing was changed. Correct all of them, then call again.");
        assertThat(scene.rows("SELECT FROM dualwrite.captured_table UNION ALL SELECT FROM dualwrite.audit"))
                .isEmpty();
    }

    @Test
    void temporaryTableIsRefused() {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("""
                        CREATE TEMPORARY TABLE short_lived (id integer PRIMARY KEY);
                        SELECT dualwrite.capture_table('short_lived', 'copy', 'x', '{id}');
                        """))
                .withMessageContaining("it is temporary");
    }

    @Test
    void tableThatIsGoneIsRefused() {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("SELECT dualwrite.capture_table(1::regclass, 'copy', 'x', '{id}')"))
                .withMessageContaining("1. there is no such table.");
        assertThat(mistakes(null, "copy", "fit", "{id}", "refuse")).startsWith("1. there is no such table.");
    }

    @Test
    void partitionThatIsAForeignTableIsRefused() throws SQLException {
        // Without a handler, which only an extension would bring: the catalogue is what is looked at.
        scene.run("""
                CREATE FOREIGN DATA WRAPPER far;
                CREATE SERVER far FOREIGN DATA WRAPPER far;
                CREATE TABLE shop.spread (id integer NOT NULL, part integer NOT NULL) PARTITION BY LIST (part);
                CREATE FOREIGN TABLE shop.far PARTITION OF shop.spread FOR VALUES IN (1) SERVER far;
                """);
        try {
            assertThat(mistakes("shop.spread", "copy", "spread", "{id}", "refuse"))
                    .contains("these partitions are foreign tables, which triggers cannot watch: shop.far.");
            assertThat(mistakes("shop.far", "copy", "far", "{id}", "refuse")).startsWith("1. it is a foreign table");
        } finally {
            scene.run("DROP FOREIGN DATA WRAPPER far CASCADE");
        }
    }

    @Test
    void tableIsCapturedOnceForASinkAndATypeIsOfOneTableAndKey() throws SQLException {
        scene.run("SELECT dualwrite.capture_table('shop.fit', 'copy', 'fit', '{id}')");

        assertThat(mistakes("shop.fit", "copy", "fit", "{id}", "refuse"))
                .startsWith("1. it is captured for sink copy already, since ")
                .contains("as fit (id). Next: release_table('shop.fit', 'copy') first");
        assertThat(mistakes("shop.parent", "search", "fit", "{id}", "refuse"))
                .startsWith("1. aggregate type fit is that of table shop.fit with key (id).");
        assertThat(mistakes("shop.fit", "search", "fit", "{id,other}", "refuse"))
                .startsWith("1. aggregate type fit is that of table shop.fit with key (id).");
        assertThatCode(() -> capture("shop.fit", "search", "fit", "{id}", "refuse"))
                .doesNotThrowAnyException();
    }

    @Test
    void captureWaitsForAServiceThatWritesDownItsEntitiesAndTheOtherWayRound() throws SQLException {
        String lock = "LOCK TABLE dualwrite.captured_entity IN SHARE ROW EXCLUSIVE MODE";
        String capture = "SELECT dualwrite.capture_table('shop.fit', 'copy', 'fit', '{id}')";
        try (Connection first = scene.connect()) {
            CaptureScene.run(first, "BEGIN", lock);
            waits(capture);
            CaptureScene.run(
                    first, "INSERT INTO dualwrite.captured_entity VALUES ('shop.fit', 'com.example.Fit')", "COMMIT");
            assertThat(mistakes("shop.fit", "copy", "fit", "{id}", "refuse")).contains("com.example.Fit");
            CaptureScene.run(first, "DELETE FROM dualwrite.captured_entity");

            CaptureScene.run(first, "BEGIN", capture);
            waits(lock);
            CaptureScene.run(first, "ROLLBACK");
        }
    }

    private static void waits(String statement) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("BEGIN; SET LOCAL lock_timeout = '20ms'; " + statement))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("55P03"));
    }

    @Test
    void captureUnderASnapshotFromBeforeItsLocksIsRefused() {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("BEGIN ISOLATION LEVEL REPEATABLE READ;"
                        + " SELECT dualwrite.capture_table('shop.fit', 'copy', 'fit', '{id}')"))
                .withMessageContaining("capture_table in a transaction of isolation repeatable read");
    }

    @Test
    void tableThatTheServiceCapturesIsRefused() throws SQLException {
        scene.run("INSERT INTO dualwrite.captured_entity VALUES ('shop.fit', 'com.example.Fit')");

        assertThat(mistakes("shop.fit", "copy", "fit", "{id}", "refuse"))
                .startsWith("1. the service captures it already, as entity com.example.Fit.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a_smallint",
                "a_integer",
                "a_bigint",
                "a_numeric",
                "a_text",
                "a_varchar",
                "a_char",
                "a_uuid",
                "a_date",
                "a_timestamp",
                "a_timestamptz",
                "a_boolean",
                "a_color",
                "a_sku"
            })
    void typeWithOneTextForAValueIsAKey(String column) {
        assertThatCode(() -> capture("shop.wide", "copy", "wide", "{id," + column + "}", "refuse"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a_real",
                "a_double",
                "a_bytea",
                "a_jsonb",
                "a_time",
                "a_interval",
                "a_list",
                "a_weight",
                "a_name"
            })
    void typeWithoutOneTextForAValueIsNone(String column) {
        assertThat(mistakes("shop.wide", "copy", "wide", "{id," + column + "}", "refuse"))
                .startsWith("1. key column " + column + " is of type ")
                .contains("which has no single text for a value. Next: choose a key of smallint");
    }

    @Test
    void columnsThatAUniqueIndexOnlyCarriesNeedNotBeInTheKey() {
        assertThatCode(() -> capture("shop.carrying", "copy", "carrying", "{id}", "refuse"))
                .doesNotThrowAnyException();
    }

    @Test
    void columnsWhoseValuesAreNotOneTextOrNotStoredAreNoKeys() {
        assertThat(mistakes("shop.wide", "copy", "wide", "{id,a_word,a_read}", "refuse"))
                .contains("key column a_word has the non-deterministic collation any_case")
                .contains("key column a_read is generated when it is read. Next: make it STORED");
    }

    @Test
    void releaseOfWhatIsNotCapturedNamesWhatIs() throws SQLException {
        scene.run("SELECT dualwrite.capture_table('shop.fit', 'copy', 'fit', '{id}')");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("SELECT dualwrite.release_table('shop.fit', 'search')"))
                .withMessageContaining(
                        "table shop.fit is not captured for sink 'search', captured are: shop.fit for copy");
    }

    private static String mistakes(String table, String sink, String type, String keys, String truncate) {
        return refusal(table, sink, type, keys, truncate).getDetail();
    }

    private static ServerErrorMessage refusal(String table, String sink, String type, String keys, String truncate) {
        PSQLException refused =
                catchThrowableOfType(PSQLException.class, () -> capture(table, sink, type, keys, truncate));
        assertThat((Throwable) refused).as("capture of %s", table).isNotNull();
        assertThat(refused.getServerErrorMessage().getSQLState())
                .as(refused.getMessage())
                .isEqualTo(REFUSED);
        return refused.getServerErrorMessage();
    }

    private static void capture(String table, String sink, String type, String keys, String truncate)
            throws SQLException {
        try (var connection = scene.connect();
                var call = connection.prepareStatement(
                        "SELECT dualwrite.capture_table(?::regclass, ?, ?, ?::text[], ?)")) {
            call.setString(1, table);
            call.setString(2, sink);
            call.setString(3, type);
            call.setString(4, keys);
            call.setString(5, truncate);
            call.execute();
        }
    }
}
