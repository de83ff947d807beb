package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import javax.sql.DataSource;

/**
 * The entries out of the hot table. The first held entry of an aggregate is backing off or dead, those after it are blocked;
 * that stays so after every method. Thread-safe; every method blocks on the database, in a transaction of its own.
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
     * @param due whether an entry is to be tried again now
     */
    public record HeldLane(boolean held, boolean due) {}

    /**
     * A held entry that is to be tried again.
     *
     * @param attempts made so far
     */
    public record Due(ClaimedEntry entry, int attempts) {}

    /**
     * How much is tried again at once.
     *
     * @param aggregates at most so many
     * @param entriesOfAggregate of one of them, its first ones
     * @param entries of all together
     * @param bytes of payload of all together; an entry that is larger comes alone
     */
    public record DueLimits(int aggregates, int entriesOfAggregate, int entries, long bytes) {}

    /** What each lane holds, in the order of the lanes. */
    public List<HeldLane> lanes(List<Lane> lanes) {
        return sql.run("looking at the held entries of " + lanes.size() + " lanes", statements.heldLanes, select -> {
            Connection connection = select.getConnection();
            select.setArray(1, Statements.array(connection, "int2", lanes, Lane::sinkId));
            select.setArray(2, Statements.array(connection, "int2", lanes, l -> (short) l.shard()));
            var held = new ArrayList<HeldLane>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    held.add(new HeldLane(row.getBoolean("held"), row.getBoolean("due")));
                }
            }
            return held;
        });
    }

    /**
     * The held entries of aggregates whose first one is due, sorted by aggregate and version.
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
            select.setInt(6, limits.entriesOfAggregate());
            select.setLong(7, limits.bytes());
            select.setInt(8, limits.entries());
            var due = new ArrayList<Due>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    due.add(new Due(Rows.entry(row), row.getInt("attempts")));
                }
            }
            return due;
        });
    }

    /**
     * Records what became of held entries, and makes the next one of each aggregate its first.
     *
     * @return empty if the right was lost: then nothing was changed
     */
    public OptionalLong settle(LaneRight right, List<ClaimedEntry> applied, List<Failure> failures) {
        List<Aggregate> aggregates =
                applied.stream().map(ClaimedEntry::aggregate).distinct().toList();
        return sql.inTransaction("settling " + applied.size() + " held entries of lane " + right.lane(), connection -> {
            OptionalLong xid = settle(connection, right, applied, failures);
            if (xid.isPresent() && !aggregates.isEmpty()) {
                promoteHeads(connection, right.lane(), aggregates);
            }
            return xid;
        });
    }

    /** Makes the first held entry of each of these aggregates due at once, if it is blocked by nothing any more. */
    public void promoteHeads(Lane lane, Collection<Aggregate> aggregates) {
        sql.inTransaction("promoting held entries of lane " + lane, connection -> {
            promoteHeads(connection, lane, List.copyOf(aggregates));
            return lane;
        });
    }

    /** The same for every aggregate of a lane: after a take-over, and after an act of a person. */
    public void promoteAllHeads(LaneRight right) {
        sql.run("promoting the held entries of lane " + right.lane(), statements.promoteAllHeads, update -> {
            update.setShort(1, right.lane().sinkId());
            update.setInt(2, right.lane().shard());
            Statements.bindRight(update, 3, right);
            return update.executeUpdate();
        });
    }

    private OptionalLong settle(
            Connection connection, LaneRight right, List<ClaimedEntry> applied, List<Failure> failures)
            throws SQLException {
        try (PreparedStatement settle = connection.prepareStatement(statements.settleHeld)) {
            Statements.bindRight(settle, 1, right);
            settle.setArray(
                    5,
                    Statements.array(
                            connection, "int8", applied, e -> e.version().value()));
            Rows.bindFailures(settle, 6, failures);
            return Rows.settled(settle);
        }
    }

    private void promoteHeads(Connection connection, Lane lane, List<Aggregate> aggregates) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(statements.promoteHeads)) {
            update.setArray(1, Statements.array(connection, "text", aggregates, Aggregate::type));
            update.setArray(2, Statements.array(connection, "text", aggregates, Aggregate::id));
            update.setShort(3, lane.sinkId());
            update.setInt(4, lane.shard());
            update.executeUpdate();
        }
    }
}
