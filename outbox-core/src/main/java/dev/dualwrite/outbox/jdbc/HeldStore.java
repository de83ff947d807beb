package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.HeadPromotion.Heads;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;

/**
 * The entries out of the hot table. The first held entry of an aggregate is backing off or dead, those after it are blocked,
 * but the newest may be backing off behind a dead one; that stays so after every method. Thread-safe; every method blocks on the database, in a transaction of its own.
 */
public final class HeldStore {

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public HeldStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * What a lane holds.
     *
     * @param held whether it holds anything
     * @param dueIn until the next attempt, zero or less if it is due; absent if nothing is tried again by itself
     */
    public record HeldLane(boolean held, Optional<Duration> dueIn) {}

    /**
     * A held entry that is to be tried again.
     *
     * @param attempts made so far
     * @param suspect whether it is tried alone, each attempt written down before
     * @param unfinished attempts in a row that began and never ended
     * @param heldFor since its first failure, by the database's clock
     */
    public record Due(ClaimedEntry entry, int attempts, boolean suspect, int unfinished, Duration heldFor) {}

    /**
     * How much is tried again at once.
     *
     * @param aggregates at most so many
     * @param entriesOfAggregate of one of them, its first ones
     * @param entries of all together
     * @param bytes of payload of all together; an entry that is larger comes alone
     */
    public record DueLimits(int aggregates, int entriesOfAggregate, int entries, long bytes) {}

    /**
     * What a settle of held entries did.
     *
     * @param xid of its transaction; empty if the right to settle was lost, and then nothing was changed
     * @param superseded older entries, dead or blocked, that a newer one of their aggregate made superfluous
     */
    public record Settled(OptionalLong xid, int superseded) {}

