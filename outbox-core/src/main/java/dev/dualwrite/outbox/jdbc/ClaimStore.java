package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.HeadPromotion.Heads;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Takes entries out of the hot table: poll, claim, settle. Thread-safe; every method blocks on the database, in a transaction
 * of its own, and no transaction stays open between two calls.
 */
public final class ClaimStore {

    // Columns of a claim.
    private static final int POSITION = 1;
    private static final int SAME_PRIMARY = 2;
    private static final int ENTRY = 3;
    private static final int BLOCKED = 13;

    private static final Comparator<Claimed> BY_VERSION =
            Comparator.comparing(claimed -> claimed.entry().version());

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public ClaimStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * What an idle relay asks.
     *
     * @param lastSequence the last number drawn, committed or not
     * @param controlVersion rises with every act of a person
     * @param handOvers rises when lanes are given back
     * @param epoch that the next claim is stamped with
     * @param now by the primary's clock, which is the one of {@code appendedAt}
     * @param samePrimary whether the epoch is that of the server that answered; if not, it may have forgotten numbers
     * @param snapshot which transactions had ended
     */
    public record Poll(
            long lastSequence,
            long controlVersion,
            long handOvers,
            int epoch,
            Instant now,
            boolean samePrimary,
            TransactionSnapshot snapshot) {}

    /**
     * What is asked of one lane.
     *
     * @param after entries up to this sequence are left out
     * @param checkHeld whether the lane has held entries, so that later ones of their aggregates must be told apart
     */
    public record Request(Lane lane, long after, boolean checkHeld) {}

    /**
     * One entry of a claim.
     *
     * @param blocked whether an earlier entry of its aggregate is held
     */
    public record Claimed(ClaimedEntry entry, boolean blocked) {}

    /** One cheap statement. */
    public Poll poll() {
        return sql.run("polling", statements.poll, select -> {
            try (ResultSet row = select.executeQuery()) {
                row.next();
                var snapshot = new TransactionSnapshot(row.getLong("xmin"), row.getLong("xmax"), Set.of((Long[])
                        row.getArray("running").getArray()));
                return new Poll(
                        row.getLong("last_sequence"),
                        row.getLong("version"),
                        row.getLong("hand_overs"),
                        row.getInt("epoch"),
                        row.getObject("now", OffsetDateTime.class).toInstant(),
                        row.getBoolean("same_primary"),
                        snapshot);
            }
        });
    }

    /**
     * Compares the primary with what is known of it, and raises the epoch if it may have forgotten numbers: then every floor
     * and every lease is gone.
     *
     * @param knownEpoch of the last poll
     * @param highestSeen the largest last number that any poll of this epoch gave
     * @return whether the epoch was raised by this call
     */
    public boolean observePrimary(int knownEpoch, long highestSeen) {
        return sql.run("comparing the primary with what is known of it", statements.observePrimary, select -> {
            select.setInt(1, knownEpoch);
            select.setLong(2, highestSeen);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        });
    }

    /** Who keeps every relay from applying to a sink, and why. */
    public record Pause(String by, String reason) {}

