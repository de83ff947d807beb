package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tables a text changes. */
class ChangedTablesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t (a) VALUES (1) | t",
                "insert into Shop.Orders as o values (?) | shop.orders",
                "INSERT INTO db.shop.orders DEFAULT VALUES | shop.orders",
                "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2 | t",
                "UPDATE t SET a = 1 | t",
                "UPDATE ONLY t SET a = 1 | t",
                "UPDATE ONLY (t) SET a = 1 | t",
                "update\tt\n*\nset a = 1 | t",
                "update\"t\"set a=1 | t",
                "DELETE FROM t | t",
                "DELETE FROM ONLY s.t USING u WHERE t.a = u.a | s.t",
                "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE | t",
                "MERGE INTO t USING u ON TRUE WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1) | t",
                "TRUNCATE t | t",
                "TRUNCATE TABLE ONLY t, s.u *, v RESTART IDENTITY | t s.u v",
                "COPY t FROM STDIN | t",
                "COPY t (a, b) FROM STDIN WITH (FORMAT csv) | t",
                "COPY (DELETE FROM t RETURNING *) TO STDOUT | t",
                "WITH x AS (SELECT 1) UPDATE t SET a = 1 | t",
                "WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM x | t u",
                "WITH x (a, b) AS NOT MATERIALIZED (DELETE FROM t RETURNING *), y AS MATERIALIZED (UPDATE v SET a = 1) SELECT 1 | t v",
                "WITH RECURSIVE x AS (WITH y AS (SELECT 1) DELETE FROM t RETURNING *) SELECT * FROM x | t",
                "WITH x AS (SELECT (1 + (2))), y AS (DELETE FROM ONLY (t)) DELETE FROM u | t u",
                "WITH RECURSIVE x(a) AS (SELECT 1) SEARCH DEPTH FIRST BY a SET b DELETE FROM t | t",
                "SELECT 1; DELETE FROM t; ; UPDATE u SET a = ';' | t u",
                "/* a /* nested */ DELETE FROM x */ DELETE -- UPDATE y SET a = 1\n FROM t | t",
                "DELETE FROM \"We\"\"ird\".\"Ta ble\" | we\"ird.ta ble",
                "DELETE FROM s . t | s.t",
                "DELETE FROM tableau$1 | tableau$1",
                "DELETE FROM größe | größe",
                "SELECT 'it''s'; DELETE FROM t | t",
                "SELECT E'it\\'s; DELETE FROM x'; DELETE FROM t | t",
                "SELECT 'a\\'; DELETE FROM t | t",
                "SELECT $$ DELETE FROM x; $$; DELETE FROM t | t",
                "SELECT $a$ $$ $b$ DELETE FROM x; $a$; DELETE FROM t | t",
                "SELECT U&'\\0061'; DELETE FROM U&\"t\" | t",
                "CREATE TABLE x (a int); INSERT INTO t VALUES (1) | t",
                "SELECT $1, :name, a ?? b, a->>'b', 1.5e10; DELETE FROM t | t"
            })
    void changedTablesAreFound(String rule) {
        String sql = rule.substring(0, rule.lastIndexOf(" | "));
        String expected = rule.substring(rule.lastIndexOf(" | ") + 3);

        assertThat(String.join(" ", changed(sql))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "SELECT * FROM t FOR UPDATE OF t",
                "SELECT * FROM t FOR NO KEY UPDATE",
                "SELECT 'DELETE FROM t'",
                "SELECT \"DELETE FROM t\" FROM x",
                "SELECT delete FROM t",
                "SELECT count(*) delete FROM t",
                "SELECT a.update, insert FROM t a",
                "WITH x AS (SELECT delete FROM t) SELECT count(*) delete FROM t",
                "WITH delete AS (SELECT 1) SELECT * FROM delete",
                "WITH a AS (SELECT 1), update AS (SELECT 2) TABLE update",
                "-- DELETE FROM t",
                "/* DELETE FROM t",
                "'; DELETE FROM t",
                "$x$; DELETE FROM t",
                "\"; DELETE FROM t",
                "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM t; UPDATE t SET a = 1)",
                "CREATE TRIGGER x AFTER UPDATE OR DELETE ON t EXECUTE FUNCTION f()",
                "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC INSERT INTO t VALUES (1); DELETE FROM t; END",
                "DO $$ BEGIN DELETE FROM t; END $$",
                "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE ON UPDATE SET NULL",
                "GRANT INSERT, UPDATE, DELETE ON t TO u",
                "LOCK TABLE t",
                "COPY t TO STDOUT",
                "COPY t (a, b) TO STDOUT",
                "COPY (SELECT * FROM t) TO STDOUT",
                "{call delete_from(?)}",
                "{? = call f(?)}",
                "EXPLAIN DELETE FROM t",
                "INSERT",
                "UPDATE",
                "DELETE FROM",
                "DELETE FROM ?",
                "TRUNCATE",
                "COPY",
                "WITH",
                "))))(((",
                "BEGIN"
            })
    void nothingElseIsTakenForAChange(String sql) {
        assertThat(changed(sql)).isEmpty();
    }

    @Test
    void anyTextIsTaken() {
        long seed = Long.getLong("dualwrite.seed", new Random().nextLong());
        Random random = new Random(seed);
        String[] pieces = {
            "INSERT",
            "INTO",
            "UPDATE",
            "DELETE",
            "FROM",
            "WITH",
            "AS",
            "MERGE",
            "TRUNCATE",
            "COPY",
            "ONLY",
            "t",
            "\"",
            "'",
            "$",
            "$$",
            "$a$",
            "/*",
            "*/",
            "--",
            "\n",
            "(",
            ")",
            ",",
            ".",
            ";",
            "*",
            "\\",
            "E'",
            "U&\"",
            "?",
            "1",
            "\0",
            "\uD83D",
            "é"
        };

        for (int i = 0; i < 20_000; i++) {
            var sql = new StringBuilder();
            for (int j = random.nextInt(40); j > 0; j--) {
                sql.append(pieces[random.nextInt(pieces.length)]).append(random.nextBoolean() ? " " : "");
            }
            assertThat(changed(sql.toString())).as("seed %d: %s", seed, sql).doesNotContainNull();
            assertThat(StatementShape.of(SqlScanner.tokens(sql.toString())))
                    .as("seed %d: %s", seed, sql)
                    .isNotNull();
        }
    }

    @Test
    void lengthOfATextCostsNoMoreThanItsLength() {
        int many = 1_000_000;

        assertThat(changed("(".repeat(many) + "DELETE FROM t")).containsExactly("t");
        assertThat(changed("/*".repeat(many))).isEmpty();
        assertThat(changed("$a".repeat(many) + "; DELETE FROM t")).containsExactly("t");
        assertThat(changed("WITH x AS (".repeat(many / 10))).isEmpty();
        assertThat(StatementShape.of(
                        SqlScanner.tokens("INSERT INTO t VALUES " + "(1, 2), ".repeat(many / 10) + "(1, 2)")))
                .isEqualTo("insert into t values (?..), ..");
    }

    private static List<String> changed(String sql) {
        return ChangedTables.of(SqlScanner.tokens(sql)).stream()
                .map(TableName::toString)
                .toList();
    }
}
