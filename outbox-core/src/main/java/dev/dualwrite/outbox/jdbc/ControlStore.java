package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;

/** What every process that uses a schema agrees on at its start: version, shard count, numbers of sinks. Thread-safe. */
public final class ControlStore {

    private static final String UNDEFINED_TABLE = "42P01";
    private static final String UNDEFINED_SCHEMA = "3F000";

    private final DataSource dataSource;
    private final PostgresStatements statements;

    public ControlStore(DataSource dataSource, String schema) {
        this.dataSource = dataSource;
        this.statements = new PostgresStatements(schema);
    }

    /**
     * The row that an installation left.
     *
     * @param schemaVersion number of the last migration file applied
     * @param shardCount fixed at install
     */
    public record Control(int schemaVersion, int shardCount) {}

    /**
     * Reads it; empty if the schema is not installed.
     *
     * @throws OutboxStoreException if the database cannot be asked
     */
    public Optional<Control> read() {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement(statements.selectControl);
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new Control(row.getInt("schema_version"), row.getInt("shard_count")))
                    : Optional.empty();
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState()) || UNDEFINED_SCHEMA.equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw new OutboxStoreException("reading the control row failed", e);
        }
    }

    /**
     * From which age on an entry that was never tried counts as overdue; what was stored last holds for everybody.
     *
     * @throws OutboxStoreException if the database refuses
     */
    public void storeStuckAfter(Duration age) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement update = connection.prepareStatement(statements.storeStuckAfter)) {
            update.setLong(1, age.toMillis());
            update.setLong(2, age.toMillis());
            update.executeUpdate();
        } catch (SQLException e) {
            throw new OutboxStoreException("storing dualwrite.relay.stuck-after failed", e);
        }
    }

    /**
     * The number of each sink; a new name gets the next number and its lanes. Asking twice has the effect of once.
     *
     * @throws OutboxStoreException if the database refuses
     */
    public Map<String, Short> registerSinks(Collection<String> names) {
        var numbers = new TreeMap<String, Short>();
        try (Connection connection = dataSource.getConnection();
                PreparedStatement register = connection.prepareStatement(statements.registerSink)) {
            boolean autoCommit = connection.getAutoCommit();
            for (String name : new TreeSet<>(names)) {
                register.setString(1, name);
                try (ResultSet row = register.executeQuery()) {
                    row.next();
                    numbers.put(name, row.getShort(1));
                }
            }
            if (!autoCommit) {
                connection.commit();
            }
            return numbers;
        } catch (SQLException e) {
            throw new OutboxStoreException("registering the sinks " + names + " failed", e);
        }
    }
}
