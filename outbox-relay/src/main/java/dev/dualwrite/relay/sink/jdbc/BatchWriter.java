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
 * Writes one batch, not an empty one, in the caller's transaction. Confined to one thread; blocks on the database.
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
    private boolean begun;

    BatchWriter(Connection connection, TablePlan plan, Deadline deadline) {
        this.connection = connection;
        this.plan = plan;
        this.deadline = deadline;
    }

    void write(Batch batch) throws SQLException {
        for (List<Row> rows : batch.upsertGroups()) {
            batch.written(rows, upsert(batch, rows));
        }
        for (List<Row> rows : batch.deleteGroups()) {
            batch.written(rows, delete(batch, rows));
        }
    }

    private Set<Long> upsert(Batch batch, List<Row> rows) throws SQLException {
        BitSet present = rows.get(0).present();
        try (PreparedStatement upsert = prepare(batch, plan.upsert(present))) {
            int next = setKeys(upsert, rows, setBegin(upsert, batch));
            for (int column : present.stream().toArray()) {
                upsert.setArray(next++, texts(rows, row -> row.values()[column]));
            }
            upsert.setString(next, plan.tombstoneName());
            return versions(upsert);
        }
    }

    private Set<Long> delete(Batch batch, List<Row> rows) throws SQLException {
        try (PreparedStatement delete = prepare(batch, plan.delete())) {
            int next = setKeys(delete, rows, setBegin(delete, batch));
            delete.setString(next, plan.tombstoneName());
            return versions(delete);
        }
    }

    /** What begins the transaction travels with the first statement; the server runs one part after the other. */
    private PreparedStatement prepare(Batch batch, String statement) throws SQLException {
        String begin = batch.deletes() ? SinkStatements.BEGIN_EXCLUSIVE : SinkStatements.BEGIN_SHARED;
        PreparedStatement prepared = connection.prepareStatement((begun ? SinkStatements.LIMIT : begin) + statement);
        // A data source may come with one, and then the rest of the shards would stay unlocked.
        prepared.setFetchSize(0);
        return prepared;
    }

    /** Answers the place of the next parameter. */
    private int setBegin(PreparedStatement statement, Batch batch) throws SQLException {
        String left = deadline.millisLeft();
        statement.setString(1, left);
        if (begun) {
            return 2;
        }
        statement.setString(2, left);
        statement.setInt(3, plan.lockSpace());
        statement.setArray(4, connection.createArrayOf("int4", batch.shards()));
        statement.setString(5, left);
        return 6;
    }

    private int setKeys(PreparedStatement statement, List<Row> rows, int first) throws SQLException {
        int next = first;
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

    private Set<Long> versions(PreparedStatement statement) throws SQLException {
        var versions = new HashSet<Long>();
        statement.execute();
        // Before it come those of the limit, or of what begins the transaction.
        for (int other = begun ? 1 : SinkStatements.BEGIN_PARTS; other > 0; other--) {
            statement.getMoreResults();
        }
        begun = true;
        try (ResultSet row = statement.getResultSet()) {
            while (row.next()) {
                versions.add(row.getLong(1));
            }
        }
        return versions;
    }
}
