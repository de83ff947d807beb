package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a statement is shown, and what counts as the same one. */
class StatementShapeTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE t SET a = 'secret', b = 4711 | update t set a = ?, b = ?",
                "DELETE FROM t WHERE a IN (1, ?, 'x') -- why | delete from t where a in (?..)",
                "DELETE FROM t WHERE a IN ($1) | delete from t where a in (?)",
                "INSERT INTO s.\"T\" VALUES (1, 'a'), (2, 'b'), (3, 'c') | insert into s.\"T\" values (?..), ..",
                "INSERT INTO t VALUES (1), (2), (3) RETURNING id | insert into t values (?), .. returning id",
                "UPDATE t\n   SET a = $$secret$$ | update t set a = ?"
            })
    void valuesAreGone(String rule) {
        String sql = rule.substring(0, rule.lastIndexOf(" | "));
        String shape = rule.substring(rule.lastIndexOf(" | ") + 3);

        assertThat(StatementShape.of(SqlScanner.tokens(sql))).isEqualTo(shape);
    }

    @Test
    void longStatementIsCut() {
        String sql = "UPDATE t SET " + "a = b, ".repeat(1_000);

        assertThat(StatementShape.of(SqlScanner.tokens(sql)))
                .hasSizeLessThan(550)
                .endsWith(" ...");
    }
}
