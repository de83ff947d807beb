package dev.dualwrite.relay.sink.jdbc;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.StartupCheck;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a table of a PostgreSQL database in step: one row an aggregate, guarded by a version column, deletions remembered in
 * {@code dualwrite_tombstone} beside it (the sink creates that table if it may).
 *
 * <p>The aggregate's id fills the key columns, the payload (JSON) the others. Every upsert writes all of them: what the
 * payload leaves out becomes null, or, where the column has a default, the default at first and then what it was. A time
 * without a zone counts as UTC. One table takes the aggregates of one type: with an
 * aggregate type set, entries of others are rejected; without, the sink pauses when it meets a second one.
 *
 * <p>One call is one transaction on the secondary, and two round trips: begin, lock and write; commit. A batch with both
 * upserts and deletions takes three, one whose payloads differ in which defaulted columns they have takes one more for each
 * such set. A crash before the commit leaves nothing, after it a repetition that the versions make harmless.
 *
 * <p>Thread-safe; blocks on the data source and the secondary, for about the timeout at most. Interrupting does not end a
 * call, the timeout does. Not to be called inside a transaction on the same data source.
 */
public final class JdbcSink implements Sink, StartupCheck, AutoCloseable {

    private final JdbcSinkConfig config;
    private final SecondaryConnections connections;
    private final CrashProbe probe;
    private final Runnable closing;
    private volatile @Nullable TablePlan plan;

    private final @Nullable String aggregateType;

    /** Of the first entry since the start; only looked at if the configuration names no type. */
    private final AtomicReference<@Nullable String> firstType = new AtomicReference<>();

    /** A sink on this data source; {@code closing} gives back what was opened for it. */
    JdbcSink(Target target, DataSource dataSource, CrashProbe probe, Runnable closing) {
        this.config = target.config();
        this.aggregateType = target.aggregateType();
        this.connections = new SecondaryConnections(dataSource, target.config().timeout());
        this.probe = probe;
        this.closing = closing;
    }

    /** The table, and the one aggregate type that it takes if the configuration names it. */
    record Target(JdbcSinkConfig config, @Nullable String aggregateType) {}

    /** A sink that writes through this data source, which stays the caller's to close. */
    public static Builder builder(DataSource dataSource) {
        return new Builder(requireNonNull(dataSource, "dataSource"));
    }

    /**
     * {@inheritDoc}
     *
     * @throws OutboxConfigurationException if the table does not fit; it lists every mistake
     * @throws SQLException if the secondary cannot be asked now
     */
    @Override
    public void validate() throws SQLException {
        connections.inTransaction(connection -> plan = new TableInspection(config).plan(connection), () -> {});
    }

    /**
     * {@inheritDoc}
     *
     * <p>The first call validates, unless {@link #validate()} did.
     *
     * @throws OutboxConfigurationException if the table does not fit: no entry is at fault
     * @throws SQLException as the secondary threw it; for a value or a constraint (SQLSTATE classes 22 and 23) without the
     *     data in the message. Class 42 means that the table was changed: no entry is at fault, and the next call validates
     *     again
     */
    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws SQLException {
        Deadline deadline = Deadline.after(config.timeout());
        TablePlan current = currentPlan();
        Batch batch = Batch.of(entries, new RowReader(current), typeOf(entries));
        if (batch.isEmpty()) {
            return batch.results();
        }
        try {
            // CRASH: WRITTEN_AT_SINK_NOT_COMMITTED: the secondary rolls back, the next holder applies again.
            connections.inTransaction(
                    connection -> new BatchWriter(connection, current, deadline).write(batch),
                    () -> probe.reached(CrashWindow.WRITTEN_AT_SINK_NOT_COMMITTED));
            return batch.results();
        } catch (SQLException e) {
            if (DataErrors.isOutdatedPlan(e)) {
                plan = null;
            }
            if (entries.size() == 1 && DataErrors.isData(e)) {
                return List.of(ApplyResult.rejected(reason(e, current, batch.onlyRow())));
            }
            throw DataErrors.withoutData(e, current.tableName());
        }
    }

    /** Closes the connections that the sink opened for itself. */
    @Override
    public void close() {
        closing.run();
    }

    @Override
    public String toString() {
        return "JdbcSink[" + config.name() + ", table " + config.table() + "]";
    }

