package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Everything in the schema explains itself, and the page on views and functions is what the database says. */
class ViewsDocumentationIT {

    private static final Path PAGE = Path.of("../docs/reference/views.md");
    private static final String BEGIN = "<!-- from the comments in the database, by ViewsDocumentationIT -->\n";

    private static OperatorScene scene;

    @BeforeAll
    static void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
    }

    @Test
    void everyTableViewSequenceAndFunctionHasAComment() throws SQLException {
        assertThat(scene.rows("""
                SELECT c.oid::regclass::text
                FROM pg_class c
                WHERE c.relnamespace = 'dualwrite'::regnamespace AND c.relkind IN ('r', 'v', 'S')
                  AND obj_description(c.oid, 'pg_class') IS NULL
                UNION ALL
                SELECT p.oid::regprocedure::text
                FROM pg_proc p
                WHERE p.pronamespace = 'dualwrite'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
                """)).isEmpty();
    }

    @Test
    void everyColumnHasAComment() throws SQLException {
        assertThat(scene.rows("""
                SELECT c.relname || '.' || a.attname
                FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'dualwrite'::regnamespace AND c.relkind IN ('r', 'v')
                  AND col_description(c.oid, a.attnum) IS NULL
                """)).isEmpty();
    }

    @Test
    void pageIsWhatTheDatabaseSays() throws SQLException, IOException {
        String page = Files.exists(PAGE) ? Files.readString(PAGE) : BEGIN;
        String expected = page.substring(0, page.indexOf(BEGIN)) + BEGIN + generated();
        if (Boolean.getBoolean("dualwrite.write-docs")) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Files.readString(PAGE))
                .as("run this test with -Ddualwrite.write-docs=true to write the page anew")
                .isEqualTo(expected);
    }

    private static String generated() throws SQLException {
        var page = new StringJoiner("\n", "", "\n");
        page.add("\n## Views");
        for (String view : List.of("stuck_entries", "backlog", "sinks", "shards", "relays", "audit", "discarded")) {
            page.add("\n### `" + view + "`\n").add(comment("'$." + view + "'::regclass", "pg_class"));
            page.add("\n| column | type | |\n|---|---|---|");
            columns(view).forEach(page::add);
        }
        page.add("\n## Functions that act\n\n| function | |\n|---|---|");
        functions(
                        "p.prosecdef AND NOT p.proname LIKE 'purge%' AND p.proname NOT IN ('oldest_stuck', 'register_sink')"
                                + " OR p.proname IN ('capture_table', 'release_table', 'capture_new_partitions', 'grant_roles')")
                .forEach(page::add);
        page.add("\n## Functions that look, and those that processes call\n\n| function | |\n|---|---|");
        functions(
                        "p.proname LIKE 'purge%' OR p.proname IN ('oldest_stuck', 'register_sink', 'observe_primary',"
                                + " 'primary_identity', 'shard_of', 'stray_partitions', 'uncaptured_tables', 'try_follow_partition')")
                .forEach(page::add);
        page.add(
                "\n## Tables\n\nNo promise: they change with any release. What is not a view is for looking into, not for scripts.");
        for (String table :
                scene.rows("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'dualwrite'::regnamespace"
                        + " AND c.relkind = 'r' ORDER BY 1")) {
            page.add("\n### `" + table + "`\n").add(comment("'$." + table + "'::regclass", "pg_class"));
            page.add("\n| column | type | |\n|---|---|---|");
            columns(table).forEach(page::add);
        }
        return page.toString();
    }

    private static String comment(String oid, String catalogue) throws SQLException {
        return scene.value("SELECT obj_description(" + oid + ", '" + catalogue + "')");
    }

    private static List<String> columns(String relation) throws SQLException {
        return scene.rows("""
                SELECT format('| `%%s` | %%s | %%s |', a.attname, format_type(a.atttypid, a.atttypmod),
                              replace(replace(col_description(a.attrelid, a.attnum), '<', '&lt;'), '|', '\\|'))
                FROM pg_attribute a
                WHERE a.attrelid = '$.%s'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum
                """.formatted(relation));
    }

    private static List<String> functions(String which) throws SQLException {
        return scene.rows("""
                SELECT format('| `%%s(%%s)` | %%s |', p.proname, pg_get_function_arguments(p.oid),
                              replace(replace(obj_description(p.oid, 'pg_proc'), '<', '&lt;'), '|', '\\|'))
                FROM pg_proc p
                WHERE p.pronamespace = 'dualwrite'::regnamespace AND (%s)
                  AND obj_description(p.oid, 'pg_proc') NOT LIKE 'Part of%%'
                ORDER BY p.proname
                """.formatted(which));
    }
}
