package dev.dualwrite.relay.sink.jdbc;

import static dev.dualwrite.relay.sink.jdbc.Secondary.APPLIED;
import static dev.dualwrite.relay.sink.jdbc.Secondary.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.dualwrite.outbox.spi.ApplyResult;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** JSON values arrive as the values of the column's type; those that cannot are refused, never bent. */
class JdbcSinkTypesIT {

    private static final Secondary SECONDARY = new Secondary();

    @BeforeAll
    static void createTable() {
        SECONDARY.run(
                "CREATE SCHEMA kinds",
                "CREATE TYPE kinds.colour AS ENUM ('red', 'light blue')",
                "CREATE DOMAIN kinds.document AS jsonb",
                "CREATE TABLE types (id bigint PRIMARY KEY, a_bigint bigint, a_numeric numeric(30,10), a_free numeric,"
                        + " a_double double precision, a_text text, a_short varchar(5), a_char char(3), a_boolean boolean,"
                        + " a_timestamptz timestamptz, a_timestamp timestamp, a_date date, a_uuid uuid, a_jsonb jsonb,"
                        + " a_document kinds.document, a_json json, texts text[], shorts varchar(3)[], ints int[], docs jsonb[],"
                        + " a_bytea bytea, a_colour kinds.colour, a_interval interval, a_bit bit(3),"
                        + " dualwrite_version bigint NOT NULL)");
    }

