package dev.dualwrite.outbox.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.PayloadCodecException;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.Routing.AggregateRule;
import dev.dualwrite.outbox.Routing.Ordering;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.ClaimStore.Settlement;
import dev.dualwrite.outbox.jdbc.HeldStore.Due;
import dev.dualwrite.outbox.jdbc.HeldStore.DueLimits;
import dev.dualwrite.outbox.jdbc.HeldStore.HeldLane;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the stores do to the tables: one entry from its append to its end. */
class StoresIT {

    private static final UUID HOLDER = new UUID(1, 2);
    private static final DueLimits DUE = new DueLimits(10, 10, 100, 1000);
    private static final Aggregate ORDER = Aggregate.of("order", 1);

    private InstalledSchema schema;
    private EntryWriter writer;
    private ClaimStore claims;
    private HeldStore held;
    private LeaseStore leases;
    private Lane lane;

    @BeforeEach
    void install() throws SQLException {
        schema = new InstalledSchema("box");
        Map<String, Short> sinks = new ControlStore(schema.dataSource(), "box").registerSinks(List.of("copy", "index"));
        var routing = new Routing(
                sinks, Set.of("copy"), Map.of("locked", new AggregateRule(Set.of("copy", "index"), Ordering.LOCK)));
        writer = new EntryWriter(
                "box", Schema.DEFAULT_SHARD_COUNT, routing, p -> p.toString().getBytes(UTF_8), 1000);
        claims = new ClaimStore(schema.dataSource(), "box");
        held = new HeldStore(schema.dataSource(), "box");
        leases = new LeaseStore(schema.dataSource(), "box");
        int shard = ORDER.shard(Schema.DEFAULT_SHARD_COUNT);
        lane = new Lane(sinks.get("copy"), shard, "copy/" + shard);
    }

