package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.OptionalLong;

/** What the statements on hot and on held entries have in common. */
final class Rows {

    private Rows() {}

    /**
     * An entry from its ten columns, which begin at {@code first}: version, shard, appended_at, schema_version, operation,
     * aggregate_type, aggregate_id, payload_type, headers, payload. By number: looking names up costs as much as reading.
     */
    static ClaimedEntry entry(ResultSet row, int first) throws SQLException {
        String type = row.getString(first + 5);
        String payloadType = row.getString(first + 7);
        return new ClaimedEntry(
                new Version(row.getLong(first)),
                row.getInt(first + 1),
                new Aggregate(type, row.getString(first + 6)),
                Operation.ofCode(row.getString(first + 4).charAt(0)),
                row.getBytes(first + 9),
                // Absent where a hand has written a held entry; in the hot table it cannot be.
                payloadType == null || payloadType.isEmpty() ? type : payloadType,
                row.getInt(first + 3),
                Headers.parse(row.getString(first + 8)),
                row.getObject(first + 2, OffsetDateTime.class).toInstant());
    }

    /** Binds the six arrays of failures, from parameter {@code first} on. */
    static void bindFailures(PreparedStatement statement, int first, List<Failure> failures) throws SQLException {
        Connection c = statement.getConnection();
        Array[] columns = {
            Statements.array(c, "int8", failures, f -> f.version().value()),
            Statements.array(c, "text", failures, f -> f.state().column()),
            Statements.array(c, "int4", failures, Failure::attempts),
            Statements.array(c, "int8", failures, f -> f.delay().toMillis()),
            Statements.array(c, "text", failures, Failure::errorClass),
            Statements.array(c, "text", failures, Failure::errorMessage)
        };
        for (int i = 0; i < columns.length; i++) {
            statement.setArray(first + i, columns[i]);
        }
    }

    /** The transaction id of a settle; empty if the right to settle was lost, and then nothing was changed. */
    static OptionalLong settled(PreparedStatement settle) throws SQLException {
        try (ResultSet row = settle.executeQuery()) {
            row.next();
            return row.getLong("rights") == 0 ? OptionalLong.empty() : OptionalLong.of(row.getLong("xid"));
        }
    }
}
