package dev.dualwrite.outbox.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * The fencing token of a lane, the renewal of leases, and their end. The lock itself is ShedLock's. Thread-safe; every
 * method blocks on the database, in a transaction of its own.
 */
public final class LeaseStore {

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public LeaseStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * The same, with statements that wait at most so long for a lock that somebody else has: then they fail with SQLSTATE 55P03.
     *
     * @param lockTimeout at least 1 ms
     */
    public LeaseStore(DataSource dataSource, String schema, Duration lockTimeout) {
        this.sql = new Statements(dataSource, lockTimeout);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * A lane just taken.
     *
     * @param floor where claims start: every entry up to it is settled
     * @param uncleanTakeovers how often in a row, this time included, a holder was gone without giving the lane back and
     *     without settling anything
     */
    public record Taken(LaneRight right, long floor, int uncleanTakeovers) {}

    /** Raises the fencing token of a lane; empty if this holder's lock on it is not alive. */
    public Optional<Taken> take(Lane lane, UUID holder) {
        return sql.run("taking lane " + lane, statements.takeLane, update -> {
            update.setString(1, lane.lockName());
            update.setString(2, holder.toString());
            update.setObject(3, holder);
            update.setShort(4, lane.sinkId());
            update.setInt(5, lane.shard());
            try (ResultSet row = update.executeQuery()) {
                return row.next()
                        ? Optional.of(new Taken(
                                new LaneRight(lane, row.getLong("fencing_token"), holder),
                                row.getLong("floor"),
                                row.getInt("unclean_takeovers")))
                        : Optional.<Taken>empty();
            }
        });
    }

    /**
     * Renews the locks of lanes together. A lock whose row somebody else has locked is left out and does not hold up the others.
     *
     * @return the names of those that were renewed
     */
    public Set<String> renew(Collection<Lane> lanes, UUID holder, Duration lease) {
        String[] names = lanes.stream().map(Lane::lockName).toArray(String[]::new);
        return sql.run("renewing " + names.length + " leases", statements.renewLeases, update -> {
            update.setArray(1, update.getConnection().createArrayOf("text", names));
            update.setString(2, holder.toString());
            update.setLong(3, lease.toMillis());
            var renewed = new HashSet<String>();
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    renewed.add(row.getString(1));
                }
            }
            return renewed;
        });
    }

    /**
     * Gives lanes back in order, and raises the number of hand-overs if any was given back, so that other relays look at once.
     * Those that are not this holder's are left alone.
     *
     * @return how many were given back
     */
    public int release(Collection<Lane> lanes, UUID holder) {
        return sql.run("releasing " + lanes.size() + " leases", statements.releaseLeases, update -> {
            bindRelease(update, lanes, holder);
            return released(update);
        });
    }

    /**
     * The same at the end of a relay, which is no member from then on, in one transaction.
     *
     * @return how many lanes were given back
     */
    public int leave(Collection<Lane> lanes, UUID relay) {
        return sql.run("leaving with " + lanes.size() + " leases", statements.leave, update -> {
            bindRelease(update, lanes, relay);
            update.setObject(4, relay);
            return released(update);
        });
    }

    /**
     * The lane's present holder settled something: whatever ended its predecessors is over.
     *
     * @return whether the right is still good; if not, nothing was changed
     */
    public boolean settledOnce(LaneRight right) {
        return sql.run("noting the first settle of lane " + right.lane(), statements.settledOnce, update -> {
            Statements.bindRight(update, 1, right);
            return update.executeUpdate() == 1;
        });
    }

    /** Stores where the next holder of each lane may start; lanes that were taken over are left alone. */
    public void storeFloors(Map<LaneRight, Long> floors, UUID holder) {
        List<Map.Entry<LaneRight, Long>> rows = List.copyOf(floors.entrySet());
        sql.run("storing " + rows.size() + " floors", statements.storeFloors, update -> {
            Connection connection = update.getConnection();
            update.setArray(
                    1,
                    Statements.array(
                            connection, "int2", rows, r -> r.getKey().lane().sinkId()));
            update.setArray(2, Statements.array(connection, "int2", rows, r ->
                    (short) r.getKey().lane().shard()));
            update.setArray(
                    3,
                    Statements.array(connection, "int8", rows, r -> r.getKey().fencingToken()));
            update.setArray(4, Statements.array(connection, "int8", rows, Map.Entry::getValue));
            update.setObject(5, holder);
            return update.executeUpdate();
        });
    }

    private static int released(PreparedStatement update) throws SQLException {
        try (ResultSet row = update.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void bindRelease(PreparedStatement update, Collection<Lane> lanes, UUID holder) throws SQLException {
        String[] names = lanes.stream().map(Lane::lockName).toArray(String[]::new);
        update.setArray(1, update.getConnection().createArrayOf("text", names));
        update.setString(2, holder.toString());
        update.setObject(3, holder);
    }
}