    /** The one type of the batch; two types whose ids are alike would overwrite each other's rows. */
    private String typeOf(List<ClaimedEntry> entries) {
        if (aggregateType != null) {
            return aggregateType;
        }
        firstType.compareAndSet(null, entries.get(0).aggregate().type());
        String first = requireNonNull(firstType.get());
        for (ClaimedEntry entry : entries) {
            String type = entry.aggregate().type();
            if (!type.equals(first)) {
                // Which one is wrong only a person can say, so no entry is set aside: the sink pauses.
                throw new OutboxConfigurationException(
                        List.of(
                                "sink '" + config.name() + "' gets entries of the aggregate"
                                        + " types '" + first + "' and '" + type + "', its table takes one. Next: set "
                                        + JdbcSinkConfig.property(config.name(), "aggregate-type")
                                        + " to the right one, which rejects the others, and give each other type a sink of its own"));
            }
        }
        return first;
    }

    private TablePlan currentPlan() throws SQLException {
        TablePlan known = plan;
        if (known == null) {
            // Several threads may do this at once; they find the same.
            validate();
            known = requireNonNull(plan);
        }
        return known;
    }

    private String reason(SQLException refusal, TablePlan current, Row row) throws SQLException {
        var column = new ArrayList<String>(1);
        connections.inTransaction(
                connection -> DataErrors.culprit(connection, current, row).ifPresent(column::add), () -> {});
        return DataErrors.reason(refusal, column.stream().findFirst(), current.tableName());
    }

    /** Collects what a sink is told. Confined to one thread. */
    public static final class Builder {

        private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

        private final DataSource dataSource;
        private String name = "jdbc";
        private @Nullable String table;
        private List<String> keyColumns = List.of();
        private final Map<String, String> columns = new LinkedHashMap<>();
        private String versionColumn = JdbcSinkConfig.DEFAULT_VERSION_COLUMN;
        private Duration timeout = DEFAULT_TIMEOUT;
        private @Nullable String aggregateType;
        private CrashProbe probe = CrashProbe.NONE;

        private Builder(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /** The sink's name in messages; as a bean, take the bean's name. */
        public Builder name(String sinkName) {
            this.name = requireNonNull(sinkName, "name");
            return this;
        }

        /** {@code table} or {@code schema.table}, in the letter case of the catalog; a part with a dot in double quotes. */
        public Builder table(String tableName) {
            this.table = requireNonNull(tableName, "table");
            return this;
        }

        /** The columns that hold the aggregate's id, in the order of its parts. */
        public Builder keyColumns(String... names) {
            this.keyColumns = List.of(names);
            return this;
        }

        /**
         * Fills a column from the payload. Without any such call the payload's top-level fields fill the columns of the same
         * names.
         *
         * @param pointer a JSON pointer, for example {@code /customer/name}; the empty text is the whole payload
         */
        public Builder column(String column, String pointer) {
            this.columns.put(requireNonNull(column, "column"), requireNonNull(pointer, "pointer"));
            return this;
        }

        /** The column of type bigint that guards a row; {@code dualwrite_version} unless said otherwise. */
        public Builder versionColumn(String column) {
            this.versionColumn = requireNonNull(column, "versionColumn");
            return this;
        }

        /** The one aggregate type of the table; unless said, the sink pauses when it meets a second one. */
        public Builder aggregateType(String type) {
            this.aggregateType = requireNonNull(type, "aggregateType");
            return this;
        }

        /** How long a call of apply may take; 10 s unless said otherwise. At most half the lease duration. */
        public Builder timeout(Duration duration) {
            this.timeout = requireNonNull(duration, "timeout");
            return this;
        }

        /** Where tests stop the process. */
        public Builder crashProbe(CrashProbe crashProbe) {
            this.probe = requireNonNull(crashProbe, "crashProbe");
            return this;
        }

        /**
         * The sink. Does no I/O.
         *
         * @throws OutboxConfigurationException if something is missing or contradicts itself; it lists every mistake
         */
        public JdbcSink build() {
            var rest = new JdbcSinkConfigCheck.Written(versionColumn, timeout);
            JdbcSinkConfig config = new JdbcSinkConfigCheck(name).check(table, keyColumns, columns, rest);
            return new JdbcSink(new Target(config, aggregateType), dataSource, probe, () -> {});
        }
    }
}
