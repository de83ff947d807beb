package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.ActRefusedException.Kind;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.Overview.KnownRelay;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a person sees and does, by the views and functions of the schema; only the content of an entry is read from its table.
 * Thread-safe; every method blocks on the database, in a transaction of its own.
 *
 * <p>Nobody is asked here whether they may: see who calls it. Every method throws {@link OutboxStoreException} if the database
 * cannot be asked, or does not answer within ten seconds, an act within sixty. Every act throws {@link ActRefusedException} if it is refused, and then
 * nothing has changed; one whose commit was lost may or may not have been made, and the audit tells.
 */
public final class OperatorStore {

    /** An act waits for the one before it, which is one short transaction. Guessed. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** One on very many entries takes a while, and would take as long each time that it is tried again. Guessed. */
    private static final Duration LONGEST_ACT = Duration.ofSeconds(60);

    private static final int LARGEST_PAGE = 500;

    /** A person scrolls through a list that is filtered by something that no index knows: this many are read for a page. Guessed. */
    private static final int READ_AT_ONCE = 2_000;

    /** What is shown of those that an act concerns. */
    private static final int SHOWN = 100;

    private static final Set<String> STATES = Set.of("dead", "overdue", "blocked");

    private final Statements sql;
    private final Statements acts;
    private final OperatorStatements statements;

