package dev.dualwrite.outbox.jdbc;

import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Tables that are captured by trigger, as the relay looks after them. Thread-safe; blocks on the database. */
public final class CaptureStore {

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public CaptureStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * A partition of a captured table that came or went.
     *
     * @param source the captured table
     * @param member the partition, or the captured table itself if it has become one
     * @param happened {@code attached}, {@code detached} or {@code captured_alone}
     * @param referred how many rows came or went with it; an entry was written for each
     * @param problem why it could not be looked after: it is found again by the next call; absent if it could
     */
    public record PartitionChange(
            String source,
            String sink,
            String member,
            String happened,
            long referred,
            @Nullable String problem) {}

    /**
     * Gives new partitions their triggers and takes them off detached ones, with an entry for each of their rows. Asking twice
     * has the effect of once; while another session does it, the answer is empty.
     *
     * @throws dev.dualwrite.outbox.OutboxStoreException if the database refuses the whole
     */
    public List<PartitionChange> captureNewPartitions() {
        return sql.run("capturing new partitions", statements.captureNewPartitions, select -> {
            var changes = new ArrayList<PartitionChange>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    changes.add(new PartitionChange(
                            row.getString("source"),
                            row.getString("sink"),
                            row.getString("member"),
                            row.getString("happened"),
                            row.getLong("referred"),
                            row.getString("problem")));
                }
            }
            return changes;
        });
    }
}
