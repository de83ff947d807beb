package dev.dualwrite.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.PayloadCodecException;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.Routing.Ordering;
import dev.dualwrite.outbox.spi.PayloadCodec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the entries of a transaction, at its end, on its own connection: one statement for all of them, and one before it
 * if an aggregate type asks for {@code ordering = LOCK}. Thread-safe; blocks on the database.
 */
public final class EntryWriter {

    private final PostgresStatements statements;
    private final int shardCount;
    private final Routing routing;
    private final PayloadCodec codec;
    private final long maxPayloadBytes;

    /**
     * A writer for one schema.
     *
     * @param shardCount as the database says, not the configuration
     * @param maxPayloadBytes the largest payload, in bytes, after serialising
     */
    public EntryWriter(String schema, int shardCount, Routing routing, PayloadCodec codec, long maxPayloadBytes) {
        this.statements = new PostgresStatements(schema);
        this.shardCount = shardCount;
        this.routing = requireNonNull(routing, "routing");
        this.codec = requireNonNull(codec, "codec");
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /**
     * Serialises entries; calls the payload suppliers, which may run user code. No I/O of its own.
     *
     * @throws PayloadCodecException if one cannot be serialised or is too large
     */
    public List<EncodedEntry> encode(List<OutboxEntry> entries) {
        var encoded = new ArrayList<EncodedEntry>(entries.size());
        for (OutboxEntry entry : entries) {
            encoded.add(encode(entry));
        }
        return encoded;
    }

    /**
     * Inserts entries in the order of the list; their numbers are drawn there, in that order.
     *
     * @param connection of the caller's transaction
     * @throws IllegalStateException if the connection is in autocommit mode: the entries would survive a rollback
     * @throws OutboxStoreException if the database refuses; the caller's transaction must roll back
     */
    public void write(Connection connection, List<EncodedEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        try {
            if (connection.getAutoCommit()) {
                throw new IllegalStateException(
                        "the connection of the transaction is in autocommit mode, expected it off:"
                                + " the entries would be kept even if the transaction rolled back."
                                + " Is the outbox's DataSource the one that the transaction manager uses?");
            }
            lockAggregates(connection, entries);
            insert(connection, entries);
        } catch (SQLException e) {
            throw new OutboxStoreException(
                    "writing " + entries.size() + " entries failed, the first is '"
                            + entries.get(0).entry() + "'",
                    e);
        }
    }

    private void lockAggregates(Connection connection, List<EncodedEntry> entries) throws SQLException {
        String[] names = entries.stream()
                .map(e -> e.entry().aggregate())
                .filter(a -> routing.orderingOf(a.type()) == Ordering.LOCK)
                .map(Aggregate::toString)
                .distinct()
                .toArray(String[]::new);
        if (names.length == 0) {
            return;
        }
        // A statement of its own: within the insert, the numbers could be drawn before the locks are held.
        try (PreparedStatement lock = connection.prepareStatement(statements.lockAggregates)) {
            lock.setArray(1, connection.createArrayOf("text", names));
            lock.execute();
        }
    }

    private void insert(Connection connection, List<EncodedEntry> entries) throws SQLException {
        int rows = entries.stream().mapToInt(e -> e.sinks().size()).sum();
        var columns = new Columns(rows);
        for (EncodedEntry entry : entries) {
            for (String sink : entry.sinks()) {
                columns.add(requireNonNull(routing.sinkIds().get(sink)), shardCount, entry);
            }
        }
        int inserted = rows == 1 ? insertOne(connection, columns) : insertAll(connection, columns);
        if (inserted != rows) {
            throw new SQLException("inserted " + inserted + " rows, expected " + rows);
        }
    }

    private int insertOne(Connection connection, Columns columns) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(statements.insertEntry)) {
            insert.setShort(1, columns.sinkIds[0]);
            insert.setShort(2, columns.shards[0]);
            insert.setShort(3, columns.schemaVersions[0]);
            insert.setString(4, columns.operations[0]);
            insert.setString(5, columns.aggregateTypes[0]);
            insert.setString(6, columns.aggregateIds[0]);
            insert.setString(7, columns.payloadTypes[0]);
            insert.setString(8, columns.headers[0]);
            insert.setBytes(9, columns.payloads[0]);
            return insert.executeUpdate();
        }
    }

    private int insertAll(Connection connection, Columns columns) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(statements.insertEntries)) {
            insert.setArray(1, connection.createArrayOf("int2", columns.sinkIds));
            insert.setArray(2, connection.createArrayOf("int2", columns.shards));
            insert.setArray(3, connection.createArrayOf("int2", columns.schemaVersions));
            insert.setArray(4, connection.createArrayOf("text", columns.operations));
            insert.setArray(5, connection.createArrayOf("text", columns.aggregateTypes));
            insert.setArray(6, connection.createArrayOf("text", columns.aggregateIds));
            insert.setArray(7, connection.createArrayOf("text", columns.payloadTypes));
            insert.setArray(8, connection.createArrayOf("text", columns.headers));
            insert.setArray(9, connection.createArrayOf("bytea", columns.payloads));
            return insert.executeUpdate();
        }
    }

    private EncodedEntry encode(OutboxEntry entry) {
        Supplier<?> supplier = entry.payload();
        if (supplier == null) {
            return new EncodedEntry(entry, routing.sinksOf(entry), null);
        }
        OutboxEntry typed = entry;
        byte[] bytes;
        try {
            Object payload = requireNonNull(supplier.get(), "the payload's supplier returned null");
            typed = entry.typedBy(payload);
            bytes = codec.encode(payload);
        } catch (RuntimeException e) {
            throw new PayloadCodecException(
                    entry.aggregate(),
                    "payload of '" + entry + "' (type " + typed.payloadType()
                            + ") cannot be serialised; the transaction is rolled back: " + e.getMessage(),
                    e);
        }
        if (bytes.length > maxPayloadBytes) {
            throw new PayloadCodecException(
                    entry.aggregate(),
                    "payload of '" + entry + "' has " + bytes.length + " bytes, at most " + maxPayloadBytes
                            + " are allowed; the transaction is rolled back. Make the snapshot smaller, or raise"
                            + " dualwrite.outbox.payload-max-size",
                    null);
        }
        return new EncodedEntry(typed, routing.sinksOf(typed), bytes);
    }

    /** The rows as columns: one array each, the cheapest form of a multi-row insert. Empty text stands for none. */
    private static final class Columns {
        private final Short[] sinkIds;
        private final Short[] shards;
        private final Short[] schemaVersions;
        private final String[] operations;
        private final String[] aggregateTypes;
        private final String[] aggregateIds;
        private final String[] payloadTypes;
        private final String[] headers;
        private final byte[] @Nullable [] payloads;
        private int row;

        Columns(int rows) {
            sinkIds = new Short[rows];
            shards = new Short[rows];
            schemaVersions = new Short[rows];
            operations = new String[rows];
            aggregateTypes = new String[rows];
            aggregateIds = new String[rows];
            payloadTypes = new String[rows];
            headers = new String[rows];
            payloads = new byte[rows][];
        }

        void add(short sinkId, int shardCount, EncodedEntry encoded) {
            OutboxEntry entry = encoded.entry();
            Aggregate aggregate = entry.aggregate();
            sinkIds[row] = sinkId;
            shards[row] = (short) aggregate.shard(shardCount);
            schemaVersions[row] = (short) entry.schemaVersion();
            operations[row] = String.valueOf(entry.operation().code());
            aggregateTypes[row] = aggregate.type();
            aggregateIds[row] = aggregate.id();
            payloadTypes[row] = entry.payloadType().equals(aggregate.type()) ? "" : entry.payloadType();
            headers[row] = Headers.format(entry.headers());
            payloads[row] = encoded.payload();
            row++;
        }
    }
}