    // Each value written and compared by the server itself.
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a_bigint; 9223372036854775807; 9223372036854775807",
                "a_bigint; -9223372036854775808; -9223372036854775808",
                "a_bigint; \"42\"; 42",
                "a_numeric; 12345678901234567890.0123456789; 12345678901234567890.0123456789",
                "a_free; 1e40; 10000000000000000000000000000000000000000",
                "a_free; 1E-2000; '1E-2000'",
                "a_double; 0.1; 0.1",
                "a_text; \"\"; ''",
                "a_text; \"NULL\"; 'NULL'",
                "a_text; \"a'b\\\"c\\\\d,{e}\\n\\t\"; E'a''b\"c\\\\d,{e}\\n\\t'",
                "a_text; \"ä 漢 😀 \\ud83d\\ude00 \\u0001\"; U&'\\00E4 \\6F22 \\+01F600 \\+01F600 \\0001'",
                "a_text; 1.10; '1.10'",
                "a_text; true; 'true'",
                "a_text; {\"k\":[1,2]}; '{\"k\":[1,2]}'",
                "a_short; \"abcde\"; 'abcde'",
                "a_char; \"abc\"; 'abc'",
                "a_boolean; true; true",
                "a_boolean; false; false",
                "a_timestamptz; \"2026-03-29T01:30:00.123456Z\"; '2026-03-29 01:30:00.123456+00'",
                "a_timestamptz; \"2026-03-29T01:30:00+05:45\"; '2026-03-28 19:45:00+00'",
                "a_timestamptz; \"2026-03-29T01:30:00\"; '2026-03-29 01:30:00+00'",
                "a_timestamp; \"2026-03-29T01:30:00Z\"; '2026-03-29 01:30:00'",
                "a_date; \"2024-02-29\"; '2024-02-29'",
                "a_uuid; \"6F9619FF-8B86-D011-B42D-00CF4FC964FF\"; '6f9619ff-8b86-d011-b42d-00cf4fc964ff'",
                "a_jsonb; {\"b\":1.10,\"a\":[null,\"ä\\\"\"]}; '{\"a\": [null, \"ä\\\"\"], \"b\": 1.10}'",
                "a_jsonb; \"text\"; '\"text\"'",
                "a_jsonb; 12; '12'",
                "a_document; [1,{}]; '[1, {}]'",
                "texts; [\"a\",null,\"NULL\",\"\",\"q\\\"\\\\ ,{}\"]; ARRAY['a',NULL,'NULL','',E'q\"\\\\ ,{}']",
                "texts; []; '{}'",
                "texts; [[\"a\",\"b\"],[\"c\",\"d\"]]; ARRAY[['a','b'],['c','d']]",
                "ints; [1,-2,null]; ARRAY[1,-2,NULL]",
                "docs; [{\"a\":\"x\\\"y\"},1]; ARRAY['{\"a\":\"x\\\"y\"}'::jsonb,'1']",
                "ints; \"[0:1]={1,2}\"; '[0:1]={1,2}'",
                "texts; \"{a,NULL,\\\"b c\\\"}\"; ARRAY['a',NULL,'b c']",
                "a_bytea; \"AAEC/w==\"; '\\x000102ff'",
                "a_bytea; \"\"; ''",
                "a_colour; \"light blue\"; 'light blue'",
                "a_interval; \"PT36H\"; '36 hours'",
                "a_bit; \"101\"; B'101'",
            })
    void valueArrivesAsItIs(String column, String json, String expected) throws Exception {
        assertThat(write(column, json)).containsExactly(APPLIED);

        assertThat(SECONDARY.value("SELECT " + column + " IS NOT DISTINCT FROM " + expected + " FROM types"))
                .as("%s written from %s, now %s", column, json, SECONDARY.value("SELECT " + column + " FROM types"))
                .isEqualTo("t");
    }

    @Test
    void nullArrivesAsNullInEveryColumn() throws Exception {
        for (String column : SECONDARY.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'types'::regclass"
                + " AND attnum > 1 AND attname <> 'dualwrite_version'")) {
            write(column, "null");

            assertThat(SECONDARY.value("SELECT " + column + " IS NULL FROM types"))
                    .as(column)
                    .isEqualTo("t");
        }
    }

    @Test
    void jsonNullIsOneWhereThereCanBeNoOther() throws Exception {
        SECONDARY.run(
                "DROP TABLE IF EXISTS must",
                "CREATE TABLE must (id bigint PRIMARY KEY, doc jsonb NOT NULL,"
                        + " dualwrite_version bigint NOT NULL)");

        assertThat(SECONDARY.sink("must", "id").build().apply(List.of(upsert("1", 1, "{\"doc\":null}"))))
                .containsExactly(APPLIED);

        assertThat(SECONDARY.value("SELECT doc FROM must")).isEqualTo("null");
    }

    @Test
    void numberKeepsEveryDigitThatANumericHas() throws Exception {
        String digits = "7".repeat(131_072) + "." + "8".repeat(16_383);

        write("a_free", digits);

        assertThat(SECONDARY.value("SELECT a_free::text = '" + digits + "' FROM types"))
                .isEqualTo("t");
    }

    @Test
    void jsonKeepsItsTrailingZeros() throws Exception {
        write("a_json", "{\"a\":1.10}");

        assertThat(SECONDARY.value("SELECT a_json FROM types")).isEqualTo("{\"a\":1.10}");
    }

    // The cast to varchar(5) would cut it off without a word; so would char(3) and an array's elements.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"a_short; \"abcdef\"", "a_char; \"abcd\"", "shorts; [\"abcd\"]", "a_bit; \"1011\""})
    void tooLongTextIsRefusedNotCutOff(String column, String json) throws Exception {
        assertThat(write(column, json)).singleElement().isInstanceOf(ApplyResult.Rejected.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a_bigint; \"s3cret\"; 22P02",
                "a_bigint; 9223372036854775808; 22003",
                "a_date; \"s3cret\"; 22007",
                "a_date; \"2026-02-30\"; 22008",
                "a_uuid; \"s3cret\"; 22P02",
                "a_bytea; \"s3cret!\"; 22023",
                "a_colour; \"s3cret\"; 22P02",
                "ints; [1,\"s3cret\"]; 22P02",
            })
    void valueOfAnotherTypeIsRejectedWithItsColumnAndWithoutTheValue(String column, String json, String sqlState)
            throws Exception {
        assertThat(write(column, json))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("'" + column + "'", "/v", sqlState)
                                .doesNotContain("s3cret")
                                .doesNotContain("9223372036854775808"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a_bigint; {\"s3cret\":1}",
                "a_date; [1]",
                "ints; 1",
                "a_bytea; 1",
                "a_text; \"s3cret\\u0000\"",
                "a_jsonb; {\"a\":[\"s3cret\\u0000\"]}",
                "a_jsonb; {\"s3cret\\u0000\":1}",
                "texts; [\"s3cret\\ud800\"]",
            })
    void valueThatNoTextCanExpressIsRejectedBeforeItIsSent(String column, String json) throws Exception {
        JdbcSink sink = sinkFor(column);

        List<ApplyResult> results =
                sink.apply(List.of(upsert("1", 1, "{\"v\":" + json + "}"), upsert("2", 2, "{\"v\":null}")));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        ApplyResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("'" + column + "'")
                                .doesNotContain("s3cret"));
        assertThat(results.get(1)).isEqualTo(APPLIED);
    }

    @Test
    void typeMeansTheSameWhateverTheSearchPathOfTheConnection() throws Exception {
        var source = new PGSimpleDataSource();
        source.setUrl(SECONDARY.database().url());
        source.setUser(SECONDARY.database().user());
        source.setCurrentSchema("public,kinds");
        JdbcSink sink = JdbcSink.builder(source)
                .table("types")
                .keyColumns("id")
                .column("a_colour", "/v")
                .build();
        sink.validate();
        source.setCurrentSchema("public");

        assertThat(sink.apply(List.of(upsert("7", 1, "{\"v\":\"red\"}")))).containsExactly(APPLIED);
    }

    @Test
    void badValueAmongOthersFailsTheBatchWithoutShowingIt() {
        JdbcSink sink = sinkFor("a_bigint");

        SQLException failure = catchThrowableOfType(
                SQLException.class,
                () -> sink.apply(List.of(upsert("1", 1, "{\"v\":\"s3cret\"}"), upsert("2", 2, "{\"v\":2}"))));

        assertThat(failure.getSQLState()).isEqualTo("22P02");
        assertThat((Throwable) failure).hasMessageContaining("public.types").hasMessageNotContaining("s3cret");
    }

    private static List<ApplyResult> write(String column, String json) throws SQLException {
        return sinkFor(column).apply(List.of(upsert("1", 1, "{\"v\":" + json + "}")));
    }

    private static JdbcSink sinkFor(String column) {
        SECONDARY.run("TRUNCATE types");
        return SECONDARY.sink("types", "id").column(column, "/v").build();
    }
}
