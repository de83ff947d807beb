package dev.dualwrite.spring.jpa;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Function;
import org.hibernate.Transaction;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SessionImplementor;

/**
 * Reads the primary through a session of its own, past all caches, in one transaction with one snapshot. Thread-safe.
 *
 * <p>The JDBC connection is not marked read-only, nor is anything told to Spring: both are what routing data sources send to a
 * replica. The server itself is told, and asked whether it is one.
 */
final class PrimarySession {

    /** A replica's error code for a write: the sink pauses until the primary is back. */
    private static final String READ_ONLY = "25006";

    /**
     * One snapshot, so that a state is never torn between its root and its parts; and an error instead of an empty answer where a
     * row-level policy hides rows, since what is not found is deleted at the secondary.
     */
    private static final String BEGIN = """
            SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
            SET LOCAL row_security = off;
            SET LOCAL statement_timeout = %d;
            SELECT pg_is_in_recovery()""";

    private final SessionFactoryImplementor factory;
    private final int batchSize;
    private final Duration timeout;

    /**
     * A way to read.
     *
     * @param batchSize number of collections, or of entities, that one query loads
     * @param timeout of one read: the driver does not hear the interrupt by which a relay says that the time is over
     */
    PrimarySession(SessionFactoryImplementor factory, int batchSize, Duration timeout) {
        this.factory = factory;
        this.batchSize = batchSize;
        this.timeout = timeout;
    }

    /** What the work makes of a session; nothing is written. */
    <T> T read(Function<SessionImplementor, T> work) {
        try (SessionImplementor session = open()) {
            Transaction transaction = session.getTransaction();
            // Of all statements together, in whole seconds; the server's own holds for one, and where no driver counts.
            transaction.setTimeout((int) Math.max(1, timeout.toSeconds()));
            transaction.begin();
            try {
                session.doWork(this::begin);
                T result = work.apply(session);
                transaction.rollback();
                return result;
            } catch (RuntimeException | Error e) {
                rollBack(transaction, e);
                throw e;
            }
        }
    }

    private SessionImplementor open() {
        return ReadSession.open(factory, factory.withOptions(), batchSize);
    }

    private void begin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean isRows = statement.execute(BEGIN.formatted(Math.max(1, timeout.toMillis())));
            while (!isRows) {
                isRows = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                if (row.getBoolean(1)) {
                    throw new SQLException(
                            "the data source of the outbox leads to a replica, expected the primary: a state read there"
                                    + " may be older than its entry. Next: let it lead to the primary",
                            READ_ONLY);
                }
            }
        }
    }

    private static void rollBack(Transaction transaction, Throwable failure) {
        try {
            transaction.rollback();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
