package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

class SchemaIT {

    private static final String CATALOGUE = """
            SELECT 'relation ' || relname FROM pg_class WHERE oid >= 16384 AND relname !~ '^pg_toast'
            UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE oid >= 16384
            UNION ALL SELECT 'type ' || typname FROM pg_type WHERE oid >= 16384
            UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE oid >= 16384
            """;

    private static InstalledSchema schema;

    @BeforeAll
    static void install() throws SQLException {
        schema = new InstalledSchema("own_name");
        schema.execute("SELECT own_name.register_sink('copy')");
    }

    @Test
    void installedVersionIsTheOneOfTheCode() {
        var store = new ControlStore(schema.dataSource(), "own_name");

        assertThat(store.read()).contains(new ControlStore.Control(Schema.VERSION, Schema.DEFAULT_SHARD_COUNT));
    }

    @Test
    void absentSchemaIsToldFromAnInstalledOne() {
        assertThat(new ControlStore(schema.dataSource(), "elsewhere").read()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            control_has_one_row            | INSERT INTO own_name.control (only_row, schema_version, shard_count) VALUES (false, 1, 1)
            control_pkey                   | INSERT INTO own_name.control (schema_version, shard_count) VALUES (1, 1)
            control_shard_count_in_range   | UPDATE own_name.control SET shard_count = 0
            control_shard_count_in_range   | UPDATE own_name.control SET shard_count = 1025
            control_epoch_in_range         | UPDATE own_name.control SET epoch = 32768
            sink_name_unique               | INSERT INTO own_name.sink (sink_id, name) VALUES (99, 'copy')
            sink_name_valid                | INSERT INTO own_name.sink (sink_id, name) VALUES (99, '1st')
            sink_name_valid                | INSERT INTO own_name.sink (sink_id, name) VALUES (99, 'a/b')
            sink_name_valid                | INSERT INTO own_name.sink (sink_id, name) VALUES (99, repeat('a', 51))
            outbox_entry_operation_known   | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'X', 'o', '1')
            outbox_entry_upsert_has_payload| INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'U', 'o', '1')
            outbox_entry_upsert_has_payload| INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload) VALUES (1, 0, 1, 'D', 'o', '1', '')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', '', '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', repeat('o', 101), '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'a:b', '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', E'a\\tb', '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', E'a\\n', '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', E'\\nb', '1')
            outbox_entry_aggregate_type_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', chr(127), '1')
            outbox_entry_aggregate_id_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'o', '')
            outbox_entry_aggregate_id_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'o', repeat('1', 1001))
            outbox_entry_aggregate_id_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'o', E'1\\t2')
            outbox_entry_aggregate_id_valid | INSERT INTO own_name.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id) VALUES (1, 0, 1, 'D', 'o', E'1\\n')
            lane_pkey                      | INSERT INTO own_name.lane (sink_id, shard) VALUES (1, 0)
            lane_sink_fkey                 | INSERT INTO own_name.lane (sink_id, shard) VALUES (98, 0)
            lane_floor_not_negative        | UPDATE own_name.lane SET floor = -1
            held_entry_attempts_not_negative     | INSERT INTO own_name.held_entry (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type, aggregate_id) VALUES (1, now(), -1, 1, 0, 1, 'D', 'blocked', 'o', '1')
            held_entry_state_known               | INSERT INTO own_name.held_entry (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type, aggregate_id) VALUES (1, now(), 0, 1, 0, 1, 'D', 'lost', 'o', '1')
            held_entry_next_attempt_fits_state   | INSERT INTO own_name.held_entry (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type, aggregate_id) VALUES (1, now(), 1, 1, 0, 1, 'D', 'backing_off', 'o', '1')
            held_entry_next_attempt_fits_state   | INSERT INTO own_name.held_entry (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type, aggregate_id, next_attempt_at) VALUES (1, now(), 1, 1, 0, 1, 'D', 'blocked', 'o', '1', now())
            held_entry_dead_has_error            | INSERT INTO own_name.held_entry (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type, aggregate_id) VALUES (1, now(), 10, 1, 0, 1, 'D', 'dead', 'o', '1')
            """)
    void constraintRefusesNonsense(String constraint, String statement) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> schema.execute(statement))
                .satisfies(e -> assertThat(e.getServerErrorMessage().getConstraint())
                        .as(e.getMessage())
                        .isEqualTo(constraint));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aggregateTypeIsCountedInCharacters(int length) {
        String type = "ö".repeat(length);

        assertThatCode(() -> schema.execute("""
                        INSERT INTO own_name.outbox_entry
                               (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id)
                        VALUES (1, 0, 1, 'D', '%s', 'a:b')
                        """.formatted(type))).doesNotThrowAnyException();
    }

    /** With a null bitmap the head of each row would be eight bytes wider. */
    @Test
    void onlyThePayloadOfAnEntryMayBeNull() throws SQLException {
        assertThat(schema.query("""
                        SELECT attname
                        FROM pg_attribute
                        WHERE attrelid = 'own_name.outbox_entry'::regclass AND attnum > 0 AND NOT attnotnull
                        """)).containsExactly("payload");
    }

    @Test
    void sinkKeepsItsNumberAndGetsALaneForEachShardOnce() throws SQLException {
        List<String> first = schema.query("SELECT own_name.register_sink('search')");
        List<String> again = schema.query("SELECT own_name.register_sink('search')");

        assertThat(again).isEqualTo(first);
        assertThat(schema.query("SELECT count(*) FROM own_name.lane WHERE sink_id = " + first.get(0)))
                .containsExactly("16");
    }

    @Test
    void sequenceHandsOutNumbersOneByOneAndFitsBelowTheEpoch() throws SQLException {
        assertThat(schema.query("""
                        SELECT concat_ws(' ', cache_size, max_value, cycle)
                        FROM pg_sequences
                        WHERE schemaname = 'own_name' AND sequencename = 'entry_sequence'
                        """)).containsExactly("1 281474976710655 f");
    }

    @Test
    void transactionIdIsTakenBeforeTheNumberIsDrawn() throws SQLException {
        assertThat(schema.query("""
                        SELECT attname
                        FROM pg_attribute
                        WHERE attrelid = 'own_name.outbox_entry'::regclass AND attname IN ('xid', 'sequence')
                        ORDER BY attnum
                        """)).containsExactly("xid", "sequence");
    }

    @Test
    void hotTableHasOneIndexAndItIsThePrimaryKey() throws SQLException {
        assertThat(schema.query("""
                        SELECT indexname
                        FROM pg_indexes
                        WHERE schemaname = 'own_name' AND tablename = 'outbox_entry'
                        """)).containsExactly("outbox_entry_pkey");
    }

    @Test
    void everyUndoFileLeadsBackToTheFileBefore() throws SQLException {
        var fresh = new InstalledSchema("step_by_step");
        for (int version = Schema.VERSION; version > 1; version--) {
            String file = Schema.FILES.get(version - 1);
            List<String> installed = fresh.query(CATALOGUE + " ORDER BY 1");

            fresh.execute(fresh.file("undo/" + file));
            assertThat(fresh.query("SELECT schema_version FROM step_by_step.control"))
                    .containsExactly(Integer.toString(version - 1));
            fresh.execute(fresh.file("postgresql/" + file));
            assertThat(fresh.query(CATALOGUE + " ORDER BY 1")).as(file).isEqualTo(installed);

            fresh.execute(fresh.file("undo/" + file));
        }
    }

    @Test
    void undoOfTheRepeatableFileLeadsBackToTheNumberedOnes() throws SQLException {
        var fresh = new InstalledSchema("granted");
        List<String> installed = fresh.query(CATALOGUE + " ORDER BY 1");

        fresh.execute(fresh.file("undo/" + Schema.REPEATABLE_FILE));
        assertThat(fresh.query(CATALOGUE)).hasSize(installed.size() - 1);
        fresh.execute(fresh.file("postgresql/" + Schema.REPEATABLE_FILE));

        assertThat(fresh.query(CATALOGUE + " ORDER BY 1")).isEqualTo(installed);
    }

    @Test
    void undoFileLeavesNothingBehind() throws SQLException {
        var fresh = new InstalledSchema("to_be_undone");
        assertThat(fresh.query(CATALOGUE)).isNotEmpty();

        fresh.execute(fresh.file("undo/V1__outbox.sql"));

        assertThat(fresh.query(CATALOGUE)).isEmpty();
    }

    @Test
    void claimReadsTheRangeOfItsLaneThroughThePrimaryKey() throws SQLException {
        var filled = new InstalledSchema("dualwrite");
        filled.execute("""
                INSERT INTO dualwrite.outbox_entry
                       (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT 1 + n % 2, n % 16, 1, 'U', 'order', n, 'x'
                FROM generate_series(1, 50000) AS n
                """);
        filled.execute("ANALYZE dualwrite.outbox_entry");
        String claim = numbered(new PostgresStatements("dualwrite").claim);

        String prepareAndExplain = "PREPARE claim (smallint[], smallint[], bigint[], boolean[], integer, bigint) AS "
                + claim + "; EXPLAIN EXECUTE claim ('{1,1}', '{0,1}', '{100,100}', '{f,f}', 100, 8000000)";

        assertThat(String.join("\n", lastResult(filled, prepareAndExplain)))
                .contains("Index Scan using outbox_entry_pkey")
                .doesNotContain("Seq Scan on outbox_entry");
    }

    @ParameterizedTest
    @MethodSource("statements")
    void statementIsUnderstoodByTheDatabase(String name, String statement) {
        // NOTIFY and LISTEN cannot be prepared.
        boolean preparable = !statement.startsWith("NOTIFY") && !statement.startsWith("LISTEN");
        assertThatCode(() -> schema.execute(preparable ? "PREPARE " + name + " AS " + numbered(statement) : statement))
                .doesNotThrowAnyException();
    }

    @Test
    void statementsNameNoOtherSchemaThanTheConfiguredOne() throws ReflectiveOperationException {
        assertThat(statements().stream().map(arguments -> (String) arguments[1]))
                .hasSizeGreaterThan(10)
                .noneMatch(statement -> statement.contains("dualwrite.") && !statement.contains("'dualwrite."));
    }

    /** Name and text of each statement. */
    static List<Object[]> statements() throws ReflectiveOperationException {
        var statements = new PostgresStatements("own_name");
        Map<String, String> byName = new TreeMap<>();
        for (Field field : PostgresStatements.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                byName.put(field.getName(), (String) field.get(statements));
            }
        }
        List<Object[]> all = new ArrayList<>();
        byName.forEach((name, text) -> all.add(new Object[] {name, text}));
        return all;
    }

    /** The same statement with PostgreSQL's own parameters; none of them has a question mark for another reason. */
    private static String numbered(String statement) {
        var numbered = new StringBuilder();
        int parameter = 0;
        for (int i = 0; i < statement.length(); i++) {
            char c = statement.charAt(i);
            if (c == '?') {
                numbered.append('$').append(++parameter);
            } else {
                numbered.append(c);
            }
        }
        return numbered.toString();
    }

    private static List<String> lastResult(InstalledSchema schema, String statements) throws SQLException {
        try (var connection = schema.dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(statements);
            while (statement.getResultSet() == null) {
                statement.getMoreResults();
            }
            var lines = new ArrayList<String>();
            try (var rows = statement.getResultSet()) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
            return lines;
        }
    }
}
