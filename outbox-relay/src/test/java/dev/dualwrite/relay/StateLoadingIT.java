package dev.dualwrite.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.outbox.spi.StateLoader.State;
import dev.dualwrite.relay.retry.FailureClassifier;
import dev.dualwrite.relay.state.References;
import dev.dualwrite.relay.state.References.Loaders;
import dev.dualwrite.relay.state.References.Room;
import dev.dualwrite.relay.state.StateTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What a sink gets in the place of references, call by call. */
class StateLoadingIT {

    private static final long MOST_PAYLOAD = 10_000;
    private static final long ROOM = 100_000;

    private final OutboxDatabase database = new OutboxDatabase("copy");
    private final Calls sink = new Calls();

    /** A sink that writes down its calls. */
    private static final class Calls implements Sink {
        final List<List<ClaimedEntry>> calls = new ArrayList<>();
        boolean keepsEveryEntry;

        @Override
        public synchronized List<ApplyResult> apply(List<ClaimedEntry> entries) {
            calls.add(entries);
            return entries.stream().map(e -> ApplyResult.applied()).toList();
        }

        @Override
        public boolean keepsEveryEntry() {
            return keepsEveryEntry;
        }

        List<ClaimedEntry> entries() {
            return calls.stream().flatMap(Collection::stream).toList();
        }

