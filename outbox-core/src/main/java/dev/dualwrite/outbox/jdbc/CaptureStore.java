package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Tables that are captured by trigger, as the relay looks after them. Thread-safe; blocks on the database. */
public final class CaptureStore {

    /**
     * Entries that are written for the rows of one partition without anybody asking: their writers wait for all of them. Seen: a
     * second for so many; it must end well within the time that the relay waits for an answer.
     */
    private static final long MOST_ROWS = 100_000;

    /** Shorter than the relay waits for any answer, so that the server ends it, not the loss of the connection. */
    private static final int LONGEST_SECONDS = 20;

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public CaptureStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * A partition of a captured table that came or went and was not followed yet.
     *
     * @param captureId of the captured table and sink
     * @param source the captured table
     * @param memberId the number of {@code member}
     * @param member the partition, or the captured table itself if it has become one
     * @param happened {@code attached}, {@code detached} or {@code captured_alone}
     */
    public record StrayPartition(
            int captureId, String source, String sink, long memberId, String member, String happened) {}

    /**
     * What became of a partition that was to be followed.
     *
     * @param referred how many rows came or went with it; an entry was written for each
     * @param problem why it could not be followed; absent if it was
     * @param busy whether the problem is a lock that somebody else holds
     */
    public record Followed(long referred, @Nullable String problem, boolean busy) {}

    /**
     * A captured table, or a partition of one, whose changes are not written down.
     *
     * @param source the captured table; its number if there is no such table any more
     * @param member the partition, or the table itself
     * @param problem what is missing and what to do
     */
    public record UncapturedTable(String source, String sink, String member, String problem) {}

    /**
     * What is to be followed, those that went before those that came.
     *
     * @throws OutboxStoreException if the database refuses the question
     */
    public List<StrayPartition> strayPartitions() {
        return sql.run("looking for new partitions", statements.strayPartitions, select -> {
            var strays = new ArrayList<StrayPartition>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    strays.add(new StrayPartition(
                            row.getInt("capture_id"),
                            row.getString("source"),
                            row.getString("sink"),
                            row.getLong("member"),
                            row.getString("member_name"),
                            row.getString("happened")));
                }
            }
            return strays;
        });
    }

    /**
     * Gives a new partition its triggers or takes them off a detached one, with an entry for each of its rows, in a transaction of
     * its own. Waits a tenth of a second for locks.
     *
     * @return empty if another session did it or is at it
     * @throws OutboxStoreException if the database does not answer as it should; a refusal of this partition is an answer
     */
    public Optional<Followed> follow(StrayPartition stray) {
        try {
            return sql.run("following a partition", statements.followPartition, follow -> {
                follow.setLong(1, stray.memberId());
                follow.setInt(2, stray.captureId());
                follow.setString(3, stray.happened());
                follow.setLong(4, MOST_ROWS);
                follow.setQueryTimeout(LONGEST_SECONDS);
                try (ResultSet row = follow.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Followed(
                                    row.getLong("referred"), row.getString("problem"), row.getBoolean("busy")))
                            : Optional.empty();
                }
            });
        } catch (OutboxStoreException e) {
            // Our own timeout: this partition takes too long, others need not.
            if (!"57014".equals(e.sqlState())) {
                throw e;
            }
            return Optional.of(
                    new Followed(0, e.getMessage() + ". Next: call capture_new_partitions() when nobody waits", false));
        }
    }

    /**
     * Tables that are captured by record only: dropped ones, and those with triggers that are missing or disabled.
     *
     * @throws OutboxStoreException if the database refuses the question
     */
    public List<UncapturedTable> uncapturedTables() {
        return sql.run("looking at captured tables", statements.uncapturedTables, select -> {
            var tables = new ArrayList<UncapturedTable>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    tables.add(new UncapturedTable(
                            row.getString("source"),
                            row.getString("sink"),
                            row.getString("member"),
                            row.getString("problem")));
                }
            }
            return tables;
        });
    }
}
