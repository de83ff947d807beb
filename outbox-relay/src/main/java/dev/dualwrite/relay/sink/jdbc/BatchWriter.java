package dev.dualwrite.relay.sink.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch in the caller's transaction. Confined to one thread; blocks on the database.
 *
 * <p>Checking the tombstone and writing the row are two looks at two tables, and between them another transaction can
 * commit: a zombie inserts version 1, uncommitted; the deletion of version 2 finds no row and writes its tombstone; both
 * commit, and the row is back. So a transaction first locks its shard, in a statement of its own, since a statement sees
 * what was committed before it began: shared for upserts, which guard each other by the row's version; alone if it deletes.
 */
final class BatchWriter {

    private final Connection connection;
    private final TablePlan plan;
    private final Deadline deadline;

    BatchWriter(Connection connection, TablePlan plan, Deadline deadline) {
        this.connection = connection;
        this.plan = plan;
        this.deadline = deadline;
    }

    void write(Batch batch) throws SQLException {
        lockShards(batch);
        for (List<Row> rows : batch.upsertGroups()) {
            batch.written(rows, upsert(rows));
        }
        for (List<Row> rows : batch.deleteGroups()) {
            batch.written(rows, delete(rows));
        }
    }

    private void lockShards(Batch batch) throws SQLException {
        String begin = batch.deletes() ? SinkStatements.BEGIN_EXCLUSIVE : SinkStatements.BEGIN_SHARED;
        try (PreparedStatement lock = connection.prepareStatement(begin)) {
            String left = deadline.millisLeft();
            lock.setString(1, left);
            lock.setString(2, left);
            lock.setInt(3, plan.lockSpace());
            lock.setArray(4, connection.createArrayOf("int4", batch.shards()));
            lock.execute();
        }
    }

    private Set<Long> upsert(List<Row> rows) throws SQLException {
        BitSet present = rows.get(0).present();
        try (PreparedStatement upsert = connection.prepareStatement(plan.upsert(present))) {
            int next = setKeys(upsert, rows);
            for (int column : present.stream().toArray()) {
                upsert.setArray(next++, texts(rows, row -> row.values()[column]));
            }
            upsert.setString(next, plan.tombstoneName());
            return versions(upsert);
        }
    }

    private Set<Long> delete(List<Row> rows) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(plan.delete())) {
            int next = setKeys(delete, rows);
            delete.setString(next, plan.tombstoneName());
            return versions(delete);
        }
    }

    private int setKeys(PreparedStatement statement, List<Row> rows) throws SQLException {
        int next = 1;
        statement.setString(next++, deadline.millisLeft());
        statement.setArray(
                next++,
                connection.createArrayOf("int8", rows.stream().map(Row::version).toArray(Long[]::new)));
        statement.setArray(next++, texts(rows, Row::id));
        for (int i = 0; i < plan.keys().size(); i++) {
            int key = i;
            statement.setArray(next++, texts(rows, row -> row.keys()[key]));
        }
        return next;
    }

    private Array texts(List<Row> rows, Function<Row, @Nullable String> text) throws SQLException {
        // Strings, not objects: the driver sends those as they are, and the server need not parse them.
        return connection.createArrayOf("text", rows.stream().map(text).toArray(String[]::new));
    }

    private static Set<Long> versions(PreparedStatement statement) throws SQLException {
        var versions = new HashSet<Long>();
        // The first result is that of the limit.
        statement.execute();
        statement.getMoreResults();
        try (ResultSet row = statement.getResultSet()) {
            while (row.next()) {
                versions.add(row.getLong(1));
            }
        }
        return versions;
    }
}
