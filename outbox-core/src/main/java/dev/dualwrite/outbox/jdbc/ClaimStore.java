package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import javax.sql.DataSource;

/**
 * Takes entries out of the hot table: poll, claim, settle. Thread-safe; every method blocks on the database, in a transaction
 * of its own, and no transaction stays open between two calls.
 */
public final class ClaimStore {

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
     * @param xmin every transaction with a smaller id has ended
     */
    public record Poll(long lastSequence, long controlVersion, long xmin) {}

    /**
     * What is asked of one lane.
     *
     * @param floor entries up to this sequence are left out
     * @param checkHeld whether the lane has held entries, so that later ones of their aggregates must be told apart
     */
    public record Request(Lane lane, long floor, boolean checkHeld) {}

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
                return new Poll(row.getLong("last_sequence"), row.getLong("version"), row.getLong("xmin"));
            }
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
     */
    public List<List<Claimed>> claim(List<Request> requests, int maxEntries, long maxBytes) {
        return sql.run("claiming from " + requests.size() + " lanes", statements.claim, select -> {
            Connection connection = select.getConnection();
            select.setArray(
                    1,
                    Statements.array(connection, "int2", requests, r -> r.lane().sinkId()));
            select.setArray(2, Statements.array(connection, "int2", requests, r ->
                    (short) r.lane().shard()));
            select.setArray(3, Statements.array(connection, "int8", requests, Request::floor));
            select.setArray(4, Statements.array(connection, "bool", requests, Request::checkHeld));
            select.setInt(5, maxEntries);
            select.setLong(6, maxBytes);
            var claims = new ArrayList<List<Claimed>>(requests.size());
            requests.forEach(r -> claims.add(new ArrayList<>()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    claims.get(row.getInt("position") - 1).add(new Claimed(Rows.entry(row), row.getBoolean("blocked")));
                }
            }
            return claims;
        });
    }

    /**
     * Deletes entries that were applied, and moves those that were not to the held table, if the right is still good.
     *
     * @return a transaction id assigned after the claim; empty if the right was lost: then nothing was changed
     */
    public OptionalLong settle(LaneRight right, List<ClaimedEntry> applied, List<Failure> failures) {
        if (failures.isEmpty()) {
            return sql.run("settling " + applied.size() + " entries of lane " + right.lane(), statements.settle, s -> {
                bindSettle(s, right, applied);
                return Rows.settled(s);
            });
        }
        return sql.run(
                "settling " + applied.size() + " and holding " + failures.size() + " entries of lane " + right.lane(),
                statements.settleAndHold,
                s -> {
                    bindSettle(s, right, applied);
                    Rows.bindFailures(s, 8, failures);
                    s.setShort(14, right.lane().sinkId());
                    s.setInt(15, right.lane().shard());
                    return Rows.settled(s);
                });
    }

    private static void bindSettle(PreparedStatement settle, LaneRight right, List<ClaimedEntry> applied)
            throws SQLException {
        Statements.bindRight(settle, 1, right);
        settle.setShort(5, right.lane().sinkId());
        settle.setInt(6, right.lane().shard());
        settle.setArray(
                7,
                Statements.array(
                        settle.getConnection(),
                        "int8",
                        applied,
                        e -> e.version().sequence()));
    }
}