    /** Those of these sinks that a person has paused, by number. */
    public Map<Short, Pause> pausedSinks(Collection<Short> sinkIds) {
        return sql.run("asking which sinks pause", statements.pausedSinks, select -> {
            select.setArray(1, select.getConnection().createArrayOf("int2", sinkIds.toArray(Short[]::new)));
            var paused = new HashMap<Short, Pause>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    paused.put(
                            row.getShort("sink_id"),
                            new Pause(row.getString("paused_by"), row.getString("paused_reason")));
                }
            }
            return paused;
        });
    }

    /** A transaction id that was assigned after this call began. */
    public long assignTransactionId() {
        return sql.run("assigning a transaction id", statements.assignTransactionId, select -> {
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /**
     * The next entries of each lane, in sequence order; one list for each request, in the order of the requests.
     *
     * @param maxEntries of one lane
     * @param maxBytes of payload of one lane; an entry that is larger comes alone
     * @return empty if the primary is not the one that the epoch stands for: what it gave must not be used
     */
    public Optional<List<List<Claimed>>> claim(List<Request> requests, int maxEntries, long maxBytes) {
        return sql.run("claiming from " + requests.size() + " lanes", statements.claim, select -> {
            Connection connection = select.getConnection();
            select.setArray(
                    1,
                    Statements.array(connection, "int2", requests, r -> r.lane().sinkId()));
            select.setArray(2, Statements.array(connection, "int2", requests, r ->
                    (short) r.lane().shard()));
            select.setArray(3, Statements.array(connection, "int8", requests, Request::after));
            select.setArray(4, Statements.array(connection, "bool", requests, Request::checkHeld));
            select.setInt(5, maxEntries);
            select.setLong(6, maxBytes);
            var claims = new ArrayList<List<Claimed>>(requests.size());
            requests.forEach(r -> claims.add(new ArrayList<>()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean(SAME_PRIMARY)) {
                        return Optional.<List<List<Claimed>>>empty();
                    }
                    claims.get(row.getInt(POSITION) - 1)
                            .add(new Claimed(Rows.entry(row, ENTRY), row.getBoolean(BLOCKED)));
                }
            }
            // As a rule they are already; then this is one pass.
            claims.forEach(claim -> claim.sort(BY_VERSION));
            return Optional.of(claims);
        });
    }

    /**
     * What is to be settled.
     *
     * @param done sequences of the entries to delete: applied or stale
     * @param failures of those to move to the held table
     * @param suspects whether those are tried alone from now on, since one of them may end the process
     * @param held the aggregates of those to move
     */
    public record Settlement(List<Long> done, List<Failure> failures, boolean suspects, Set<Aggregate> held) {

        /** Nothing is moved. */
        public static Settlement ofDone(List<Long> done) {
            return new Settlement(done, List.of(), false, Set.of());
        }
    }

    /**
     * Deletes entries that were applied, and moves those that were not to the held table, if the right is still good. What was
     * moved may stand behind nothing any more, since a person took it away, or be the newest behind a dead one: then it is made
     * due at once.
     *
     * @param fullState whether an entry is its aggregate's whole state, so that the newest is tried behind a dead one
     * @return a transaction id assigned after the claim; empty if the right was lost: then nothing was changed
     */
    public OptionalLong settle(LaneRight right, Settlement settlement, boolean fullState) {
        List<Failure> failures = settlement.failures();
        int done = settlement.done().size();
        if (failures.isEmpty()) {
            return sql.run("settling " + done + " entries of lane " + right.lane(), statements.settle, s -> {
                bindSettle(s, right, settlement.done());
                return Rows.settled(s);
            });
        }
        String doing = "settling " + done + " and holding " + failures.size() + " entries of lane " + right.lane();
        return sql.inTransaction(doing, connection -> {
            OptionalLong xid = settleAndHold(connection, right, settlement);
            if (xid.isPresent()) {
                HeadPromotion.promote(connection, statements, right.lane(), new Heads(settlement.held(), fullState));
            }
            return xid;
        });
    }

    private OptionalLong settleAndHold(Connection connection, LaneRight right, Settlement settlement)
            throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(statements.settleAndHold)) {
            bindSettle(s, right, settlement.done());
            s.setShort(8, right.lane().sinkId());
            s.setInt(9, right.lane().shard());
            s.setArray(
                    10,
                    Statements.array(
                            connection,
                            "int8",
                            settlement.failures(),
                            f -> f.version().sequence()));
            s.setBoolean(11, settlement.suspects());
            Rows.bindFailures(s, 12, settlement.failures());
            return Rows.settled(s);
        }
    }

    private static void bindSettle(PreparedStatement settle, LaneRight right, List<Long> done) throws SQLException {
        Statements.bindRight(settle, 1, right);
        settle.setShort(5, right.lane().sinkId());
        settle.setInt(6, right.lane().shard());
        settle.setArray(7, settle.getConnection().createArrayOf("int8", done.toArray(Long[]::new)));
    }
}
