package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs one statement on a connection of its own and turns an {@link SQLException} into ours, with what was being done. */
final class Statements {

    /** A process that pauses for longer in the middle of a transaction loses it, and not everybody else a lane. Guessed. */
    private static final Duration LONGEST_IDLENESS = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private final @Nullable Duration lockTimeout;

    Statements(DataSource dataSource) {
        this(dataSource, null);
    }

    /** Each statement waits at most so long for a lock; absent: as the database is set. */
    Statements(DataSource dataSource, @Nullable Duration lockTimeout) {
        this.dataSource = dataSource;
        this.lockTimeout = lockTimeout;
    }

    /** What is done with a prepared statement. */
    @FunctionalInterface
    interface Work<T> {
        T with(PreparedStatement statement) throws SQLException;
    }

    /** What is done with a connection inside one transaction. */
    @FunctionalInterface
    interface TransactionWork<T> {
        T with(Connection connection) throws SQLException;
    }

    <T> T run(String doing, String statement, Work<T> work) {
        if (lockTimeout != null) {
            return inTransaction(doing, connection -> {
                try (PreparedStatement prepared = connection.prepareStatement(statement)) {
                    return work.with(prepared);
                }
            });
        }
        try (Connection connection = dataSource.getConnection();
                PreparedStatement prepared = connection.prepareStatement(statement)) {
            return work.with(prepared);
        } catch (SQLException e) {
            throw new OutboxStoreException(doing + " failed", e);
        }
    }

    <T> T inTransaction(String doing, TransactionWork<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                limitWaits(connection);
                T result = work.with(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new OutboxStoreException(doing + " failed", e);
        }
    }

    static <T> Array array(
            Connection connection, String type, List<T> rows, Function<T, ? extends @Nullable Object> value)
            throws SQLException {
        @Nullable Object[] values = emptyArray(type, rows.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = value.apply(rows.get(i));
        }
        return connection.createArrayOf(type, values);
    }

    /** The driver sends an array of its elements' own class as it is; one of objects it would write as text, to be parsed. */
    private static @Nullable Object[] emptyArray(String type, int length) {
        return switch (type) {
            case "int2" -> new @Nullable Short[length];
            case "int4" -> new @Nullable Integer[length];
            case "int8" -> new @Nullable Long[length];
            case "bool" -> new @Nullable Boolean[length];
            case "text" -> new @Nullable String[length];
            default -> throw new IllegalArgumentException("no statement has an array of type " + type);
        };
    }

    static void bindRight(PreparedStatement statement, int first, LaneRight right) throws SQLException {
        statement.setShort(first, right.lane().sinkId());
        statement.setInt(first + 1, right.lane().shard());
        statement.setLong(first + 2, right.fencingToken());
        statement.setObject(first + 3, right.holder());
    }

    /** For this transaction alone: behind a pooler the server's session is somebody else's afterwards. */
    private void limitWaits(Connection connection) throws SQLException {
        try (PreparedStatement limit = connection.prepareStatement(
                lockTimeout == null
                        ? PostgresStatements.LIMIT_IDLENESS
                        : PostgresStatements.LIMIT_IDLENESS_AND_LOCK_WAITS)) {
            limit.setString(1, LONGEST_IDLENESS.toMillis() + "ms");
            if (lockTimeout != null) {
                limit.setString(2, lockTimeout.toMillis() + "ms");
            }
            limit.execute();
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
