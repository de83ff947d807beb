package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.state.References;
import dev.dualwrite.relay.state.References.Loaders;
import dev.dualwrite.relay.state.References.Room;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reference is applied as the state that its aggregate has when the relay comes to it. */
class ReferenceIT {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private OutboxDatabase database;
    private Relays relays;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
        sink.keepsEveryEntry = false;
        database.sql
                .sql("CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric)")
                .update();
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void capturedRowIsAppliedAsJsonAndOneThatIsGoneAsADeletion() {
        capture();
        database.sql
                .sql("INSERT INTO item VALUES (1, 'pen', 1.10), (2, 'ink', 2)")
                .update();
        database.append(item(1), item(2), item(3));

        relays.start("copy", loading());

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied(1)).containsExactly("{\"id\":1,\"name\":\"pen\",\"price\":1.10}");
        assertThat(sink.applied(2)).containsExactly("{\"id\":2,\"name\":\"ink\",\"price\":2}");
        assertThat(sink.applied(3)).containsExactly("deleted");
    }

    @Test
    void writerThatCommitsLastWinsThoughItsNumberIsSmaller() throws SQLException {
        capture();
        database.sql.sql("INSERT INTO item VALUES (1, 'old', 1)").update();
        var store = new VersionedStore();
        try (Connection first = database.begin();
                Connection second = database.begin()) {
            database.append(first, item(1));
            database.append(second, item(1));
            second.commit();
            relays.start("copy", loading(store));
            await().atMost(SOON).until(() -> store.value("1") != null);

            execute(first, "UPDATE item SET name = 'last' WHERE id = 1");
            first.commit();
        }

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(store.value("1")).contains("last");
    }

    @Test
    void entryOfATypeThatNobodyLoadsWaits() {
        database.append(item(1));
        relays.start("copy", loading());

        await().atMost(SOON).until(() -> database.heldEntries() == 1);

        assertThat(database.sql
                        .sql("SELECT error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .contains("aggregate type 'item' has references", "dualwrite.aggregates.item.state.table");
        assertThat(sink.appliedCount()).isZero();
    }

    @Test
    void sinkInFrontOfWhichNobodyLoadsSeesNoReference() {
        database.append(item(1), OutboxEntry.upsert(Aggregate.of("order", 1), "whole"));
        relays.start("copy", sink);

        await().atMost(SOON).until(() -> database.hotEntries() == 0);

        assertThat(database.sql
                        .sql("SELECT error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .contains("the entry is a reference", "References.before");
        assertThat(sink.appliedCount()).isEqualTo(1);
    }

    @Test
    void relayComesToRestAfterReferencesThoughTheyDrawNumbers() {
        capture();
        var counted = new CountedPrimary(database.dataSource());
        try (var onCounted = new Relays(database, counted)) {
            Relay relay =
                    onCounted.start("copy", loading(), new ClaimConfig(100, 1_000_000, Duration.ofSeconds(30), 2));
            await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS && counted.isAtRest());
            database.append(item(1), item(2), item(3), item(4), item(5));
            relay.wake();
            await().atMost(SOON).until(() -> database.hotEntries() == 0 && counted.isAtRest());

            // Floors follow in a look or two; then a look costs no claim.
            int looks = 0;
            do {
                counted.reset();
                relay.wake();
                await().atMost(SOON).until(() -> counted.polls() > 0 && counted.isAtRest());
                looks++;
            } while (counted.claims() > 0 && looks < 5);

            assertThat(counted.claims()).as("claims in look " + looks).isZero();
            assertThat(counted.polls()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void heldReferenceIsLoadedAnewWhenItIsTriedAgain() {
        capture();
        database.sql.sql("INSERT INTO item VALUES (1, 'first', 1)").update();
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).contains("first")) {
                throw new IllegalStateException("not that one");
            }
            return ApplyResult.applied();
        };
        relays.start("copy", loading());
        database.append(item(1));
        await().atMost(SOON).until(() -> database.heldEntries() == 1);

        database.sql.sql("UPDATE item SET name = 'second'").update();

        await().atMost(SOON).until(() -> database.heldEntries() == 0);
        assertThat(sink.applied(1)).singleElement().asString().contains("second");
    }

    @Test
    void aggregateThatCannotBeLoadedIsSetAsideAndTheOthersAreApplied() {
        capture();
        database.sql
                .sql("INSERT INTO item SELECT i, 'x', i FROM generate_series(1, 20) AS i")
                .update();
        database.append(OutboxEntry.reference(Aggregate.of("item", "no-number")));
        database.append(IntStream.rangeClosed(1, 20).mapToObj(ReferenceIT::item).toArray(OutboxEntry[]::new));

        relays.start("copy", loading());

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.appliedCount()).isEqualTo(20);
        assertThat(database.sql
                        .sql("SELECT state || ' ' || aggregate_id || ' ' || error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .startsWith(
                        "dead no-number rejected: the parts of the aggregate id are not of the types of the key columns");
    }

    @Test
    void sinkThatKeepsEveryEntryGetsTheStateForEachReference() {
        sink.keepsEveryEntry = true;
        capture();
        database.sql.sql("INSERT INTO item VALUES (1, 'pen', 1)").update();
        database.append(item(1), item(1), item(1));

        relays.start("copy", loading());

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied(1)).hasSize(3).allMatch(state -> state.contains("pen"));
    }

    private void capture() {
        database.sql
                .sql("INSERT INTO dualwrite.captured_table"
                        + " (source, sink_id, aggregate_type, key_columns, key_types, on_truncate, captured_by)"
                        + " VALUES ('item', ?, 'item', '{id}', '{bigint}', 'refuse', 'test')")
                .param(database.sinkId("copy"))
                .update();
    }

    private Sink loading(StateLoader... loaders) {
        return loading(sink, loaders);
    }

    private Sink loading(Sink target, StateLoader... loaders) {
        return new References(
                        database.dataSource(),
                        "dualwrite",
                        new Loaders(List.of(loaders), List.of()),
                        new Room(100_000, 1_000_000))
                .before(target, TIMEOUT);
    }

    private static OutboxEntry item(int id) {
        return OutboxEntry.reference(Aggregate.of("item", id));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
