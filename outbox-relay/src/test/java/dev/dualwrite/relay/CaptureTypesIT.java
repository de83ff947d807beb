package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import dev.dualwrite.relay.state.References;
import dev.dualwrite.relay.state.References.Loaders;
import dev.dualwrite.relay.state.References.Room;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A row of a captured table arrives in another PostgreSQL as it is, whatever the types of its columns. */
class CaptureTypesIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** Every plane, its last character, which is none, direction marks, combining ones, and what JSON and SQL escape. */
    private static final String TEXTS = """
            ''; ' '; E'a''b"c\\\\d,{e}()[]\\n\\t\\r\\b\\f'; E'\\u0001\\u007f\\u0085\\u2028'; 'NULL'; 'null'; '-0'; '1.10'; 'ä e\u0301 漢 ﷽ שלום';
            U&'\\FFFF \\FFFE \\FDD0 \\200F \\202E \\0627'; U&'\\+010000 \\+01FFFF \\+020000 \\+02FFFF \\+030000 \\+0E0001 \\+0F0000';
            U&'\\+10FFFF \\+100000 \\+0FFFFF'; repeat('𐍈', 500);
            (SELECT string_agg(chr(plane * 65536 + 65533), '') FROM generate_series(0, 16) AS plane)""";

    /** Type, and its values as SQL, separated by semicolons. */
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("boolean", "true; false");
        TYPES.put("smallint", "-32768; 32767; 0");
        TYPES.put("integer", "-2147483648; 2147483647");
        TYPES.put("bigint", "-9223372036854775808; 9223372036854775807; 9007199254740993");
        TYPES.put(
                "numeric",
                "1.10; 1.1; 100; -0.000; 'NaN'; 'Infinity'; '-Infinity'; 1e-1000; 1e1000; 12345678901234567890.12345678901234567890;"
                        + " repeat('9', 131072)::numeric; (repeat('9', 5000) || '.' || repeat('7', 16383))::numeric");
        TYPES.put("numeric(12,4)", "1.1; -99999999.9999; 'NaN'");
        TYPES.put("money", "'1234.56'; '-0.01'; '-92233720368547758.08'");
        TYPES.put(
                "real",
                "0.1; '-0'; 'NaN'; 'Infinity'; '-Infinity'; '1e-45'; '3.4028235e38'; '1.17549435e-38'; 16777217; 1e20");
        TYPES.put(
                "double precision",
                "0.1; '-0'; 'NaN'; 'Infinity'; '-Infinity'; '5e-324'; '1.7976931348623157e308'; '2.2250738585072011e-308';"
                        + " 9007199254740993; 1e23; 0.1::float8 + 0.2::float8");
        TYPES.put("text", TEXTS);
        TYPES.put("varchar(600)", TEXTS);
        TYPES.put("char(5)", "''; 'a'; ' a '; 'äöü𐍈x'");
        TYPES.put("\"char\"", "'a'; ''; E'\\x7e'");
        TYPES.put("name", "'a'; 'Größe'");
        TYPES.put("bytea", "''; '\\x00'; '\\xff00fe0a0d5c27'; decode(repeat('00ff5c', 400), 'hex')");
        TYPES.put("uuid", "'6F9619FF-8B86-D011-B42D-00CF4FC964FF'; '00000000-0000-0000-0000-000000000000'");
        TYPES.put(
                "date",
                "'infinity'; '-infinity'; '4713-01-01 BC'; '0044-03-15 BC'; '0001-01-01'; '5874897-12-31'; '2024-02-29'");
        TYPES.put(
                "timestamp",
                "'infinity'; '-infinity'; '4713-01-01 00:00:00 BC'; '0001-12-31 23:59:59.999999 BC'; '294276-12-31 23:59:59.999999';"
                        + " '2026-03-29 02:30:00'; '1999-12-31 23:59:60'; '2026-01-01 00:00:00.000001'");
        TYPES.put(
                "timestamptz",
                "'infinity'; '-infinity'; '4713-01-02 00:00:00+00 BC'; '0044-03-15 12:00:00.5+00 BC'; '294276-12-31 23:59:59.999999+00';"
                        + " '2026-03-29 01:30:00+00'; '1890-01-01 00:00:00+00'; '0001-01-01 00:00:00+14'; '2026-01-01 00:00:00.000001-12'");
        TYPES.put("timestamptz(0)", "'2026-03-29 01:30:00.6+00'");
        TYPES.put("time", "'00:00:00'; '24:00:00'; '23:59:59.999999'");
        TYPES.put("timetz", "'00:00:00+15:59:59'; '24:00:00-15:59:59'; '12:00:00.000001+05:45'");
        TYPES.put(
                "interval",
                "'0'; '1 year 2 mons 3 days 04:05:06.789'; '-1 year -2 mons 3 days -04:05:06.789'; '1 mon -1 day'; '-1 mon 1 day';"
                        + " '-00:00:00.000001'; '30 days'; '1 mon'; '720:00:00'; '178000000 years'; '-178000000 years';"
                        + " '-1 day 00:00:01'; '1 day -00:00:01'");
        TYPES.put("jsonb", """
                '{"b": 1.10, "a": [null, true, "x\\u00e4\\"\\n"], "": {}}'; '[]'; '"text"'; '12.50'; 'false';
                '1e400'; '123456789012345678901234567890.10'; '{"k\\u0001": "\\ud83d\\ude00"}'; '[[1,[2]],[]]'; (repeat('[', 900) || repeat(']', 900))::jsonb""");
        TYPES.put("json", """
                '{"b":1.10,"a":[null,true]}'; '[1,  2]'; '"x"'; '0.0'""");
        TYPES.put(
                "int[]", "'{}'; '{1,NULL,-3}'; '{{1,2},{3,4}}'; '[0:1]={1,2}'; '[2:3][-1:0]={{1,2},{3,4}}'; '{{{1}}}'");
        TYPES.put("bigint[]", "'{9223372036854775807}'");
        TYPES.put("numeric[]", "'{1.10,NaN,-Infinity,NULL}'; '{}'");
        TYPES.put("double precision[]", "'{-0,1}'; '{NaN,Infinity,0.1}'; '{{-0}}'; '[5:5]={1}'");
        TYPES.put("real[]", "'{0.1,-0}'; '{1e-45}'");
        TYPES.put(
                "text[]",
                "ARRAY['', NULL, 'NULL', 'null', E'q\"\\\\ ,{}', 'ä', U&'\\+10FFFF']; ARRAY[ARRAY['a'],ARRAY['b']]; '[3:4]={x,y}'; '{}'");
        TYPES.put("varchar(3)[]", "'{abc,NULL}'");
        TYPES.put("char(3)[]", "'{a,\"  b\"}'");
        TYPES.put("boolean[]", "'{t,f,NULL}'");
        TYPES.put("uuid[]", "'{00000000-0000-0000-0000-000000000000,NULL}'");
        TYPES.put("bytea[]", "ARRAY['\\x00ff'::bytea, NULL, '']; '{}'");
        TYPES.put("jsonb[]", "ARRAY['{\"a\": [1]}'::jsonb, NULL, 'null', '[]', '\"x\"']; ARRAY['[1, 2]'::jsonb]");
        TYPES.put(
                "timestamptz[]",
                "ARRAY['2026-01-01 00:00+00'::timestamptz, 'infinity', NULL, '0044-03-15 00:00+00 BC']");
        TYPES.put("date[]", "'{infinity,2024-02-29,NULL,\"0044-03-15 BC\"}'");
        TYPES.put("timestamp[]", "'{-infinity,\"2024-02-29 00:00:00.5\"}'");
        TYPES.put("interval[]", "ARRAY['-1 mon 1 day 00:00:01'::interval, NULL]");
        TYPES.put("time[]", "'{24:00:00}'");
        TYPES.put("int4range", "'empty'; '[1,5)'; '(,5)'; '[5,)'; '(,)'");
        TYPES.put("numrange", "'[1.10,2.20]'; '(1.1,)'; 'empty'");
        TYPES.put("tstzrange", "'[2026-01-01 00:00+00,infinity)'; '(,)'; '[\"0044-03-15 00:00+00 BC\",)'");
        TYPES.put("daterange", "'[2024-02-29,infinity)'; '(,2024-01-01)'");
        TYPES.put("int4multirange", "'{}'; '{[1,3),[5,7)}'; '{(,)}'");
        TYPES.put("tstzmultirange", "'{[2026-01-01 00:00+00,2026-01-02 00:00+00)}'");
        TYPES.put("int4range[]", "ARRAY['[1,2)'::int4range, 'empty', NULL]");
        TYPES.put("bit(3)", "B'101'; B'000'");
        TYPES.put("bit varying", "B''; B'0101101'");
        TYPES.put("inet", "'192.168.0.1/24'; '::1'; '10.0.0.1'");
        TYPES.put("cidr", "'192.168.0.0/16'; '2001:db8::/32'");
        TYPES.put("macaddr", "'08:00:2b:01:02:03'");
        TYPES.put("macaddr8", "'08:00:2b:01:02:03:04:05'");
        TYPES.put("point", "'(1.5,-0.1)'; '(NaN,Infinity)'");
        TYPES.put("line", "'{1,2,3}'");
        TYPES.put("lseg", "'[(0,0),(1,1.25)]'");
        TYPES.put("box", "'(1,1),(0,0)'");
        TYPES.put("path", "'[(0,0),(1,1)]'; '((0,0),(1,1))'");
        TYPES.put("polygon", "'((0,0),(1,1),(2,0))'");
        TYPES.put("circle", "'<(0.1,0.2),3>'");
        TYPES.put("box[]", "'{(1,1),(0,0);(2,2),(1,1)}'".replace(";", "\u0000"));
        TYPES.put("tsvector", "'a:1A fat:2B,4C ''it''''s'':3'; ''");
        TYPES.put("tsquery", "'fat & (rat | ''c d'':AB*)'");
        TYPES.put("oid", "0; 4294967295");
        TYPES.put("pg_lsn", "'16/B374D848'");
        TYPES.put("int2vector", "'1 2 3'");
        TYPES.put("kinds.colour", "'red'; 'light blue'; 'a\"b\\,{}'");
        TYPES.put("kinds.colour[]", "ARRAY['red', NULL, 'a\"b\\,{}']::kinds.colour[]");
        TYPES.put(
                "kinds.pair",
                "ROW(1, 'a\"b\\,()')::kinds.pair; ROW(NULL, '')::kinds.pair; ROW(NULL, NULL)::kinds.pair");
        TYPES.put("kinds.nested", "ROW(ROW(1, 'x,y')::kinds.pair, ARRAY[1, NULL], '\\x00', '-0')::kinds.nested");
        TYPES.put("kinds.pair[]", "ARRAY[ROW(1, 'a\"b')::kinds.pair, NULL]");
        TYPES.put("kinds.d_int", "1");
        TYPES.put("kinds.d_numeric", "1.10");
        TYPES.put("kinds.d_text", "'x'; ''");
        TYPES.put("kinds.d_twice", "'x'");
        TYPES.put("kinds.d_timestamptz", "'2026-01-01 00:00+00'");
        TYPES.put("kinds.d_bytea", "'\\x00ff'");
        TYPES.put("kinds.d_jsonb", "'{\"a\": 1.10}'");
        TYPES.put("kinds.d_array", "'{1,2}'; '[0:0]={7}'");
        TYPES.put("kinds.d_colour", "'red'");
        TYPES.put("kinds.d_pair", "ROW(1, 'x')::kinds.pair");
        TYPES.put("kinds.d_range", "'[1,2)'");
        TYPES.put("kinds.d_float", "'-0'; 'NaN'");
        TYPES.put("kinds.d_int[]", "ARRAY[1, NULL]::kinds.d_int[]");
    }

    private static final String[] DEFINITIONS = {
        "CREATE SCHEMA kinds",
        "CREATE TYPE kinds.colour AS ENUM ('red', 'light blue', 'a\"b\\,{}')",
        "CREATE TYPE kinds.pair AS (a integer, \"B b\" text)",
        "CREATE TYPE kinds.nested AS (p kinds.pair, l integer[], b bytea, f float8)",
        "CREATE DOMAIN kinds.d_int AS integer CHECK (VALUE > 0)",
        "CREATE DOMAIN kinds.d_numeric AS numeric(10,2)",
        "CREATE DOMAIN kinds.d_text AS text COLLATE \"C\"",
        "CREATE DOMAIN kinds.d_twice AS kinds.d_text",
        "CREATE DOMAIN kinds.d_timestamptz AS timestamptz",
        "CREATE DOMAIN kinds.d_bytea AS bytea",
        "CREATE DOMAIN kinds.d_jsonb AS jsonb",
        "CREATE DOMAIN kinds.d_array AS integer[]",
        "CREATE DOMAIN kinds.d_colour AS kinds.colour",
        "CREATE DOMAIN kinds.d_pair AS kinds.pair",
        "CREATE DOMAIN kinds.d_range AS int4range",
        "CREATE DOMAIN kinds.d_float AS float8"
    };

    private final OutboxDatabase database = new OutboxDatabase("copy");
    private final TestDatabase secondary = TestDatabases.create();
    private final JdbcClient copy = JdbcClient.create(secondary.dataSource());
    private final Relays relays = new Relays(database);
    private final Map<String, String> types = new LinkedHashMap<>(TYPES);

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void everyTypeArrivesAsItIs() {
        addWhatThisServerHas();
        create();
        capture();
        int rows = fill();
        var sink = JdbcSink.builder(secondary.dataSource())
                .table("kinds.kinds")
                .keyColumns("id")
                .timeout(SOON)
                .build();
        relays.start(
                List.of(relays.configured("copy", loading(sink), SOON)),
                new ClaimConfig(1000, 10_000_000, Duration.ofMillis(50), 2));

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(database.sql
                        .sql("SELECT aggregate_id || ': ' || coalesce(error_message, '') FROM dualwrite.held_entry")
                        .query(String.class)
                        .list())
                .isEmpty();
        compare(rows);
    }

    /** By the same query on both sides: the texts of each column, in the order of the key. */
    private void compare(int rows) {
        var different = new TreeMap<String, String>();
        var columns = new ArrayList<String>();
        for (String type : types.keySet()) {
            String column = "c" + columns.size();
            String text = type.equals("json") ? column + "::jsonb::text" : column + "::text";
            columns.add("coalesce(" + text + ", 'NULL') || ' ' || coalesce(pg_typeof(" + column + ")::text, '')");
        }
        // All columns at once: the table is small, and a statement for each is what took the time.
        String query = "SELECT " + String.join(", ", columns) + " FROM kinds.kinds ORDER BY id";
        List<List<String>> here = rows(database.sql, query);
        List<List<String>> there = rows(copy, query);
        assertThat(here).hasSize(rows);
        assertThat(there).hasSize(rows);
        int column = 0;
        for (String type : types.keySet()) {
            for (int i = 0; i < rows; i++) {
                String before = here.get(i).get(column);
                String after = there.get(i).get(column);
                if (!before.equals(after)) {
                    different.put(type + " row " + (i + 1), shortened(before) + " => " + shortened(after));
                }
            }
            column++;
        }
        assertThat(different).isEmpty();
    }

    private static List<List<String>> rows(JdbcClient side, String query) {
        return side.sql(query)
                .query((row, number) -> {
                    var values = new ArrayList<String>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    return (List<String>) values;
                })
                .list();
    }

    private static String shortened(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private void addWhatThisServerHas() {
        int version = database.sql
                .sql("SELECT current_setting('server_version_num')::int")
                .query(Integer.class)
                .single();
        if (version >= 170_000) {
            types.merge("interval", "'infinity'; '-infinity'", (known, more) -> known + ";" + more);
        }
        boolean xml = database.sql
                .sql("SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'xmlbinary') AND"
                        + " EXISTS (SELECT FROM pg_config() WHERE name = 'CONFIGURE' AND setting LIKE '%with-libxml%')")
                .query(Boolean.class)
                .single();
        if (xml) {
            types.put("xml", "'<a b=\"c\">ä</a>'; ''");
        }
    }

    /** The same table on both sides. */
    private void create() {
        var columns = new ArrayList<String>();
        types.keySet().forEach(type -> columns.add("c" + columns.size() + " " + type));
        for (JdbcClient side : List.of(database.sql, copy)) {
            side.sql(String.join("; ", DEFINITIONS)).update();
            side.sql("CREATE TABLE kinds.kinds (id integer PRIMARY KEY, " + String.join(", ", columns)
                            + ", a_null jsonb NOT NULL DEFAULT 'null')")
                    .update();
        }
        copy.sql("ALTER TABLE kinds.kinds ADD dualwrite_version bigint NOT NULL")
                .update();
    }

    /** One row with a NULL everywhere, then each value in turn. */
    private int fill() {
        int most = types.keySet().stream()
                .mapToInt(type -> values(type).size())
                .max()
                .orElseThrow();
        insert(1, types.keySet().stream().map(type -> "NULL").collect(Collectors.joining(", ")));
        for (int i = 0; i < most; i++) {
            int row = i;
            insert(
                    i + 2,
                    types.keySet().stream()
                            .map(this::values)
                            .map(values -> values.get(row % values.size()))
                            .collect(Collectors.joining(", ")));
        }
        return most + 1;
    }

    private void insert(int id, String values) {
        // A plain statement: the values have question marks, colons and backslashes of their own.
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("INSERT INTO kinds.kinds VALUES (" + id + ", " + values + ")");
        } catch (SQLException e) {
            throw new IllegalStateException(values, e);
        }
    }

    private List<String> values(String type) {
        return Arrays.stream(types.get(type).split(";"))
                .map(value -> value.strip().replace('\u0000', ';'))
                .toList();
    }

    private void capture() {
        database.sql
                .sql("SELECT dualwrite.capture_table('kinds.kinds', 'copy', 'kinds', '{id}')")
                .query(Long.class)
                .single();
    }

    private Sink loading(Sink sink) {
        return new References(
                        database.dataSource(),
                        "dualwrite",
                        new Loaders(List.of(), List.of()),
                        new Room(1_000_000, 10_000_000))
                .before(sink, SOON);
    }
}
