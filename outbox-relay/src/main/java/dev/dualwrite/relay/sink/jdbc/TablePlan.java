package dev.dualwrite.relay.sink.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.core.JsonPointer;

/**
 * What a sink knows of its table once both were found to fit: which columns it writes, and the statements for it.
 * Thread-safe.
 */
final class TablePlan {

    private final JdbcSinkConfig config;
    private final LiveTable table;
    private final List<LiveColumn> keys;
    private final List<MappedColumn> columns;
    private final int lockSpace;
    private final String delete;
    private final Map<BitSet, String> upserts = new ConcurrentHashMap<>();
    private final AtomicBoolean compared = new AtomicBoolean();

    /**
     * A plan for a table without mistakes.
     *
     * @throws java.util.NoSuchElementException if {@link TableCheck} would have found one
     */
    TablePlan(JdbcSinkConfig config, LiveTable table) {
        this.config = config;
        this.table = table;
        this.keys = config.keyColumns().stream()
                .map(name -> table.column(name).orElseThrow())
                .toList();
        this.columns = mapped(config, table);
        this.lockSpace = lockSpace(table);
        this.delete = SinkStatements.delete(table, keys, config.versionColumn());
    }

    List<LiveColumn> keys() {
        return keys;
    }

    List<MappedColumn> columns() {
        return columns;
    }

    /** Whether nobody has yet compared a payload's fields with the columns; true once. */
    boolean isFirstComparison() {
        return compared.compareAndSet(false, true);
    }

    String sinkName() {
        return config.name();
    }

    /** Whether payload fields are found by the columns' names. */
    boolean takesSameNames() {
        return config.takesSameNames();
    }

    /** For messages. */
    String tableName() {
        return table.toString();
    }

    /** The name under which the table's deletions are kept. */
    String tombstoneName() {
        return table.name();
    }

    /**
     * The first of the two numbers of a shard's advisory lock; the second is the shard. Computed from the name, so it is the
     * same for each sink and pod that writes the table.
     */
    int lockSpace() {
        return lockSpace;
    }

    String delete() {
        return delete;
    }

    /** The statement that writes these columns (by their place in {@link #columns()}), and no other. */
    String upsert(BitSet present) {
        return upserts.computeIfAbsent(present, these -> {
            List<LiveColumn> written =
                    these.stream().mapToObj(i -> columns.get(i).column()).toList();
            return SinkStatements.upsert(table, keys, written, config.versionColumn());
        });
    }

    /** Every column that a sink reads or writes. */
    static List<LiveColumn> writtenColumns(JdbcSinkConfig config, LiveTable table) {
        var written = new ArrayList<LiveColumn>();
        config.keyColumns().forEach(name -> table.column(name).ifPresent(written::add));
        table.column(config.versionColumn()).ifPresent(written::add);
        mapped(config, table).forEach(c -> written.add(c.column()));
        return written;
    }

    private static List<MappedColumn> mapped(JdbcSinkConfig config, LiveTable table) {
        var mapped = new ArrayList<MappedColumn>();
        for (LiveColumn column : table.columns()) {
            boolean own = config.keyColumns().contains(column.name())
                    || config.versionColumn().equals(column.name());
            JsonPointer pointer = config.columns().get(column.name());
            if (config.takesSameNames() && !own && !column.generated()) {
                mapped.add(new MappedColumn(column, JsonPointer.empty().appendProperty(column.name())));
            } else if (pointer != null) {
                mapped.add(new MappedColumn(column, pointer));
            }
        }
        return List.copyOf(mapped);
    }

    private static int lockSpace(LiveTable table) {
        try {
            byte[] name = ("dualwrite:" + table.identifier()).getBytes(UTF_8);
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name))
                    .getInt();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
