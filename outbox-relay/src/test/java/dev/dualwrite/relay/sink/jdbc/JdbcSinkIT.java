package dev.dualwrite.relay.sink.jdbc;

import static dev.dualwrite.relay.sink.jdbc.Secondary.APPLIED;
import static dev.dualwrite.relay.sink.jdbc.Secondary.STALE;
import static dev.dualwrite.relay.sink.jdbc.Secondary.delete;
import static dev.dualwrite.relay.sink.jdbc.Secondary.upsert;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the sink makes of entries: the guard, deletions, keys, coalescing, columns. */
class JdbcSinkIT {

    private static final Secondary SECONDARY = new Secondary();

    private final JdbcSink sink = SECONDARY.sink("copy", "id").build();

    @BeforeAll
    static void createTables() {
        SECONDARY.run(
                "CREATE TABLE copy (id bigint PRIMARY KEY, name text, note text DEFAULT 'none',"
                        + " dualwrite_version bigint NOT NULL DEFAULT 0)",
                "CREATE TABLE parts (a text, b int, c text, PRIMARY KEY (a, b), dualwrite_version bigint NOT NULL)",
                "CREATE SCHEMA \"My Schema\"",
                "CREATE TABLE \"My Schema\".\"Order.Copy\" (\"Order \"\"Id\" uuid PRIMARY KEY, \"Name?\" text,"
                        + " \"Ver\" bigint NOT NULL)",
                "CREATE TABLE split (id bigint, name text, dualwrite_version bigint, PRIMARY KEY (id))"
                        + " PARTITION BY HASH (id)",
                "CREATE TABLE split_0 PARTITION OF split FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE split_1 PARTITION OF split FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "CREATE TABLE keys_only (id bigint PRIMARY KEY, dualwrite_version bigint)");
    }

    @BeforeEach
    void emptyTables() {
        SECONDARY.run("TRUNCATE copy", "DROP TABLE IF EXISTS dualwrite_tombstone");
    }

    @Test
    void upsertInsertsThenUpdates() throws Exception {
        assertThat(sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")))).containsExactly(APPLIED);
        assertThat(sink.apply(List.of(upsert("1", 11, "{\"name\":\"b\"}")))).containsExactly(APPLIED);

        assertThat(copies()).containsExactly("1,b,none,11");
    }

    @Test
    void secondAggregateTypePausesTheSinkInsteadOfOverwritingTheSameId() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")));

        assertThatThrownBy(() -> sink.apply(List.of(customer())))
                .isInstanceOf(OutboxConfigurationException.class)
                .hasMessageContaining("'order' and 'customer'")
                .hasMessageContaining("aggregate-type");
        assertThat(copies()).containsExactly("1,a,none,10");
    }

    @Test
    void otherAggregateTypesAreRejectedWhereTheConfigurationNamesTheRightOne() throws Exception {
        JdbcSink orders = SECONDARY.sink("copy", "id").aggregateType("order").build();

        List<ApplyResult> results = orders.apply(List.of(customer(), upsert("2", 12, "{\"name\":\"c\"}")));

        assertThat(results.get(0)).asString().contains("'customer'", "aggregates.customer.sinks");
        assertThat(results.get(1)).isEqualTo(APPLIED);
        assertThat(copies()).containsExactly("2,c,none,12");
    }

    @Test
    void referenceWhoseStateWasNotLoadedIsUnknownAndEmptiesNoRow() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")));

        List<ApplyResult> results = sink.apply(List.of(
                Secondary.entry(Aggregate.of("order", "1"), 11, Operation.REFERENCE, null),
                upsert("2", 12, "{\"name\":\"b\"}")));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        ApplyResult.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("reference", "Next:"));
        assertThat(results.get(1)).isEqualTo(APPLIED);
        assertThat(copies()).containsExactly("1,a,none,10", "2,b,none,12");
    }

    private static ClaimedEntry customer() {
        return Secondary.entry(Aggregate.of("customer", "1"), 11, Operation.UPSERT, "{\"name\":\"b\"}".getBytes(UTF_8));
    }

    @Test
    void olderUpsertIsStale() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"new\"}")));

        assertThat(sink.apply(List.of(upsert("1", 9, "{\"name\":\"old\"}")))).containsExactly(STALE);
        assertThat(copies()).containsExactly("1,new,none,10");
    }

    @Test
    void repeatedBatchHasNoSecondEffect() throws Exception {
        var batch = List.of(upsert("1", 10, "{\"name\":\"a\"}"), delete("2", 11), upsert("3", 12, "{\"name\":\"c\"}"));
        assertThat(sink.apply(batch)).containsExactly(APPLIED, APPLIED, APPLIED);
        SECONDARY.run("UPDATE copy SET name = 'marked'", "UPDATE dualwrite_tombstone SET deleted_at = 'epoch'");

        assertThat(sink.apply(batch)).containsExactly(STALE, STALE, STALE);
        assertThat(copies()).containsExactly("1,marked,none,10", "3,marked,none,12");
        assertThat(SECONDARY.value("SELECT deleted_at = 'epoch' FROM dualwrite_tombstone"))
                .isEqualTo("t");
    }

    @Test
    void deletionRemovesTheRowAndLeavesATombstone() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")));

        assertThat(sink.apply(List.of(delete("1", 11)))).containsExactly(APPLIED);
        assertThat(copies()).isEmpty();
        assertThat(SECONDARY.rows("SELECT table_name, key, version FROM dualwrite_tombstone"))
                .containsExactly("copy,1,11");
    }

    @Test
    void lateUpsertLosesAgainstTheTombstone() throws Exception {
        sink.apply(List.of(delete("1", 11)));

        assertThat(sink.apply(List.of(upsert("1", 10, "{\"name\":\"late\"}")))).containsExactly(STALE);
        assertThat(copies()).isEmpty();
    }

    @Test
    void upsertOfTheDeletionsOwnVersionLoses() throws Exception {
        sink.apply(List.of(delete("1", 11)));

        assertThat(sink.apply(List.of(upsert("1", 11, "{\"name\":\"same\"}")))).containsExactly(STALE);
    }

    @Test
    void newerUpsertBringsADeletedAggregateBack() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")));
        sink.apply(List.of(delete("1", 11)));

        assertThat(sink.apply(List.of(upsert("1", 12, "{\"name\":\"again\"}")))).containsExactly(APPLIED);
        assertThat(copies()).containsExactly("1,again,none,12");
    }

    @Test
    void lateDeletionSparesANewerRowAndLeavesNoTombstone() throws Exception {
        sink.apply(List.of(upsert("1", 12, "{\"name\":\"new\"}")));

        assertThat(sink.apply(List.of(delete("1", 11)))).containsExactly(STALE);
        assertThat(copies()).containsExactly("1,new,none,12");
        assertThat(SECONDARY.rows("SELECT key FROM dualwrite_tombstone")).isEmpty();
    }

    @Test
    void laterDeletionRaisesTheTombstone() throws Exception {
        sink.apply(List.of(delete("1", 11)));
        sink.apply(List.of(delete("1", 15)));

        assertThat(sink.apply(List.of(delete("1", 13), upsert("2", 14, "{\"name\":\"b\"}"))))
                .containsExactly(STALE, APPLIED);
        assertThat(SECONDARY.rows("SELECT key, version FROM dualwrite_tombstone"))
                .containsExactly("1,15");
    }

    @Test
    void rowFromBeforeTheVersionColumnIsOlderThanEveryEntry() throws Exception {
        SECONDARY.run("INSERT INTO keys_only VALUES (1, NULL), (2, NULL)");
        JdbcSink keys = SECONDARY.sink("keys_only", "id").build();

        assertThat(keys.apply(List.of(upsert("1", 10, "{}"), delete("2", 11)))).containsExactly(APPLIED, APPLIED);
        assertThat(SECONDARY.rows("SELECT id, dualwrite_version FROM keys_only"))
                .containsExactly("1,10");
    }

    @Test
    void ofOneAggregateTheNewestIsWrittenAndTheOlderAreStale() throws Exception {
        assertThat(sink.apply(List.of(
                        upsert("1", 10, "{\"name\":\"a\"}"),
                        upsert("1", 13, "{\"name\":\"c\"}"),
                        delete("1", 12),
                        upsert("2", 11, "{\"name\":\"b\"}"),
                        delete("2", 14))))
                .containsExactly(STALE, APPLIED, STALE, STALE, APPLIED);
        assertThat(copies()).containsExactly("1,c,none,13");
    }

    @Test
    void newestEntryThatCannotBeWrittenDoesNotTakeTheOneBeforeItAlong() throws Exception {
        List<ApplyResult> results = sink.apply(List.of(
                upsert("1", 10, "no json"), upsert("1", 11, "{\"name\":\"a\"}"), upsert("1", 12, "no json either")));

        assertThat(results.subList(0, 2)).containsExactly(STALE, APPLIED);
        assertThat(results.get(2)).isInstanceOf(ApplyResult.Rejected.class);
    }

    @Test
    void entriesOfOneVersionAreToldApart() throws Exception {
        sink.apply(List.of(upsert("1", 20, "{\"name\":\"newer\"}")));

        assertThat(sink.apply(List.of(
                        upsert("1", 10, "{\"name\":\"a\"}"), upsert("2", 10, "{\"name\":\"b\"}"), delete("3", 10))))
                .containsExactly(STALE, APPLIED, APPLIED);
    }

    @Test
    void columnWithADefaultKeepsItsValueWhenThePayloadLeavesItOut() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\",\"note\":\"x\"}"), upsert("2", 11, "{\"name\":\"b\"}")));

        sink.apply(List.of(upsert("1", 12, "{\"name\":\"c\"}"), upsert("2", 13, "{\"name\":\"d\",\"note\":null}")));

        assertThat(copies()).containsExactly("1,c,x,12", "2,d,null,13");
    }

    @Test
    void columnWithoutADefaultBecomesNullWhenThePayloadLeavesItOut() throws Exception {
        sink.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}")));
        sink.apply(List.of(upsert("1", 11, "{\"note\":\"x\"}")));

        assertThat(copies()).containsExactly("1,null,x,11");
    }

    @Test
    void mappedColumnsTakeWhatTheirPointersFind() throws Exception {
        JdbcSink mapped = SECONDARY
                .sink("copy", "id")
                .column("name", "/customer/name")
                .column("note", "/lines/1/sku")
                .build();

        mapped.apply(List.of(
                upsert("1", 10, "{\"customer\":{\"name\":\"Ada\"},\"lines\":[{},{\"sku\":\"S2\"}],\"name\":\"no\"}")));

        assertThat(copies()).containsExactly("1,Ada,S2,10");
    }

    @Test
    void compositeKeyIsSplitAndUnescaped() throws Exception {
        JdbcSink parts = SECONDARY.sink("parts", "a", "b").build();
        Aggregate odd = Aggregate.of("order", "x|y\\z", 7);

        parts.apply(List.of(
                Secondary.entry(
                        odd, 10, Operation.UPSERT, "{\"c\":\"v\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                upsert("x|7", 11, "{\"c\":\"w\"}")));
        assertThat(SECONDARY.rows("SELECT a, b, c FROM parts ORDER BY a COLLATE \"C\""))
                .containsExactly("x,7,w", "x|y\\z,7,v");

        parts.apply(List.of(Secondary.entry(odd, 12, Operation.DELETE, null)));
        assertThat(SECONDARY.rows("SELECT a, b, c FROM parts")).containsExactly("x,7,w");
    }

    @Test
    void oddlyNamedTableInAnotherSchemaIsWritten() throws Exception {
        JdbcSink odd = SECONDARY
                .sink("My Schema.\"Order.Copy\"", "Order \"Id")
                .column("Name?", "/n")
                .versionColumn("Ver")
                .build();
        String id = "6F9619FF-8B86-D011-B42D-00CF4FC964FF";

        assertThat(odd.apply(List.of(upsert(id, 10, "{\"n\":\"a\"}")))).containsExactly(APPLIED);
        assertThat(odd.apply(List.of(delete(id, 11)))).containsExactly(APPLIED);
        assertThat(odd.apply(List.of(upsert(id, 9, "{\"n\":\"late\"}")))).containsExactly(STALE);
        assertThat(SECONDARY.rows("SELECT table_name FROM \"My Schema\".dualwrite_tombstone"))
                .containsExactly("Order.Copy");
    }

    @Test
    void partitionedTableIsWrittenThroughItsParent() throws Exception {
        JdbcSink split = SECONDARY.sink("split", "id").build();
        split.apply(List.of(upsert("1", 10, "{\"name\":\"a\"}"), upsert("2", 11, "{\"name\":\"b\"}")));
        split.apply(List.of(upsert("1", 12, "{\"name\":\"c\"}"), delete("2", 13)));

        assertThat(SECONDARY.rows("SELECT * FROM split")).containsExactly("1,c,12");
    }

    @Test
    void plannedStatementsGoOnAfterManyCalls() throws Exception {
        // The driver moves to a prepared statement, and the server to a generic plan, after five calls each.
        for (int i = 1; i <= 30; i++) {
            assertThat(sink.apply(List.of(upsert("1", i, "{\"name\":\"a\"}"), delete("2", 100 + i))))
                    .as("call %d", i)
                    .containsExactly(APPLIED, APPLIED);
        }
    }

    private static List<String> copies() {
        return SECONDARY.rows("SELECT id, name, note, dualwrite_version FROM copy ORDER BY id");
    }
}