    @Test
    void entriesOfOneStatementAreNumberedInTheOrderOfTheirAppend() throws SQLException {
        append(IntStream.range(0, 200)
                .mapToObj(i -> OutboxEntry.upsert(Aggregate.of("order", i % 7), "p" + i))
                .toArray(OutboxEntry[]::new));

        assertThat(schema.query("SELECT convert_from(payload, 'UTF8') FROM box.outbox_entry ORDER BY sequence"))
                .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "p" + i).toList());
        assertThat(schema.query("SELECT DISTINCT xid::text FROM box.outbox_entry"))
                .hasSize(1);
    }

    @Test
    void entryForTwoSinksIsTwoRowsWithANumberEach() throws SQLException {
        append(OutboxEntry.delete(Aggregate.of("locked", "x")));

        assertThat(schema.query("SELECT s.name || ' ' || e.sequence || ' ' || e.operation::text"
                        + " FROM box.outbox_entry e JOIN box.sink s USING (sink_id) ORDER BY e.sequence"))
                .containsExactly("copy 1 D", "index 2 D");
    }

    @Test
    void claimGivesBackWhatWasAppended() throws SQLException {
        append(OutboxEntry.upsert(ORDER, "grüße 🎉")
                .payloadType("order-document", 3)
                .header("trace id", "a=b&c"));

        ClaimedEntry entry = claim(0).get(0).entry();

        assertThat(entry.aggregate()).isEqualTo(ORDER);
        assertThat(entry.operation()).isEqualTo(Operation.UPSERT);
        assertThat(new String(entry.payload(), UTF_8)).isEqualTo("grüße 🎉");
        assertThat(entry.payloadType()).isEqualTo("order-document");
        assertThat(entry.schemaVersion()).isEqualTo(3);
        assertThat(entry.headers()).isEqualTo(Map.of("trace id", "a=b&c"));
        assertThat(entry.version().sequence()).isEqualTo(1);
        assertThat(entry.shard()).isEqualTo(lane.shard());
    }

    @Test
    void payloadTypeIsTheAggregateTypeAndThereAreNoHeadersUnlessGiven() throws SQLException {
        append(OutboxEntry.upsert(ORDER, "x"));

        ClaimedEntry entry = claim(0).get(0).entry();

        assertThat(entry.payloadType()).isEqualTo(ORDER.type());
        assertThat(entry.headers()).isEmpty();
    }

    @Test
    void deletionHasNoPayloadAloneAndAmongOthers() throws SQLException {
        append(OutboxEntry.delete(ORDER));
        append(OutboxEntry.delete(ORDER), OutboxEntry.upsert(ORDER, "x"));

        assertThat(claim(0))
                .extracting(claimed -> claimed.entry().payload() == null)
                .containsExactly(true, true, false);
    }

    @Test
    void epochStandsAboveTheSequenceInTheVersion() throws SQLException {
        schema.execute("UPDATE box.control SET epoch = 2");
        append(OutboxEntry.upsert(ORDER, "x"));

        assertThat(claim(0).get(0).entry().version()).isEqualTo(dev.dualwrite.outbox.Version.of(2, 1));
    }

    @Test
    void entriesUpToTheFloorAreLeftOut() throws SQLException {
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));

        assertThat(claim(1)).hasSize(1);
        assertThat(claim(2)).isEmpty();
    }

    @Test
    void autocommitConnectionIsRefused() throws SQLException {
        try (Connection connection = schema.dataSource().getConnection()) {
            List<EncodedEntry> entries = writer.encode(List.of(OutboxEntry.upsert(ORDER, "x")));

            assertThatThrownBy(() -> writer.write(connection, entries))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("autocommit");
        }
        assertThat(claim(0)).isEmpty();
    }

    @Test
    void payloadThatIsTooLargeOrCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> writer.encode(List.of(OutboxEntry.upsert(ORDER, "x".repeat(1001)))))
                .isInstanceOfSatisfying(
                        PayloadCodecException.class,
                        e -> assertThat(e.aggregate()).isEqualTo(ORDER))
                .hasMessageContaining("1001 bytes")
                .hasMessageContaining("1000")
                .hasMessageContaining("payload-max-size");
        assertThatThrownBy(() -> writer.encode(List.of(OutboxEntry.upsert(ORDER, () -> null))))
                .isInstanceOf(PayloadCodecException.class)
                .hasMessageContaining("returned null");
    }

    @Test
    void databaseThatRefusesIsNamedWithItsState() throws SQLException {
        schema.execute("ALTER TABLE box.outbox_entry RENAME TO gone");

        assertThatThrownBy(() -> append(OutboxEntry.upsert(ORDER, "x")))
                .isInstanceOfSatisfying(OutboxStoreException.class, e -> {
                    assertThat(e.sqlState()).isEqualTo("42P01");
                    assertThat(e.isTransient()).isFalse();
                });
    }

    @Test
    void failedEntryMovesToTheHeldTableInTheSettleAndBlocksWhatFollows() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(Aggregate.of("order", 1, 1), "z"));
        ClaimedEntry failed = claim(0).get(0).entry();

        hold(right, Failure.backingOff(failed.version(), 1, Duration.ZERO, "java.lang.X", "bad\u0000value"));
        append(OutboxEntry.upsert(ORDER, "b"));

        assertThat(claim(0)).extracting(Claimed::blocked).containsExactly(true);
        assertThat(dueNow()).isTrue();
        assertThat(held.due(lane, DUE)).singleElement().satisfies(due -> {
            assertThat(due.entry().version()).isEqualTo(failed.version());
            assertThat(due.attempts()).isEqualTo(1);
        });
        assertThat(schema.query("SELECT error_message FROM box.stuck_entries")).containsExactly("bad?value");
    }

    @Test
    void nextHeldEntryIsDueOnceTheFirstIsSettled() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"), OutboxEntry.upsert(ORDER, "c"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        hold(
                right,
                Failure.backingOff(entries.get(0).version(), 1, Duration.ZERO, null, "x"),
                Failure.blocked(entries.get(1).version()),
                Failure.blocked(entries.get(2).version()));

        held.settle(right, new HeldStore.Settlement(entries.subList(0, 1), List.of(), true), List.of(ORDER));

        assertThat(schema.query("SELECT state FROM box.held_entry ORDER BY version"))
                .containsExactly("backing_off", "blocked");
        assertThat(held.due(lane, DUE).stream().map(Due::entry).map(ClaimedEntry::version))
                .containsExactly(entries.get(1).version(), entries.get(2).version());
    }

    @Test
    void blockedEntryThatWaitsForNothingIsFoundAndPromoted() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"));
        hold(right, Failure.blocked(claim(0).get(0).entry().version()));
        assertThat(held.lanes(List.of(lane))).containsExactly(new HeldLane(true, Optional.empty()));

        held.promoteAllHeads(right, true);

        assertThat(dueNow()).isTrue();
    }

    @Test
    void lostRightChangesNothingInTheHeldTable() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"));
        ClaimedEntry entry = claim(0).get(0).entry();
        hold(right, Failure.dead(entry.version(), 3, null, "x"));
        var late = new LaneRight(lane, right.fencingToken() - 1, HOLDER);

        assertThat(held.settle(late, new HeldStore.Settlement(List.of(entry), List.of(), true), List.of(ORDER))
                        .xid())
                .isEmpty();
        assertThat(claims.settle(late, Settlement.ofDone(List.of(entry.version().sequence())), true))
                .isEmpty();
        assertThat(schema.query("SELECT state FROM box.held_entry")).containsExactly("dead");
    }

    @Test
    void leasesAreRenewedTogetherAndOnlyTheHoldersOwn() throws SQLException {
        take();

        assertThat(leases.renew(List.of(lane), HOLDER, Duration.ofMinutes(1))).containsExactly(lane.lockName());
        assertThat(leases.renew(List.of(lane), new UUID(9, 9), Duration.ofMinutes(1)))
                .isEmpty();
    }

    @Test
    void floorIsStoredForTheHolderOnly() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));

        leases.storeFloors(Map.of(right, 2L), HOLDER);
        leases.storeFloors(Map.of(right, 1L), new UUID(9, 9));

        assertThat(schema.query("SELECT floor FROM box.lane WHERE floor > 0")).containsExactly("2");
        assertThat(leases.take(lane, HOLDER).orElseThrow().floor()).isEqualTo(2);
    }

    @Test
    void pollKnowsTheLastNumberAndAssignedIdsRise() throws SQLException {
        assertThat(claims.poll().lastSequence()).isZero();
        append(OutboxEntry.upsert(ORDER, "a"));

        assertThat(claims.poll().lastSequence()).isEqualTo(1);
        long first = claims.assignTransactionId();
        assertThat(claims.assignTransactionId()).isGreaterThan(first);
        assertThat(claims.poll().snapshot().xmin()).isGreaterThan(first);
    }

    @Test
    void heldEntryThatAHandHasWrittenMayLeaveItsPayloadTypeAndHeadersOut() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"));
        hold(right, Failure.backingOff(claim(0).get(0).entry().version(), 1, Duration.ZERO, null, "x"));
        schema.execute("UPDATE box.held_entry SET payload_type = NULL, headers = NULL");

        assertThat(held.due(lane, DUE)).singleElement().satisfies(due -> {
            assertThat(due.entry().payloadType()).isEqualTo(ORDER.type());
            assertThat(due.entry().headers()).isEmpty();
        });
    }

    @Test
    void newestBehindADeadOneIsTriedAndItsSuccessTakesTheOlderOnesWithIt() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"), OutboxEntry.upsert(ORDER, "c"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        holdAndPromote(
                right,
                true,
                Failure.dead(entries.get(0).version(), 3, null, "x"),
                Failure.blocked(entries.get(1).version()),
                Failure.blocked(entries.get(2).version()));

        assertThat(held.due(lane, DUE).stream().map(Due::entry).map(ClaimedEntry::version))
                .containsExactly(entries.get(2).version());
        held.settle(right, new HeldStore.Settlement(entries.subList(2, 3), List.of(), true), List.of(ORDER));
        assertThat(schema.query("SELECT count(*) FROM box.held_entry")).containsExactly("0");
    }

    @Test
    void oneEntryAtATimeIsTriedBehindADeadOneTheNewestFirst() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"), OutboxEntry.upsert(ORDER, "c"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        Failure dead = Failure.dead(entries.get(0).version(), 3, null, "x");
        hold(right, dead, Failure.backingOff(entries.get(1).version(), 1, Duration.ofHours(1), null, "x"));
        holdAndPromote(right, true, Failure.blocked(entries.get(2).version()));
        assertThat(schema.query("SELECT state FROM box.held_entry ORDER BY version"))
                .containsExactly("dead", "blocked", "backing_off");
        Failure deferred = Failure.backingOff(entries.get(2).version(), 0, Duration.ofHours(1), null, "deferred");
        held.settle(right, new HeldStore.Settlement(List.of(), List.of(deferred), true), List.of(ORDER));
        assertThat(held.due(lane, DUE)).as("its own time counts").isEmpty();

        Failure rejected = Failure.dead(entries.get(2).version(), 1, null, "rejected");
        held.settle(right, new HeldStore.Settlement(List.of(), List.of(rejected), true), List.of(ORDER));
        assertThat(held.due(lane, DUE).stream().map(Due::entry).map(ClaimedEntry::version))
                .containsExactly(entries.get(1).version());
    }

    @Test
    void nothingIsTriedBehindADeadOneWhereEveryEntryCounts() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        holdAndPromote(
                right,
                false,
                Failure.dead(entries.get(0).version(), 3, null, "x"),
                Failure.blocked(entries.get(1).version()));
        held.promoteAllHeads(right, false);

        assertThat(held.due(lane, DUE)).isEmpty();
    }

    @Test
    void entryThatAPersonMadeWaitWhileItWasTriedStaysBlocked() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        holdAndPromote(
                right,
                true,
                Failure.dead(entries.get(0).version(), 3, null, "x"),
                Failure.blocked(entries.get(1).version()));
        schema.execute("SELECT box.requeue((SELECT min(version) FROM box.held_entry), 'mended')");

        Failure late = Failure.dead(entries.get(1).version(), 1, null, "rejected");
        held.settle(right, new HeldStore.Settlement(List.of(), List.of(late), true), List.of(ORDER));

        assertThat(schema.query("SELECT state FROM box.held_entry ORDER BY version"))
                .containsExactly("backing_off", "blocked");
    }

    @Test
    void aggregatesOfALaneAreGivenUnlessItHoldsTooManyEntries() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        hold(
                right,
                Failure.dead(entries.get(0).version(), 3, null, "x"),
                Failure.blocked(entries.get(1).version()));

        assertThat(held.aggregates(lane, 2)).hasValue(Set.of(ORDER));
        assertThat(held.aggregates(lane, 1)).isEmpty();
    }

    @Test
    void actThatAPersonLeavesOpenKeepsNoSettleOfItsLaneWaiting() throws Exception {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"), OutboxEntry.upsert(ORDER, "c"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        holdAndPromote(
                right,
                true,
                Failure.dead(entries.get(0).version(), 3, null, "x"),
                Failure.blocked(entries.get(1).version()));
        try (Connection person = schema.dataSource().getConnection();
                var act = person.createStatement()) {
            person.setAutoCommit(false);
            act.execute("SELECT box.requeue((SELECT min(version) FROM box.held_entry), 'left open')");

            CompletableFuture<Void> settles = CompletableFuture.runAsync(() -> {
                holdAndPromote(right, true, Failure.blocked(entries.get(2).version()));
                held.promoteAllHeads(right, true);
                var deferred = Failure.backingOff(entries.get(1).version(), 0, Duration.ZERO, null, "deferred");
                var failed = new HeldStore.Settlement(List.of(), List.of(deferred), true);
                assertThat(held.settle(right, failed, List.of(ORDER)).xid()).isPresent();
                var done = new HeldStore.Settlement(entries.subList(1, 2), List.of(), true);
                assertThat(held.settle(right, done, List.of(ORDER)).xid()).isPresent();
            });
            assertThat(settles).succeedsWithin(Duration.ofSeconds(10));
            person.commit();
        }

        held.promoteAllHeads(right, true);
        assertThat(held.due(lane, DUE).stream().map(Due::entry).map(ClaimedEntry::version))
                .as("nothing is forgotten: what was passed over is tried in its order")
                .containsExactlyElementsOf(
                        entries.stream().map(ClaimedEntry::version).toList());
    }

    @Test
    void attemptThatNeverEndedIsRemembered() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"));
        ClaimedEntry entry = claim(0).get(0).entry();
        claims.settle(
                right,
                new Settlement(
                        List.of(),
                        List.of(Failure.backingOff(entry.version(), 0, Duration.ZERO, null, "x")),
                        true,
                        Set.of(ORDER)),
                true);

        assertThat(held.beginAttempt(right, entry.version())).isTrue();
        assertThat(held.beginAttempt(new LaneRight(lane, right.fencingToken() - 1, HOLDER), entry.version()))
                .isFalse();

        assertThat(held.due(lane, DUE)).singleElement().satisfies(due -> {
            assertThat(due.suspect()).isTrue();
            assertThat(due.unfinished()).isEqualTo(1);
        });
        held.endAttempt(right, entry.version());
        assertThat(held.due(lane, DUE)).extracting(Due::unfinished).containsExactly(0);
    }

    @Test
    void attemptOfAnEntryThatAPersonHasLockedDoesNotBeginAndDoesNotWait() throws Exception {
        LaneRight right = take();
        Version version = holdOne(right);
        try (Connection person = schema.dataSource().getConnection();
                var act = person.createStatement()) {
            person.setAutoCommit(false);
            act.execute("SELECT 1 FROM box.held_entry FOR UPDATE");

            CompletableFuture<Boolean> begins = CompletableFuture.supplyAsync(() -> held.beginAttempt(right, version));
            assertThat(begins).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(false);
            assertThat(CompletableFuture.runAsync(() -> held.endAttempt(right, version)))
                    .succeedsWithin(Duration.ofSeconds(10));
            person.rollback();
        }

        assertThat(held.due(lane, DUE)).extracting(Due::unfinished).containsExactly(0);
    }

    @Test
    void attemptThatEndsAfterTheLaneWasLostTakesBackItselfAndNoOther() throws SQLException {
        LaneRight right = take();
        Version version = holdOne(right);
        held.beginAttempt(right, version);
        held.beginAttempt(right, version);

        held.endAttempt(new LaneRight(lane, right.fencingToken() - 1, HOLDER), version);

        assertThat(held.due(lane, DUE)).extracting(Due::unfinished).containsExactly(1);
    }

    @Test
    void laterEntryThatIsDueDoesNotMakeTheFirstOneDueBeforeItsTime() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"), OutboxEntry.upsert(ORDER, "b"));
        List<ClaimedEntry> entries = claim(0).stream().map(Claimed::entry).toList();
        holdAndPromote(
                right,
                true,
                Failure.backingOff(entries.get(0).version(), 1, Duration.ofHours(1), null, "x"),
                Failure.blocked(entries.get(1).version()));
        // As an open requeue of the first and the arrival of the second, which saw it dead, leave them.
        schema.execute(
                "UPDATE box.held_entry SET state = 'backing_off', next_attempt_at = now() WHERE state = 'blocked'");

        assertThat(held.due(lane, DUE)).isEmpty();
        schema.execute("UPDATE box.held_entry SET next_attempt_at = now()");
        assertThat(held.due(lane, DUE)).hasSize(2);
        // What the commit of such an act leads to.
        held.promoteAllHeads(right, true);
        assertThat(schema.query("SELECT state FROM box.held_entry ORDER BY version"))
                .containsExactly("backing_off", "blocked");
    }

    @Test
    void processThatPausesInATransactionDoesNotKeepItsLocksForEver() {
        var sql = new Statements(schema.dataSource(), Duration.ofMillis(700));

        String limits = sql.inTransaction("asking", connection -> {
            try (var show = connection.createStatement();
                    var row = show.executeQuery("SELECT current_setting('idle_in_transaction_session_timeout')"
                            + " || ' ' || current_setting('lock_timeout')")) {
                row.next();
                return row.getString(1);
            }
        });

        assertThat(limits).isEqualTo("5s 700ms");
    }

    private Version holdOne(LaneRight right) throws SQLException {
        append(OutboxEntry.upsert(ORDER, "a"));
        Version version = claim(0).get(0).entry().version();
        holdAndPromote(right, true, Failure.backingOff(version, 0, Duration.ZERO, null, "x"));
        return version;
    }

    @Test
    void primaryThatForgotNumbersGetsANewEpochAndAllFloorsAndLeasesGo() throws SQLException {
        LaneRight right = take();
        append(OutboxEntry.upsert(ORDER, "a"));
        leases.storeFloors(Map.of(right, 1L), HOLDER);
        assertThat(claims.observePrimary(0, 1)).isFalse();

        schema.execute("UPDATE box.control SET primary_identity = 'another cluster/00000001'");
        assertThat(claims.poll().samePrimary()).isFalse();
        assertThat(claims.claim(List.of(new Request(lane, 0, true)), 100, 100_000))
                .isEmpty();
        assertThat(claims.settle(right, Settlement.ofDone(List.of(1L)), true))
                .as("number 1 may be another entry here")
                .isEmpty();
        assertThat(claims.observePrimary(0, 1)).isTrue();

        assertThat(claims.poll()).satisfies(poll -> {
            assertThat(poll.samePrimary()).isTrue();
            assertThat(poll.epoch()).isEqualTo(1);
        });
        assertThat(claims.observePrimary(0, 1))
                .as("another relay found out, too")
                .isFalse();
        assertThat(schema.query("SELECT sum(floor) || ' ' || count(holder) FROM box.lane"))
                .containsExactly("0 0");
        assertThat(schema.query("SELECT count(*) FROM box.shedlock WHERE lock_until > timezone('utc', now())"))
                .containsExactly("0");
        assertThat(claims.settle(right, Settlement.ofDone(List.of(1L)), true)).isEmpty();
    }

    @Test
    void sequenceThatFellBehindWhatWasSeenRaisesTheEpochOnce() throws SQLException {
        append(OutboxEntry.upsert(ORDER, "a"));

        assertThat(claims.observePrimary(0, 5)).isTrue();
        assertThat(claims.observePrimary(0, 5)).isFalse();
        assertThat(claims.poll().epoch()).isEqualTo(1);
    }

    @Test
    void runningTransactionIsSeenAndCanBeLeftOut() throws SQLException {
        try (Connection connection = schema.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            writer.write(connection, writer.encode(List.of(OutboxEntry.upsert(ORDER, "late"))));
            long later = claims.assignTransactionId();

            TransactionSnapshot snapshot = claims.poll().snapshot();

            assertThat(snapshot.xmin()).isLessThan(later);
            assertThat(snapshot.running()).containsExactly(snapshot.xmin());
            assertThat(snapshot.xminWithout(Set.of(snapshot.xmin()))).isGreaterThan(later);
            connection.rollback();
        }
    }

    @Test
    void sinkThatAPersonPausesIsKnown() throws SQLException {
        assertThat(claims.pausedSinks(Set.of(lane.sinkId()))).isEmpty();

        schema.execute(
                "UPDATE box.sink SET paused_at = now(), paused_by = 'me', paused_reason = 'x' WHERE name = 'copy'");

        assertThat(claims.pausedSinks(Set.of(lane.sinkId()))).containsOnlyKeys(lane.sinkId());
    }

    private void append(OutboxEntry... entries) throws SQLException {
        try (Connection connection = schema.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            writer.write(connection, writer.encode(List.of(entries)));
            connection.commit();
        }
    }

    private List<Claimed> claim(long floor) {
        return claims.claim(List.of(new Request(lane, floor, true)), 100, 100_000)
                .orElseThrow()
                .get(0);
    }

    private boolean dueNow() {
        HeldLane look = held.lanes(List.of(lane)).get(0);
        return look.held()
                && look.dueIn().filter(in -> in.compareTo(Duration.ZERO) <= 0).isPresent();
    }

    private void hold(LaneRight right, Failure... failures) {
        assertThat(claims.settle(right, new Settlement(List.of(), List.of(failures), false, Set.of()), true))
                .isPresent();
    }

    private void holdAndPromote(LaneRight right, boolean fullState, Failure... failures) {
        var settlement = new Settlement(List.of(), List.of(failures), false, Set.of(ORDER));
        assertThat(claims.settle(right, settlement, fullState)).isPresent();
    }

    private LaneRight take() throws SQLException {
        schema.execute("INSERT INTO box.shedlock VALUES ('" + lane.lockName()
                + "', timezone('utc', now()) + interval '1 minute', timezone('utc', now()), '" + HOLDER + "')");
        return leases.take(lane, HOLDER).orElseThrow().right();
    }
}