        List<String> payloads() {
            return entries().stream().map(RecordingSink::payload).toList();
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void snapshotsAndDeletionsPassAsTheyAreWithoutAStatement() throws Exception {
        ClaimedEntry upsert = entry("order", "1", Operation.UPSERT, 1);
        ClaimedEntry delete = entry("order", "2", Operation.DELETE, 2);
        List<ClaimedEntry> batch = List.of(upsert, delete);
        var counted = new CountedPrimary(database.dataSource());

        references(counted, new Loaders(List.of(), List.of()))
                .before(sink, TIMEOUT)
                .apply(batch);

        assertThat(sink.calls).singleElement().isSameAs(batch);
        assertThat(counted.all()).isZero();
    }

    @Test
    void referencesBecomeStatesInTheirPlaceWithRisingVersionsAndTheirHeaders() throws Exception {
        StateLoader loader = loader(Set.of("item"), a -> a.id().equals("gone") ? null : state("state of " + a.id()));
        List<ClaimedEntry> batch = List.of(
                entry("alien", "x", Operation.REFERENCE, 1),
                entry("item", "1", Operation.REFERENCE, 2),
                entry("order", "1", Operation.UPSERT, 3),
                entry("item", "gone", Operation.REFERENCE, 4),
                entry("item", "1", Operation.REFERENCE, 5));

        List<ApplyResult> results = loading(loader).apply(batch);

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        ApplyResult.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("'alien'", "StateLoader", "Next:"));
        assertThat(results.subList(1, 5)).containsOnly(ApplyResult.applied());
        assertThat(sink.payloads()).containsExactly("state of 1", "payload", "deleted", "state of 1");
        List<ClaimedEntry> given = sink.entries();
        assertThat(given)
                .extracting(ClaimedEntry::operation)
                .containsExactly(Operation.UPSERT, Operation.UPSERT, Operation.DELETE, Operation.UPSERT);
        assertThat(given.get(0).payloadType()).isEqualTo("item.v");
        assertThat(given.get(0).schemaVersion()).isEqualTo(3);
        assertThat(given).allSatisfy(e -> assertThat(e.headers()).containsEntry("tenant", "t"));
        assertThat(List.of(
                        given.get(0).version(),
                        given.get(2).version(),
                        given.get(3).version()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void referenceBeyondTheNewestVersionOfItsLoaderIsLeftToANewerRelay() throws Exception {
        StateLoader loader = new StateLoader() {
            @Override
            public Set<String> aggregateTypes() {
                return Set.of("item");
            }

            @Override
            public int newestVersion(String aggregateType) {
                return 2;
            }

            @Override
            public Map<Aggregate, State> load(List<Aggregate> aggregates) {
                return Map.of(item("2"), state("state of 2"));
            }
        };

        List<ApplyResult> results = loading(loader).apply(List.of(ofRelease("1", 3), ofRelease("2", 2)));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        ApplyResult.Unknown.class,
                        unknown -> assertThat(unknown.reason())
                                .contains("'item'", "schema version 3", "up to version 2", "Next:"));
        assertThat(results.get(1)).isEqualTo(ApplyResult.applied());
        assertThat(sink.payloads()).containsExactly("state of 2");
    }

    @Test
    void holderThatLoadedAnOldStateBeforeItWasPausedLoses() throws Exception {
        var store = new VersionedStore();
        var loaded = new CountDownLatch(1);
        var wakeUp = new CountDownLatch(1);
        var paused = new FutureTask<>(() -> loading(
                        entries -> {
                            loaded.countDown();
                            wakeUp.await();
                            return store.apply(entries);
                        },
                        loader(Set.of("item"), a -> state("old")))
                .apply(List.of(reference("1"))));
        var thread = new Thread(paused, "paused-holder");
        thread.start();
        loaded.await();

        loading(store, loader(Set.of("item"), a -> state("new"))).apply(List.of(reference("1")));
        wakeUp.countDown();

        assertThat(paused.get()).containsExactly(ApplyResult.stale());
        assertThat(store.value("1")).isEqualTo("new");
    }

    @Test
    void versionIsDrawnBeforeTheStateIsRead() throws Exception {
        var store = new VersionedStore();
        var read = new CountDownLatch(1);
        var wakeUp = new CountDownLatch(1);
        StateLoader slow = loader(Set.of("item"), a -> {
            read.countDown();
            RecordingSink.awaitUninterruptibly(wakeUp);
            return state("old");
        });
        var paused = new FutureTask<>(() -> loading(store, slow).apply(List.of(reference("1"))));
        var thread = new Thread(paused, "slow-reader");
        thread.start();
        read.await();

        loading(store, loader(Set.of("item"), a -> state("new"))).apply(List.of(reference("1")));
        wakeUp.countDown();

        assertThat(paused.get()).containsExactly(ApplyResult.stale());
        assertThat(store.value("1")).isEqualTo("new");
    }

    static Stream<Map<Aggregate, @Nullable State>> wrongAnswers() {
        Map<Aggregate, @Nullable State> nothing = new HashMap<>();
        nothing.put(item("1"), null);
        return Stream.of(
                nothing,
                Map.of(item("1"), new State(new byte[0], "item", 1)),
                Map.of(item("1"), new State("x".getBytes(UTF_8), "", 1)),
                Map.of(item("1"), new State("x".getBytes(UTF_8), "item", 0)),
                Map.of(item("other"), state("x")));
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void loaderThatAnswersNonsenseFailsAndNothingIsDeleted(Map<Aggregate, State> answer) {
        StateLoader wrong = new Fixed(Set.of("item"), aggregates -> answer);

        assertThatThrownBy(() -> loading(wrong).apply(List.of(reference("1"), reference("2"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Fixed answered")
                .satisfies(e -> assertThat(FailureClassifier.isStoreFailure(e)).isFalse());
        assertThat(sink.calls).isEmpty();
    }

    @Test
    void loaderThatAnswersNullFailsAndNothingIsDeleted() {
        assertThatThrownBy(() ->
                        loading(new Fixed(Set.of("item"), aggregates -> null)).apply(List.of(reference("1"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("answered null");
        assertThat(sink.calls).isEmpty();
    }

    @Test
    void twoLoadersOfOneTypeAreAMistake() {
        assertThatThrownBy(() -> loading(loader(Set.of("item"), a -> null), loader(Set.of("item", "x"), a -> null)))
                .isInstanceOf(OutboxConfigurationException.class)
                .hasMessageContaining("aggregate type 'item' has two StateLoaders");
    }

    @Test
    void stateAboveThePayloadLimitIsRejectedAndTheOthersAreApplied() throws Exception {
        items(3, 10);
        execute("UPDATE item SET name = repeat('x', 20000) WHERE id = 2");
        StateLoader loader = loader(Set.of("own"), a -> state("y".repeat(a.id().equals("2") ? 20_000 : 5)));

        List<ApplyResult> results = loading(loader)
                .apply(List.of(
                        reference("1"),
                        reference("2"),
                        reference("3"),
                        entry("own", "1", Operation.REFERENCE, 4),
                        entry("own", "2", Operation.REFERENCE, 5)));

        for (int place : List.of(1, 4)) {
            assertThat(results.get(place))
                    .isInstanceOfSatisfying(
                            ApplyResult.Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .contains("bytes", "dualwrite.outbox.payload-max-size allows 10000", "Next:"));
        }
        assertThat(sink.entries()).hasSize(3);
        assertThat(results).filteredOn(ApplyResult.applied()::equals).hasSize(3);
    }

    @Test
    void noMoreStatesAreInMemoryThanThereIsRoomFor() throws Exception {
        items(400, 10);
        Sink loading = loading();
        // So that it expects small ones.
        loading.apply(
                IntStream.rangeClosed(1, 400).mapToObj(i -> reference("" + i)).toList());
        loading.apply(
                IntStream.rangeClosed(1, 400).mapToObj(i -> reference("" + i)).toList());
        sink.calls.clear();
        execute("UPDATE item SET name = repeat('x', 9000)");
        List<ClaimedEntry> batch =
                IntStream.rangeClosed(1, 401).mapToObj(i -> reference("" + i)).toList();

        List<ApplyResult> results = loading.apply(batch);

        assertThat(results).hasSize(401).containsOnly(ApplyResult.applied());
        assertThat(sink.entries())
                .extracting(ClaimedEntry::aggregate)
                .isEqualTo(batch.stream().map(ClaimedEntry::aggregate).toList());
        assertThat(sink.calls).allSatisfy(call -> assertThat(bytes(call)).isLessThanOrEqualTo(ROOM + MOST_PAYLOAD));
        assertThat(sink.calls).hasSizeLessThan(60);
    }

    @Test
    void ownLoaderIsAskedForFewAfterItAnsweredMuch() throws Exception {
        var asked = new ArrayList<Integer>();
        StateLoader large = new Fixed(Set.of("item"), aggregates -> {
            asked.add(aggregates.size());
            var states = new HashMap<Aggregate, State>();
            aggregates.forEach(a -> states.put(a, state("z".repeat(9_000))));
            return states;
        });
        Sink loading = loading(large);

        loading.apply(IntStream.range(0, 300).mapToObj(i -> reference("" + i)).toList());

        assertThat(asked).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(10));
        assertThat(sink.entries()).hasSize(300);
    }

    @Test
    void ownLoaderIsAskedForFewAfterItAnsweredStatesThatAreTooLarge() throws Exception {
        var asked = new ArrayList<Integer>();
        Sink loading = loading(counting(asked, a -> state("z".repeat(20_000))));

        List<ApplyResult> results = loading.apply(references(300));

        assertThat(results).hasSize(300).allMatch(ApplyResult.Rejected.class::isInstance);
        assertThat(asked).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(10));
    }

    @Test
    void aggregatesThatAreGoneSayNothingOfThoseThatAreThere() throws Exception {
        var asked = new ArrayList<Integer>();
        var there = new ArrayList<String>();
        Sink loading = loading(counting(asked, a -> there.isEmpty() ? null : state(there.get(0))));
        loading.apply(references(1000));

        there.add("z".repeat(9_000));
        loading.apply(references(300));

        assertThat(asked).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(10));
    }

    @Test
    void smallStatesSayNothingOfThoseOfAnotherType() throws Exception {
        var asked = new ArrayList<Integer>();
        Sink loading =
                loading(loader(Set.of("small"), a -> state("s")), counting(asked, a -> state("z".repeat(9_000))));
        List<ClaimedEntry> small = IntStream.range(0, 400)
                .mapToObj(i -> entry("small", "" + i, Operation.REFERENCE, 1))
                .toList();
        loading.apply(small);
        loading.apply(small);
        sink.calls.clear();

        loading.apply(Stream.concat(references(300).stream(), small.stream()).toList());

        assertThat(asked).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(10));
        assertThat(sink.entries()).hasSize(700);
        assertThat(sink.calls).allSatisfy(call -> assertThat(bytes(call)).isLessThanOrEqualTo(ROOM));
    }

    @Test
    void whatWasLoadedWhenTheTimeWasOverIsNotGivenToTheSink() {
        StateLoader late = loader(Set.of("item"), a -> {
            // As a driver leaves it, which does not hear it.
            Thread.currentThread().interrupt();
            return state("late");
        });

        assertThatThrownBy(() -> loading(late).apply(List.of(reference("1")))).isInstanceOf(InterruptedException.class);
        assertThat(sink.calls).isEmpty();
    }

    @Test
    void allLoadsOfACallHaveOneDeadline() throws Exception {
        execute("CREATE VIEW item AS SELECT i AS id,"
                + " (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::integer AS time_left,"
                + " repeat('x', 900) AS room FROM generate_series(1, 200) AS i");

        Sink loading = references(
                        database.dataSource(),
                        new Loaders(List.of(), List.of(new StateTable("item", null, "item", List.of("id")))))
                .before(sink, TIMEOUT);
        loading.apply(
                IntStream.rangeClosed(1, 200).mapToObj(i -> reference("" + i)).toList());

        List<Integer> left = sink.payloads().stream()
                .map(payload -> payload.replaceAll(".*\"time_left\":(\\d+),.*", "$1"))
                .map(Integer::valueOf)
                .toList();
        assertThat(sink.calls).hasSizeGreaterThan(3);
        assertThat(left).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(left.get(199)).isLessThan(left.get(0));
    }

    @Test
    void rowIsFoundByTheTypeUnderItsDomainAsTheTriggersReadIt() throws Exception {
        execute("CREATE DOMAIN code AS text COLLATE \"C\";"
                + " CREATE TABLE item (id code COLLATE \"POSIX\" PRIMARY KEY);"
                + " INSERT INTO item VALUES ('old'), ('new');"
                + " ALTER DOMAIN code ADD CHECK (VALUE <> 'old') NOT VALID");
        capture("item", "id");

        loading().apply(List.of(reference("old"), reference("new")));

        assertThat(sink.payloads()).containsExactly("{\"id\":\"old\"}", "{\"id\":\"new\"}");
    }

    @Test
    void functionsOfTheSameNameInOtherSchemasAreNotCalled() throws Exception {
        execute("CREATE FUNCTION public.to_json(integer[]) RETURNS json LANGUAGE sql AS 'SELECT ''\"wrong\"''::json';"
                + " CREATE FUNCTION public.array_lower(integer[], integer) RETURNS integer LANGUAGE sql AS 'SELECT 7';"
                + " CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT ''2''::text';"
                + " CREATE FUNCTION public.hashtextextended(text, integer) RETURNS bigint LANGUAGE sql"
                + " AS 'SELECT (random() * 1e9)::bigint';"
                + " CREATE TABLE item (id integer PRIMARY KEY, sizes integer[]);"
                + " INSERT INTO item VALUES (1, '{3,4}'), (2, '{5}')");
        capture("item", "id");

        loading().apply(List.of(reference("1")));

        assertThat(sink.payloads()).containsExactly("{\"id\":1,\"sizes\":[3,4]}");
    }

    @Test
    void idThatIsNoKeyOfTheTableIsRejectedWhenItIsAlone() throws Exception {
        items(1, 1);

        List<ApplyResult> parts = loading().apply(List.of(reference("1"), reference("1|2")));

        assertThat(parts.get(0)).isEqualTo(ApplyResult.applied());
        assertThat(parts.get(1)).isInstanceOf(ApplyResult.Rejected.class);
        assertThatThrownBy(() -> loading().apply(List.of(reference("1"), reference("pen"))))
                .satisfies(e -> assertThat(FailureClassifier.isStoreFailure(e)).isFalse());
        assertThat(loading().apply(List.of(reference("pen"))))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("key columns", "id integer", "public.item"));
    }

    @Test
    void tableThatChangesBetweenTwoLoadsIsReadAsItIs() throws Exception {
        items(1, 1);
        Sink loading = loading();
        loading.apply(List.of(reference("1")));

        execute("ALTER TABLE item ADD COLUMN colour text DEFAULT 'red'");
        loading.apply(List.of(reference("1")));
        execute("ALTER TABLE item DROP COLUMN name");
        loading.apply(List.of(reference("1")));
        execute("ALTER TABLE item RENAME COLUMN colour TO shade");
        loading.apply(List.of(reference("1")));
        execute("ALTER TABLE item RENAME TO thing");
        loading.apply(List.of(reference("1")));
        execute("ALTER TABLE thing ADD COLUMN twice integer GENERATED ALWAYS AS (id * 2) STORED");
        loading.apply(List.of(reference("1")));

        assertThat(sink.payloads())
                .containsExactly(
                        "{\"id\":1,\"name\":\"x\"}",
                        "{\"id\":1,\"name\":\"x\",\"colour\":\"red\"}",
                        "{\"id\":1,\"colour\":\"red\"}",
                        "{\"id\":1,\"shade\":\"red\"}",
                        "{\"id\":1,\"shade\":\"red\"}",
                        "{\"id\":1,\"shade\":\"red\",\"twice\":2}");
    }

    @Test
    void tableThatTookTheNameOfAnotherIsReadAsItIs() throws Exception {
        items(1, 1);
        Sink loading = references(
                        database.dataSource(),
                        new Loaders(List.of(), List.of(new StateTable("item", null, "item", List.of("id")))))
                .before(sink, TIMEOUT);
        loading.apply(List.of(reference("1")));

        execute("BEGIN; ALTER TABLE item RENAME TO old_item; CREATE TABLE item (id bigint PRIMARY KEY, size integer);"
                + " INSERT INTO item VALUES (1, 42); COMMIT");
        loading.apply(List.of(reference("1")));

        assertThat(sink.payloads()).containsExactly("{\"id\":1,\"name\":\"x\"}", "{\"id\":1,\"size\":42}");
    }

    @Test
    void releasedTableIsNotReadAnyMoreAndTheNextOneIs() throws Exception {
        items(1, 1);
        Sink loading = loading();
        loading.apply(List.of(reference("1")));

        execute("DELETE FROM dualwrite.captured_table");
        assertThat(loading.apply(List.of(reference("1")))).singleElement().isInstanceOf(ApplyResult.Unknown.class);
        execute("CREATE TABLE thing (id integer PRIMARY KEY); INSERT INTO thing VALUES (1)");
        capture("thing");
        loading.apply(List.of(reference("1")));

        assertThat(sink.payloads()).containsExactly("{\"id\":1,\"name\":\"x\"}", "{\"id\":1}");
    }

    @Test
    void rowThatRowSecurityHidesIsAnErrorAndNoDeletion() throws Exception {
        items(2, 1);
        execute("DROP ROLE IF EXISTS reader_of_items; CREATE ROLE reader_of_items;"
                + " GRANT USAGE ON SCHEMA dualwrite TO reader_of_items;"
                + " GRANT SELECT ON ALL TABLES IN SCHEMA dualwrite, public TO reader_of_items;"
                + " GRANT USAGE ON SEQUENCE dualwrite.entry_sequence TO reader_of_items;"
                + " GRANT EXECUTE ON FUNCTION dualwrite.primary_identity() TO reader_of_items;"
                + " ALTER TABLE item ENABLE ROW LEVEL SECURITY;"
                + " CREATE POLICY one ON item USING (id = 1)");
        try {
            Sink loading = references(new AsRole(database.database().dataSource(), "reader_of_items"), NOBODY)
                    .before(sink, TIMEOUT);

            assertThatThrownBy(() -> loading.apply(List.of(reference("1"), reference("2"))))
                    .hasMessageContaining("row-level security")
                    .satisfies(
                            e -> assertThat(FailureClassifier.isStoreFailure(e)).isTrue());
            assertThat(sink.calls).isEmpty();
        } finally {
            execute("DROP OWNED BY reader_of_items; DROP ROLE reader_of_items");
        }
    }

    @Test
    void serverThatIsNotThePrimaryOfTheEpochIsAFailureOfTheStore() throws Exception {
        items(1, 1);
        execute("UPDATE dualwrite.control SET primary_identity = 'another/1'");

        assertThatThrownBy(() -> loading().apply(List.of(reference("1"))))
                .satisfies(e -> assertThat(FailureClassifier.isStoreFailure(e)).isTrue());
        assertThat(sink.calls).isEmpty();
    }

    @Test
    void stateOfAServerOfAnotherEpochIsNotUsed() throws Exception {
        items(1, 1);
        // Between the two steps, as when the load comes from a server that is still there and not the primary any more.
        DataSource raising = new DelegatingDataSource(database.dataSource()) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                execute("UPDATE dualwrite.control SET epoch = epoch + 1");
                return connection;
            }
        };

        assertThatThrownBy(
                        () -> references(raising, NOBODY).before(sink, TIMEOUT).apply(List.of(reference("1"))))
                .hasMessageContaining("not the one that drew the versions")
                .satisfies(e -> assertThat(FailureClassifier.isStoreFailure(e)).isTrue());
    }

    @Test
    void viewWithSeveralRowsForAnIdIsAnError() throws Exception {
        execute("CREATE VIEW doubled AS SELECT 1 AS id, n FROM generate_series(1, 3) AS n");
        Sink loading = references(
                        database.dataSource(),
                        new Loaders(List.of(), List.of(new StateTable("item", null, "doubled", List.of("id")))))
                .before(sink, TIMEOUT);

        assertThatThrownBy(() -> loading.apply(List.of(reference("1"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("more than one row for item:1");
    }

    @Test
    void compositeKeyAndNamesOfEveryKindAreRead() throws Exception {
        execute("""
                CREATE SCHEMA "My ""Shop\\";
                CREATE TYPE "My ""Shop\\"."Kind'" AS ENUM ('a|b', 'c\\d');
                CREATE TABLE "My ""Shop\\"."Line %s {table}" (
                    "Kind {match}" "My ""Shop\\"."Kind'", no smallint, "Größe ""x""\" text,
                    PRIMARY KEY ("Kind {match}", no));
                INSERT INTO "My ""Shop\\"."Line %s {table}" VALUES ('a|b', 1, 'ä'), ('c\\d', 2, NULL)
                """);
        capture("\"My \"\"Shop\\\"." + "\"Line %s {table}\"", "Kind {match}", "no");

        loading().apply(List.of(ref(Aggregate.of("item", "a|b", 1)), ref(Aggregate.of("item", "c\\d", 2))));

        assertThat(sink.payloads())
                .containsExactly(
                        "{\"Kind {match}\":\"a|b\",\"no\":1,\"Größe \\\"x\\\"\":\"ä\"}",
                        "{\"Kind {match}\":\"c\\\\d\",\"no\":2,\"Größe \\\"x\\\"\":null}");
    }

    private static final Loaders NOBODY = new Loaders(List.of(), List.of());
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A loader with a name that can be recognised. */
    private record Fixed(Set<String> aggregateTypes, Function<List<Aggregate>, @Nullable Map<Aggregate, State>> answer)
            implements StateLoader {
        @Override
        public @Nullable Map<Aggregate, State> load(List<Aggregate> aggregates) {
            return answer.apply(aggregates);
        }
    }

    /** A primary on which everything is done as another user. */
    private static final class AsRole extends DelegatingDataSource {
        private final String role;

        AsRole(DataSource primary, String role) {
            super(primary);
            this.role = role;
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET ROLE " + role);
            }
            return connection;
        }
    }

    /** A loader of items that writes down how many it was asked for. */
    private static StateLoader counting(List<Integer> asked, Function<Aggregate, @Nullable State> state) {
        StateLoader items = loader(Set.of("item"), state);
        return new Fixed(items.aggregateTypes(), aggregates -> {
            asked.add(aggregates.size());
            return ((Fixed) items).answer().apply(aggregates);
        });
    }

    private static List<ClaimedEntry> references(int count) {
        return IntStream.range(0, count).mapToObj(i -> reference("" + i)).toList();
    }

    private static StateLoader loader(Set<String> types, Function<Aggregate, @Nullable State> state) {
        return new Fixed(types, aggregates -> {
            var states = new HashMap<Aggregate, State>();
            for (Aggregate aggregate : aggregates) {
                State found = state.apply(aggregate);
                if (found != null) {
                    states.put(aggregate, found);
                }
            }
            return states;
        });
    }

    private static State state(String payload) {
        return new State(payload.getBytes(UTF_8), "item.v", 3);
    }

    private Sink loading(StateLoader... loaders) {
        return loading(sink, loaders);
    }

    private Sink loading(Sink target, StateLoader... loaders) {
        return references(database.dataSource(), new Loaders(List.of(loaders), List.of()))
                .before(target, TIMEOUT);
    }

    private static References references(DataSource primary, Loaders loaders) {
        return new References(primary, "dualwrite", loaders, new Room(MOST_PAYLOAD, ROOM));
    }

    /** So many rows of a captured table. */
    private void items(int count, int size) throws SQLException {
        execute("CREATE TABLE item (id integer PRIMARY KEY, name text);" + " INSERT INTO item SELECT i, repeat('x', "
                + size + ") FROM generate_series(1, " + count + ") AS i");
        capture("item", "id");
    }

    private void capture(String table, String... keys) {
        database.sql
                .sql("INSERT INTO dualwrite.captured_table"
                        + " (source, sink_id, aggregate_type, key_columns, key_types, on_truncate, captured_by)"
                        + " SELECT ?::regclass, ?, 'item', k.names, array_fill('bigint'::regtype, ARRAY[cardinality(k.names)]), 'refuse', 'test'"
                        + " FROM (SELECT ?::text[] AS names) k")
                .params(table, database.sinkId("copy"), keys.length == 0 ? new String[] {"id"} : keys)
                .update();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long bytes(List<ClaimedEntry> entries) {
        return entries.stream()
                .mapToLong(e -> e.payload() == null ? 0 : e.payload().length)
                .sum();
    }

    private static Aggregate item(String id) {
        return new Aggregate("item", id);
    }

    private static ClaimedEntry reference(String id) {
        return entry("item", id, Operation.REFERENCE, 1);
    }

    private static ClaimedEntry ofRelease(String id, int schemaVersion) {
        return new ClaimedEntry(
                new Version(1), 0, item(id), Operation.REFERENCE, null, "item", schemaVersion, Map.of(), Instant.EPOCH);
    }

    private static ClaimedEntry ref(Aggregate aggregate) {
        return entry(aggregate.type(), aggregate.id(), Operation.REFERENCE, 1);
    }

    private static ClaimedEntry entry(String type, String id, Operation operation, long version) {
        return new ClaimedEntry(
                new Version(version),
                0,
                new Aggregate(type, id),
                operation,
                operation == Operation.UPSERT ? "payload".getBytes(UTF_8) : null,
                type,
                1,
                Map.of("tenant", "t"),
                Instant.EPOCH);
    }
}
