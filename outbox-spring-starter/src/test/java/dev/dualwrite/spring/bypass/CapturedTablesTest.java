package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which entity a table belongs to, however a statement names it. */
class CapturedTablesTest {

    private static final List<String> PATH = List.of("public", "shop");

    private final CapturedTables tables =
            new CapturedTables(Map.of("orders", "Order", "shop.line", "Line", "billing.invoice", "Invoice"));

    @Test
    void schemaOfTheSearchPathMayBeLeftOutOnEitherSide() {
        assertThat(tables.entityOf(new TableName(null, "orders"), PATH)).contains("Order");
        assertThat(tables.entityOf(new TableName("public", "orders"), PATH)).contains("Order");
        assertThat(tables.entityOf(new TableName(null, "line"), PATH)).contains("Line");
        assertThat(tables.entityOf(new TableName("shop", "line"), PATH)).contains("Line");
        assertThat(tables.entityOf(new TableName("billing", "invoice"), PATH)).contains("Invoice");
    }

    @Test
    void tableOfThatNameInAnotherSchemaIsAnotherTable() {
        assertThat(tables.entityOf(new TableName("archive", "orders"), PATH)).isEmpty();
        assertThat(tables.entityOf(new TableName("public", "line"), PATH)).isEmpty();
        assertThat(tables.entityOf(new TableName(null, "invoice"), PATH)).isEmpty();
    }

    @Test
    void tablesOfMappingsAreReadAsThoseOfStatements() {
        CapturedTables mapped = CapturedTables.of(List.of(
                Map.of("Orders", Set.of("Order", "OldOrder"), "depot.\"Big Parcels\"", Set.of("Parcel")),
                Map.of("orders", Set.of("Invoice"), "main.shop.\"li\"\"ne.s\"", Set.of("Line"))));

        assertThat(mapped.entities())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "orders", "Invoice,OldOrder,Order", "depot.big parcels", "Parcel", "shop.li\"ne.s", "Line"));
    }

    @Test
    void tableInUpperCaseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CapturedTables(Map.of("Orders", "Order")))
                .withMessageContaining("'Orders'");
    }
}
