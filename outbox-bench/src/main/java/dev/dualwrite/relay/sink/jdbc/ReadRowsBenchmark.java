package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.bench.micro.MicroEntries;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.sink.jdbc.LiveColumn.Privileges;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A batch of a thousand entries of 300 bytes of JSON, read into rows of five columns. */
@State(Scope.Benchmark)
public class ReadRowsBenchmark {

    private static final Privileges ALL = new Privileges(true, true, true);

    private final List<ClaimedEntry> batch = MicroEntries.batch(1);
    private final RowReader reader = new RowReader(plan());

    /** The number of rows that came out, which must be all. */
    @Benchmark
    @OperationsPerInvocation(MicroEntries.BATCH)
    public int read() {
        int rows = Batch.of(batch, reader, "order").upsertGroups().stream()
                .mapToInt(List::size)
                .sum();
        if (rows != MicroEntries.BATCH) {
            throw new IllegalStateException(rows + " rows were read, expected " + MicroEntries.BATCH);
        }
        return rows;
    }

    private static TablePlan plan() {
        var rest = new JdbcSinkConfigCheck.Written(JdbcSinkConfig.DEFAULT_VERSION_COLUMN, Duration.ofSeconds(10));
        JdbcSinkConfig config = new JdbcSinkConfigCheck("copy").check("orders", List.of("id"), Map.of(), rest);
        List<LiveColumn> columns = List.of(
                column("id", "text"),
                column("customer", "text"),
                column("amount", "numeric"),
                column("state", "text"),
                column("note", "text"),
                column(JdbcSinkConfig.DEFAULT_VERSION_COLUMN, "bigint"));
        return new TablePlan(
                config, new LiveTable("public", "orders", 'r', 'p', false, true, true, columns, List.of(Set.of("id"))));
    }

    private static LiveColumn column(String name, String type) {
        ColumnKind kind = type.equals("text") ? ColumnKind.TEXT : ColumnKind.SCALAR;
        return new LiveColumn(name, type, type, kind, false, false, false, ALL);
    }
}