    /** A store on connections in autocommit mode. */
    public OperatorStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.acts = new Statements(dataSource, LONGEST_WAIT);
        this.statements = new OperatorStatements(schema);
    }

    /** How everything stands: every sink with its backlog, every relay. */
    public Overview overview() {
        List<KnownRelay> relays = sql.run(
                "looking at the relays", statements.relays, select -> OperatorRows.all(select, OperatorRows::relay));
        List<SinkOverview> sinks = sql.run(
                "looking at the sinks", statements.sinks, select -> OperatorRows.all(select, OperatorRows::sink));
        return new Overview(sinks, relays);
    }

    /**
     * The lanes of one sink, or of all; at most 10,000.
     *
     * @throws ActRefusedException if the database user may not look
     */
    public List<LaneOverview> lanes(@Nullable String sink) {
        return looking(() -> sql.run("looking at the lanes", statements.lanes, select -> {
            select.setString(1, sink);
            select.setString(2, sink);
            return OperatorRows.all(select, OperatorRows::lane);
        }));
    }

    /** What a person may not see is told as that, not as a database that fails. */
    private static <T> T looking(Supplier<T> look) {
        try {
            return look.get();
        } catch (OutboxStoreException e) {
            throw Refusal.in(e).<RuntimeException>map(refused -> refused).orElse(e);
        }
    }

    /**
     * One page of the entries that do not get on. What no index knows, an error or an aggregate by half, is looked for among 2,000
     * entries at a time: such a page may have few or none, and a next one.
     *
     * @throws ActRefusedException if there is no such sink or state, or the database user may not look
     */
    public StuckPage stuck(StuckFilter filter) {
        if (filter.state() != null && !STATES.contains(filter.state())) {
            throw new ActRefusedException(
                    Kind.INVALID, "there is no state of that name", "It is one of dead, overdue and blocked.");
        }
        try {
            if (filter.aggregateType() != null && filter.aggregateId() != null) {
                return StuckPages.first(filter, ofAggregate(filter));
            }
            boolean isPlain =
                    filter.aggregateType() == null && filter.aggregateId() == null && filter.errorClass() == null;
            int most = isPlain ? filter.limit() + 1 : READ_AT_ONCE;
            List<StuckEntry> found = sql.run(
                    "looking for stuck entries",
                    statements.oldest,
                    select -> oldest(select, filter.sink(), filter.state(), most, filter.after()));
            return isPlain ? StuckPages.first(filter, found) : StuckPages.filtered(filter, found, most);
        } catch (OutboxStoreException e) {
            throw Refusal.in(e).<RuntimeException>map(refused -> refused).orElse(e);
        }
    }

    private List<StuckEntry> ofAggregate(StuckFilter filter) {
        return sql.run("looking for stuck entries of an aggregate", statements.stuckOfAggregate, select -> {
            select.setString(1, filter.aggregateType());
            select.setString(2, filter.aggregateId());
            select.setLong(3, filter.after());
            int next = 4;
            for (String value : new @Nullable String[] {filter.sink(), filter.state(), filter.errorClass()}) {
                select.setString(next++, value);
                select.setString(next++, value);
            }
            select.setInt(next, filter.limit() + 1);
            return OperatorRows.all(select, OperatorRows::stuck);
        });
    }

    private static List<StuckEntry> oldest(
            PreparedStatement select, @Nullable String sink, @Nullable String state, int most, long after)
            throws SQLException {
        select.setString(1, sink);
        select.setString(2, state);
        select.setInt(3, most);
        select.setLong(4, after);
        return OperatorRows.all(select, OperatorRows::stuck);
    }

    /**
     * One stuck entry with all that is in it; empty if it is not stuck, or not there. Reads the tables, not only views.
     *
     * @throws ActRefusedException if the database user may not read entries
     */
    public Optional<EntryDetail> entry(long entryId) {
        return looking(() -> readEntry(entryId));
    }

    private Optional<EntryDetail> readEntry(long entryId) {
        return sql.inTransaction("looking at entry " + entryId, connection -> {
            List<StuckEntry> stuck = byIds(connection, List.of(entryId));
            if (stuck.isEmpty()) {
                return Optional.empty();
            }
            try (PreparedStatement select = connection.prepareStatement(statements.content)) {
                select.setLong(1, entryId);
                return OperatorRows.all(select, row -> detail(stuck.get(0), row)).stream()
                        .findFirst();
            }
        });
    }

    /**
     * Acts of people, the newest first.
     *
     * @param before only those before this one; absent for the newest
     * @param limit 1 to 500
     * @throws ActRefusedException if the database user may not look
     */
    public AuditPage audit(@Nullable Long before, int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new IllegalArgumentException("limit is " + limit + ", expected 1 to " + LARGEST_PAGE);
        }
        return looking(() -> sql.run("looking at the audit", statements.audit, select -> {
            select.setLong(1, before == null ? Long.MAX_VALUE : before);
            select.setInt(2, limit + 1);
            List<AuditRecord> found = OperatorRows.all(select, OperatorRows::audit);
            if (found.size() <= limit) {
                return new AuditPage(found, null);
            }
            List<AuditRecord> page = found.subList(0, limit);
            return new AuditPage(page, page.get(page.size() - 1).auditId());
        }));
    }

    /** Gives a dead entry a fresh set of attempts. */
    public ActResult requeue(long entryId, Act act) {
        return one(statements.requeue, "requeue", entryId, null, act);
    }

    /** The same if it is an entry of that sink; refused if it is of another one. */
    public ActResult requeue(String sink, long entryId, Act act) {
        return one(statements.requeue, "requeue", entryId, sink, act);
    }

    /** The same for these, all of them or none: at most 10,000, each named once. */
    public ActResult requeue(Collection<Long> entryIds, Act act) {
        return some(statements.requeueSome, "requeue_some", entryIds, act);
    }

    /** The same for dead entries of a sink that are the first of their aggregates: the oldest, up to 10,000 a call. */
    public ActResult requeueAll(String sink, Act act) {
        return act(act, "requeue_all", "sink " + sink, connection -> {
            List<StuckEntry> before;
            try (PreparedStatement select = connection.prepareStatement(statements.oldest)) {
                before = oldest(select, sink, "dead", SHOWN, Long.MIN_VALUE);
            }
            long requeued = Long.parseLong(call(connection, statements.requeueAll, sink, act));
            return new Touched(requeued, triedAgain(connection, before));
        });
    }

    /** Which of these dead ones were the first of their aggregates: the others are dead still, or wait behind those now. */
    private List<StuckEntry> triedAgain(Connection connection, List<StuckEntry> before) throws SQLException {
        Set<Long> waiting = byIds(
                        connection, before.stream().map(StuckEntry::entryId).toList())
                .stream()
                .filter(entry -> entry.state().equals("dead") || entry.state().equals("blocked"))
                .map(StuckEntry::entryId)
                .collect(Collectors.toSet());
        return before.stream()
                .filter(entry -> !waiting.contains(entry.entryId()))
                .toList();
    }

    /** Takes a dead entry out for good, and marks its aggregate for repair. */
    public ActResult discard(long entryId, Act act) {
        return one(statements.discard, "discard", entryId, null, act);
    }

    /** The same if it is an entry of that sink; refused if it is of another one. */
    public ActResult discard(String sink, long entryId, Act act) {
        return one(statements.discard, "discard", entryId, sink, act);
    }

    /** The same for these, all of them or none: at most 10,000, each named once. */
    public ActResult discard(Collection<Long> entryIds, Act act) {
        return some(statements.discardSome, "discard_some", entryIds, act);
    }

    /** Stops applying to a sink, on every relay. */
    public ActResult pause(String sink, Act act) {
        return act(act, "pause_sink", "sink " + sink, connection -> {
            call(connection, statements.pauseSink, sink, act);
            return new Touched(0, List.of());
        });
    }

    /** Starts applying to a paused sink again, on every relay. */
    public ActResult resume(String sink, Act act) {
        return act(act, "resume_sink", "sink " + sink, connection -> {
            call(connection, statements.resumeSink, sink, act);
            return new Touched(0, List.of());
        });
    }

    private ActResult one(String function, String action, long entryId, @Nullable String sink, Act act) {
        return act(act, action, "entry " + entryId, connection -> {
            List<StuckEntry> before = byIds(connection, List.of(entryId));
            if (sink != null && before.stream().anyMatch(entry -> !entry.sink().equals(sink))) {
                throw elsewhere(
                        entryId, sink, "It is an entry of sink " + before.get(0).sink() + ".");
            }
            call(connection, function, entryId, act);
            // It became stuck between the two statements, so nobody knows whose it is: all is taken back.
            if (sink != null && before.isEmpty()) {
                throw elsewhere(entryId, sink, "Look at it again, then try again.");
            }
            return new Touched(1, before);
        });
    }

    private static ActRefusedException elsewhere(long entryId, String sink, String hint) {
        return new ActRefusedException(
                Kind.NOT_FOUND, "entry " + entryId + " is not among the stuck entries of sink " + sink, hint);
    }

    private ActResult some(String function, String action, Collection<Long> entryIds, Act act) {
        List<Long> ids = List.copyOf(entryIds);
        return act(act, action, "entries " + ids.size(), connection -> {
            List<StuckEntry> before = byIds(connection, ids);
            Array argument = Statements.array(connection, "int8", ids, id -> id);
            return new Touched(Long.parseLong(call(connection, function, argument, act)), before);
        });
    }

    private record Touched(long entries, List<StuckEntry> before) {}

    private ActResult act(Act act, String action, String subject, Statements.TransactionWork<Touched> work) {
        if (act.reason().isBlank()) {
            throw new ActRefusedException(
                    Kind.INVALID,
                    "the reason is blank, expected a few words on why this is done",
                    "It goes on record in the view audit, for whoever asks later.");
        }
        try {
            Touched touched = acts.inTransaction(action + " of " + subject, connection -> {
                name(connection, act.actor());
                Touched done = work.with(connection);
                if (act.dryRun()) {
                    connection.rollback();
                }
                return done;
            });
            return new ActResult(action, subject, touched.entries(), act.dryRun(), touched.before());
        } catch (OutboxStoreException e) {
            throw Refusal.inAct(e).<RuntimeException>map(refused -> refused).orElse(e);
        }
    }

    private static void name(Connection connection, String actor) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OperatorStatements.ACTOR)) {
            statement.setString(1, actor.replace('\u0000', ' '));
            statement.execute();
        }
    }

    private static String call(Connection connection, String function, Object subject, Act act) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(function)) {
            statement.setObject(1, subject);
            statement.setString(2, act.reason().replace('\u0000', ' '));
            return OperatorRows.all(statement, LONGEST_ACT, row -> row.getString(1))
                    .get(0);
        }
    }

    private List<StuckEntry> byIds(Connection connection, Collection<Long> ids) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(statements.stuckByIds)) {
            select.setArray(1, Statements.array(connection, "int8", List.copyOf(ids), id -> id));
            return OperatorRows.all(select, OperatorRows::stuck);
        }
    }

    private static EntryDetail detail(StuckEntry entry, ResultSet row) throws SQLException {
        return new EntryDetail(
                entry,
                Operation.ofCode(row.getString("operation").charAt(0)),
                row.getString("payload_type"),
                row.getInt("schema_version"),
                OperatorRows.instant(row, "appended_at"),
                Headers.parse(row.getString("headers")),
                row.getBytes("payload"));
    }
}
