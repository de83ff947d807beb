package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.ResultSet;
import java.time.Duration;
import javax.sql.DataSource;

/** Purges what is kept for a time only: the record of acts, and discarded entries. Thread-safe; blocks on the database. */
public final class RetentionStore {

    /** Shorter than the relay waits for any answer, so that the server ends it, not the loss of the connection. */
    private static final int LONGEST_SECONDS = 20;

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public RetentionStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * Removes the oldest rows of the record, in one transaction.
     *
     * @param olderThan at least a day
     * @param atMost 1 to 100,000 rows
     * @return how many; 0 too while another session purges
     * @throws OutboxStoreException if the database refuses
     */
    public int purgeAudit(Duration olderThan, int atMost) {
        return purge("purging the record", statements.purgeAudit, olderThan, atMost);
    }

    /**
     * Removes the entries that were discarded first, in one transaction.
     *
     * @param olderThan since they were discarded; at least a day
     * @param atMost 1 to 100,000 entries
     * @return how many; 0 too while another session purges
     * @throws OutboxStoreException if the database refuses
     */
    public int purgeDiscarded(Duration olderThan, int atMost) {
        return purge("purging discarded entries", statements.purgeDiscarded, olderThan, atMost);
    }

    private int purge(String what, String statement, Duration olderThan, int atMost) {
        return sql.run(what, statement, purge -> {
            purge.setLong(1, olderThan.toSeconds());
            purge.setInt(2, atMost);
            purge.setQueryTimeout(LONGEST_SECONDS);
            try (ResultSet row = purge.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        });
    }
}
