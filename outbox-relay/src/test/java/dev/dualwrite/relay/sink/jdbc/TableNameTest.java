package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {

    @Test
    void nameMayHaveItsSchemaBeforeIt() {
        assertThat(TableName.parse("orders")).isEqualTo(new TableName(null, "orders"));
        assertThat(TableName.parse("sales.Orders")).isEqualTo(new TableName("sales", "Orders"));
    }

    @Test
    void quotedPartIsTakenLiterally() {
        assertThat(TableName.parse("\"my.schema\".\"a \"\"b\"\"\"")).isEqualTo(new TableName("my.schema", "a \"b\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b.c", "a.", ".a", "\"open", "a.\"\""})
    void otherFormsAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TableName.parse(text))
                .withMessageContaining("table is '" + text + "'");
    }

    @Test
    void identifierCannotEndItsQuotes() {
        assertThat(TableName.quote("a\"; DROP TABLE b; --")).isEqualTo("\"a\"\"; DROP TABLE b; --\"");
    }
}
