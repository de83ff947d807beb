package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.ActRefusedException.Kind;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What Java reads of the views is what they show. */
class OperatorStoreIT {

    private OperatorScene scene;
    private OperatorStore store;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        store = new OperatorStore(scene.installed().dataSource(), "dualwrite");
    }

    @Test
    void overviewShowsEverySinkAndEveryRelay() throws SQLException {
        scene.held(4711, "42", "dead");
        scene.held(4712, "42", "blocked");
        scene.held(4730, "44", "backing_off");
        scene.run("""
                INSERT INTO $.relay (relay_id, host, alive_for, fair_share)
                VALUES ('%s', 'pod-1:7', '30 seconds', 8)
                """.formatted(RELAY));
        scene.run("INSERT INTO $.relay_sink (relay_id, sink_id) SELECT '%s', sink_id FROM $.sink WHERE name = 'copy'"
                .formatted(RELAY));
        scene.run("""
                INSERT INTO $.shedlock (name, lock_until, locked_at, locked_by)
                VALUES ('copy/3', timezone('utc', now()) + interval '1 minute', timezone('utc', now()), '%s')
                """.formatted(RELAY));

        Overview overview = store.overview();

        assertThat(overview.sinks()).extracting(SinkOverview::sink).containsExactly("copy", "search");
        SinkOverview copy = overview.sinks().get(0);
        assertThat(copy.state()).isEqualTo("running");
        assertThat(copy.relays()).isOne();
        assertThat(copy.lanes()).isEqualTo(16);
        assertThat(copy.unheldLanes()).isEqualTo(15);
        assertThat(copy.backlog().entries()).isEqualTo(3);
        assertThat(copy.backlog().dead()).isOne();
        assertThat(copy.backlog().blocked()).isOne();
        assertThat(copy.backlog().backingOff()).isOne();
        assertThat(copy.backlog().lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
        assertThat(overview.sinks().get(1).unheldLanes()).isEqualTo(16);
        assertThat(overview.livingRelays()).isOne();
        assertThat(overview.relays()).singleElement().satisfies(relay -> {
            assertThat(relay.host()).isEqualTo("pod-1:7");
            assertThat(relay.sinks()).containsExactly("copy");
            assertThat(relay.shardsHeld()).isOne();
            assertThat(relay.fairShare()).isEqualTo(8);
        });
    }

    @Test
    void laneOfARelayThatIsGoneIsHeldByNobody() throws SQLException {
        scene.run("""
                INSERT INTO $.relay (relay_id, host, alive_for, heartbeat_at)
                VALUES ('%s', 'pod-1:7', '30 seconds', now() - interval '1 minute')
                """.formatted(RELAY));
        scene.run("""
                INSERT INTO $.shedlock (name, lock_until, locked_at, locked_by)
                VALUES ('copy/3', timezone('utc', now()) + interval '1 minute', timezone('utc', now()), '%s')
                """.formatted(RELAY));

        assertThat(store.overview().sinks())
                .extracting(SinkOverview::unheldLanes)
                .containsExactly(16, 16);
        assertThat(store.overview().livingRelays()).isZero();
    }

    @Test
    void lanesSayWhoHoldsThemAndWhetherTheyLive() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");

        assertThat(store.lanes("copy")).hasSize(16).allSatisfy(lane -> {
            assertThat(lane.holder()).isEqualTo(RELAY);
            assertThat(lane.holderAlive()).isTrue();
        });
        assertThat(store.lanes(null)).hasSize(32);
        assertThat(store.lanes("search")).extracting(LaneOverview::holder).containsOnlyNulls();
    }

    @Test
    void stuckEntriesAreFilteredAndComeInPages() throws SQLException {
        scene.held(101, "42", "dead");
        scene.held(102, "42", "blocked");
        scene.held(103, "43", "dead");
        scene.held("search", 104, "42", "dead");
        scene.hot("search", "44", "1 hour");
        StuckFilter all = StuckFilter.everything();

        StuckPage first = store.stuck(all.page(all.after(), 2));

        assertThat(ids(first)).containsExactly(1L, 101L);
        assertThat(first.next()).isEqualTo(101L);
        StuckPage second = store.stuck(all.page(first.next(), 500));
        assertThat(ids(second)).containsExactly(102L, 103L, 104L);
        assertThat(second.next()).isNull();
        assertThat(ids(store.stuck(all.ofSink("copy").inState("dead")))).containsExactly(101L, 103L);
        assertThat(ids(store.stuck(all.ofAggregate("order", "42")))).containsExactly(101L, 102L, 104L);
        assertThat(ids(store.stuck(all.ofSink("search").inState("overdue")))).containsExactly(1L);
        assertThat(ids(store.stuck(all.withErrorClass("none.such")))).isEmpty();
        StuckEntry blocked = second.entries().get(0);
        assertThat(blocked.blockedBy()).isEqualTo(101L);
        assertThat(blocked.nextStep()).contains("cure entry 101");
        assertThat(blocked.age()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void entryComesWithAllThatIsInIt() throws SQLException {
        scene.held(101, "42", "dead");
        scene.run("UPDATE $.held_entry SET headers = 'tenant=a%26b' WHERE version = 101");
        scene.hot("search", "44", "1 hour");

        EntryDetail held = store.entry(101).orElseThrow();
        long hotId = ids(store.stuck(StuckFilter.everything().ofSink("search"))).get(0);
        EntryDetail hot = store.entry(hotId).orElseThrow();

        assertThat(held.payload()).asString().isEqualTo("{}");
        assertThat(held.headers()).containsOnly(entry("tenant", "a&b"));
        assertThat(held.operation()).isEqualTo(Operation.UPSERT);
        assertThat(held.payloadType()).isEqualTo("order");
        assertThat(held.toString()).contains("bytes=2").doesNotContain("{}", "a&b");
        assertThat(hot.entry().aggregateId()).isEqualTo("44");
        assertThat(hot.payload()).asString().isEqualTo("{}");
        assertThat(store.entry(99)).isEmpty();
    }

    @Test
    void actIsOnRecordUnderThePersonsName() throws SQLException {
        scene.held(1, "42", "dead");

        ActResult result = store.requeue(1, new Act("olga", "cause is cured", false));

        assertThat(result.touched()).isOne();
        assertThat(result.entries()).extracting(StuckEntry::state).containsExactly("dead");
        assertThat(scene.states()).containsExactly("1 backing_off");
        assertThat(store.audit(null, 10).acts()).singleElement().satisfies(act -> {
            assertThat(act.actor()).startsWith("olga via ");
            assertThat(act.action()).isEqualTo("requeue");
            assertThat(act.subject()).isEqualTo("entry 1");
            assertThat(act.reason()).isEqualTo("cause is cured");
        });
    }

    @Test
    void dryRunAnswersAsInEarnestAndChangesNothing() throws SQLException {
        scene.held(1, "42", "dead");
        scene.held(2, "43", "dead");
        scene.held(3, "44", "backing_off");

        ActResult all = store.requeueAll("copy", new Act("olga", "try", true));
        ActResult some = store.discard(List.of(1L, 2L), new Act("olga", "try", true));
        ActResult pause = store.pause("copy", new Act("olga", "try", true));

        assertThat(all.touched()).isEqualTo(2);
        assertThat(all.dryRun()).isTrue();
        assertThat(all.entries()).extracting(StuckEntry::entryId).containsExactly(1L, 2L);
        assertThat(some.touched()).isEqualTo(2);
        assertThat(pause.subject()).isEqualTo("sink copy");
        assertThat(scene.states()).containsExactly("1 dead", "2 dead", "3 backing_off");
        assertThat(store.audit(null, 10).acts()).isEmpty();
        assertThat(store.overview().sinks().get(0).state()).isEqualTo("running");
    }

    @Test
    void requeueAllNamesOnlyWhatItTriesAgain() throws SQLException {
        scene.held(1, "42", "dead");
        scene.held(2, "42", "dead");
        scene.held(3, "43", "backing_off");
        scene.held(4, "43", "dead");

        ActResult all = store.requeueAll("copy", new Act("olga", "try", true));

        assertThat(all.touched()).isOne();
        assertThat(all.entries()).extracting(StuckEntry::entryId).containsExactly(1L);
        assertThat(all.entries()).extracting(StuckEntry::state).containsExactly("dead");
    }

    @Test
    void actsInBulkAreDoneForAllOrNone() throws SQLException {
        scene.held(1, "42", "dead");
        scene.held(2, "43", "dead");
        scene.held(3, "44", "backing_off");
        var why = new Act("olga", "cured", false);

        assertThatExceptionOfType(ActRefusedException.class).isThrownBy(() -> store.requeue(List.of(1L, 3L), why));
        assertThat(scene.states()).containsExactly("1 dead", "2 dead", "3 backing_off");

        assertThat(store.requeue(List.of(1L, 2L), why).touched()).isEqualTo(2);
        assertThat(scene.states()).containsExactly("1 backing_off", "2 backing_off", "3 backing_off");
    }

    @Test
    void refusalOfABulkActHasItsDetailAndItsHint() throws SQLException {
        scene.held(1, "42", "dead");
        scene.held(2, "42", "blocked");
        var why = new Act("olga", "cured", false);

        assertThatExceptionOfType(ActRefusedException.class)
                .isThrownBy(() -> store.requeue(List.of(1L, 2L), why))
                .withMessageContaining("entry 2 is blocked")
                .withMessageContaining("Nothing was changed: 1 of 2 entries are not dead: 2")
                .satisfies(e -> assertThat(e.hint())
                        .hasValueSatisfying(hint -> assertThat(hint).startsWith("Cure entry 1")));
    }

    @Test
    void entryOfAnotherSinkIsNotTouched() throws SQLException {
        scene.held("search", 1, "42", "dead");
        var why = new Act("olga", "cured", false);

        assertRefused(() -> store.requeue("copy", 1, why), Kind.NOT_FOUND, "entry 1 is not among");
        assertRefused(() -> store.discard("copy", 1, why), Kind.NOT_FOUND, "entry 1 is not among");
        assertThat(scene.states()).containsExactly("1 dead");
        assertThat(store.requeue("search", 1, why).touched()).isOne();
    }

    @Test
    void listThatNoIndexKnowsIsFilteredAsItIsReadAndSaysWhereItGoesOn() throws SQLException {
        scene.run("""
                INSERT INTO $.held_entry
                       (version, appended_at, attempts, sink_id, shard, schema_version, operation, state,
                        aggregate_type, aggregate_id, payload, error_message, error_class)
                SELECT n, now(), 3, 1, n % 16, 1, 'U', 'dead', 'order', 'a' || n, '\\x7b7d', 'value too long',
                       CASE WHEN n IN (5, 2100) THEN 'rare' ELSE 'usual' END
                FROM generate_series(1, 2200) AS n
                """);
        StuckFilter rare = StuckFilter.everything().withErrorClass("rare");

        StuckPage first = store.stuck(rare);

        assertThat(ids(first)).containsExactly(5L);
        assertThat(first.next()).isEqualTo(2000);
        StuckPage second = store.stuck(rare.page(first.next(), 100));
        assertThat(ids(second)).containsExactly(2100L);
        assertThat(second.next()).isNull();
        assertThat(ids(store.stuck(StuckFilter.everything().ofAggregate(null, "a7"))))
                .containsExactly(7L);
    }

    @Test
    void listOfASinkOrStateThatIsNotThereIsRefused() {
        StuckFilter all = StuckFilter.everything();

        assertThatExceptionOfType(ActRefusedException.class)
                .isThrownBy(() -> store.stuck(all.ofSink("nowhere")))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
        assertRefused(() -> store.stuck(all.inState("backing_off")), Kind.INVALID, "no state of that name");
    }

    @Test
    void actThatTakesTooLongIsRefusedAndNotCalledAnOutage() throws SQLException {
        var hasty = new PGSimpleDataSource();
        hasty.setUrl(((PGSimpleDataSource) scene.installed().dataSource()).getUrl());
        hasty.setUser(((PGSimpleDataSource) scene.installed().dataSource()).getUser());
        hasty.setPassword(((PGSimpleDataSource) scene.installed().dataSource()).getPassword());
        hasty.setOptions("-c statement_timeout=200ms");
        try (Connection other = scene.installed().dataSource().getConnection()) {
            other.setAutoCommit(false);
            try (Statement act = other.createStatement()) {
                act.execute("SELECT dualwrite.pause_sink('search', 'forgotten in psql')");

                assertRefused(
                        () -> new OperatorStore(hasty, "dualwrite").pause("copy", new Act("olga", "now", false)),
                        Kind.CONFLICT,
                        "nothing was changed");
            }
            other.rollback();
        }
    }

    @Test
    void refusalKeepsTheWordsAndTheHintOfTheFunction() throws SQLException {
        scene.held(1, "42", "backing_off");
        var why = new Act("olga", "why not", false);
        store.pause("copy", why);

        assertRefused(() -> store.pause("copy", why), Kind.CONFLICT, "sink copy is paused already");
        assertRefused(() -> store.requeue(1, why), Kind.CONFLICT, "entry 1 is backing_off after 3 attempts");
        assertRefused(() -> store.requeue(99, why), Kind.NOT_FOUND, "there is no entry 99 here");
        assertRefused(() -> store.resume("nowhere", why), Kind.NOT_FOUND, "there is no sink 'nowhere'");
        assertRefused(() -> store.resume("copy", new Act("olga", " ", false)), Kind.INVALID, "the reason is blank");
        assertThatExceptionOfType(ActRefusedException.class)
                .isThrownBy(() -> store.pause("copy", why))
                .satisfies(
                        e -> assertThat(e.hint()).contains("Whoever resumes it ends that pause: ask before you do."));
    }

    @Test
    void actWaitsForAnotherOneAndIsRefusedWhenThatDoesNotEnd() throws SQLException {
        try (Connection other = scene.installed().dataSource().getConnection()) {
            other.setAutoCommit(false);
            try (Statement act = other.createStatement()) {
                act.execute("SELECT dualwrite.pause_sink('search', 'forgotten in psql')");

                assertRefused(
                        () -> store.pause("copy", new Act("olga", "now", false)),
                        Kind.CONFLICT,
                        "another act is under way");
            }
            other.rollback();
        }
    }

    @Test
    void whoHasNoRightIsToldWhichPageGrantsIt() throws SQLException {
        // Roles belong to the whole server.
        String role = "looks_only_" + Long.toHexString(System.nanoTime());
        scene.run("CREATE ROLE " + role + " LOGIN");
        scene.run("GRANT USAGE ON SCHEMA dualwrite TO " + role);
        var source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) scene.installed().dataSource()).getUrl());
        source.setUser(role);
        var own = new OperatorStore(source, "dualwrite");

        assertRefused(() -> own.pause("copy", new Act("olga", "now", false)), Kind.FORBIDDEN, "permission denied");
        assertRefused(() -> own.stuck(StuckFilter.everything()), Kind.FORBIDDEN, "permission denied");
        scene.run("GRANT SELECT ON dualwrite.stuck_entries TO " + role);
        scene.run("GRANT EXECUTE ON FUNCTION dualwrite.oldest_stuck(text, text, integer, bigint) TO " + role);
        scene.held(1, "42", "dead");
        assertThat(ids(own.stuck(StuckFilter.everything()))).containsExactly(1L);
        assertRefused(() -> own.entry(1), Kind.FORBIDDEN, "permission denied");
    }

    @Test
    void actsComeNewestFirstInPages() {
        for (int i = 0; i < 3; i++) {
            store.pause("copy", new Act("olga", "pause " + i, false));
            store.resume("copy", new Act("olga", "resume " + i, false));
        }

        AuditPage first = store.audit(null, 4);
        AuditPage second = store.audit(first.next(), 4);

        assertThat(first.acts())
                .extracting(AuditRecord::reason)
                .containsExactly("resume 2", "pause 2", "resume 1", "pause 1");
        assertThat(second.acts()).extracting(AuditRecord::reason).containsExactly("resume 0", "pause 0");
        assertThat(second.next()).isNull();
    }

    private static List<Long> ids(StuckPage page) {
        return page.entries().stream().map(StuckEntry::entryId).toList();
    }

    private static void assertRefused(ThrowingCallable act, Kind kind, String message) {
        assertThatExceptionOfType(ActRefusedException.class)
                .isThrownBy(act)
                .withMessageContaining(message)
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.getMessage()).doesNotContain("\n", "ERROR");
                    assertThat(e.hint()).isPresent();
                });
    }
}