    /** What each lane holds, in the order of the lanes. */
    public List<HeldLane> lanes(List<Lane> lanes) {
        return sql.run("looking at the held entries of " + lanes.size() + " lanes", statements.heldLanes, select -> {
            Connection connection = select.getConnection();
            select.setArray(1, Statements.array(connection, "int2", lanes, Lane::sinkId));
            select.setArray(2, Statements.array(connection, "int2", lanes, l -> (short) l.shard()));
            var held = new ArrayList<HeldLane>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long dueInMillis = row.getLong("due_in_ms");
                    Optional<Duration> dueIn =
                            row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(dueInMillis));
                    held.add(new HeldLane(row.getBoolean("held"), dueIn));
                }
            }
            return held;
        });
    }

    /** The aggregates of which the lane holds an entry; empty if it holds more than so many entries. */
    public Optional<Set<Aggregate>> aggregates(Lane lane, int mostEntries) {
        return sql.run("reading the held aggregates of lane " + lane, statements.heldAggregates, select -> {
            select.setShort(1, lane.sinkId());
            select.setInt(2, lane.shard());
            select.setInt(3, mostEntries + 1);
            var aggregates = new HashSet<Aggregate>();
            int entries = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    aggregates.add(new Aggregate(row.getString("aggregate_type"), row.getString("aggregate_id")));
                    entries++;
                }
            }
            return entries > mostEntries ? Optional.empty() : Optional.of(aggregates);
        });
    }

    /**
     * The held entries of aggregates of which one is due, sorted by aggregate and version; of an aggregate whose first entry
     * is dead only its newest.
     *
     * @param limits of the whole
     */
    public List<Due> due(Lane lane, DueLimits limits) {
        return sql.run("reading due entries of lane " + lane, statements.dueEntries, select -> {
            select.setShort(1, lane.sinkId());
            select.setInt(2, lane.shard());
            select.setInt(3, limits.aggregates());
            select.setShort(4, lane.sinkId());
            select.setInt(5, lane.shard());
            select.setShort(6, lane.sinkId());
            select.setInt(7, lane.shard());
            select.setInt(8, limits.entriesOfAggregate());
            select.setShort(9, lane.sinkId());
            select.setInt(10, lane.shard());
            select.setLong(11, limits.bytes());
            select.setInt(12, limits.entries());
            var due = new ArrayList<Due>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    due.add(new Due(
                            Rows.entry(row, 1),
                            row.getInt("attempts"),
                            row.getBoolean("suspect"),
                            row.getInt("unfinished"),
                            Duration.ofMillis(row.getLong("held_for_ms"))));
                }
            }
            return due;
        });
    }

    /**
     * What became of held entries.
     *
     * @param done applied or stale
     * @param failures of the others; a blocked one stays as it is
     * @param fullState whether an entry is its aggregate's whole state, so that one that is done makes the older ones of its
     *     aggregate superseded, and the newest is tried behind a dead one
     */
    public record Settlement(List<ClaimedEntry> done, List<Failure> failures, boolean fullState) {}

    /**
     * Records what became of held entries, and lets the next one of each aggregate be tried.
     *
     * @return empty if the right was lost: then nothing was changed
     */
    public Settled settle(LaneRight right, Settlement settlement, Collection<Aggregate> touched) {
        String doing = "settling " + settlement.done().size() + " held entries of lane " + right.lane();
        return sql.inTransaction(doing, connection -> {
            Settled settled = settle(connection, right, settlement);
            if (settled.xid().isPresent() && !touched.isEmpty()) {
                HeadPromotion.promote(connection, statements, right.lane(), new Heads(touched, settlement.fullState()));
            }
            return settled;
        });
    }

    /**
     * Makes the first held entry of each aggregate of a lane due at once, if it is blocked by nothing any more, or the newest
     * one, if the first is dead and entries are full state: after a take-over, and after an act of a person.
     */
    public void promoteAllHeads(LaneRight right, boolean fullState) {
        Lane lane = right.lane();
        sql.run("promoting the held entries of lane " + lane, statements.promoteAllHeads, update -> {
            update.setShort(1, lane.sinkId());
            update.setInt(2, lane.shard());
            update.setShort(3, lane.sinkId());
            update.setInt(4, lane.shard());
            update.setBoolean(5, fullState);
            update.setShort(6, lane.sinkId());
            update.setInt(7, lane.shard());
            Statements.bindRight(update, 8, right);
            return update.executeUpdate();
        });
    }

    /**
     * Writes down that an attempt of a suspect entry begins.
     *
     * @return whether it may begin: false if the entry is gone, if somebody has locked it, or if the right was lost
     */
    public boolean beginAttempt(LaneRight right, Version version) {
        return sql.run("noting an attempt of entry " + version.value(), statements.beginAttempt, update -> {
            update.setLong(1, version.value());
            Statements.bindRight(update, 2, right);
            return update.executeUpdate() == 1;
        });
    }

    /** The attempt ended without saying anything of the entry; also where the right was lost since it began. */
    public void endAttempt(LaneRight right, Version version) {
        sql.run("noting the end of an attempt of entry " + version.value(), statements.endAttempt, update -> {
            Statements.bindRight(update, 1, right);
            update.setLong(5, version.value());
            return update.executeUpdate();
        });
    }

    private Settled settle(Connection connection, LaneRight right, Settlement settlement) throws SQLException {
        try (PreparedStatement settle = connection.prepareStatement(statements.settleHeld)) {
            Statements.bindRight(settle, 1, right);
            var done = Statements.array(
                    connection, "int8", settlement.done(), e -> e.version().value());
            settle.setBoolean(5, settlement.fullState());
            settle.setArray(6, done);
            Rows.bindFailures(settle, 7, settlement.failures());
            settle.setArray(13, done);
            settle.setArray(14, done);
            try (ResultSet row = settle.executeQuery()) {
                row.next();
                return row.getLong("rights") == 0
                        ? new Settled(OptionalLong.empty(), 0)
                        : new Settled(OptionalLong.of(row.getLong("xid")), row.getInt("superseded"));
            }
        }
    }
}
