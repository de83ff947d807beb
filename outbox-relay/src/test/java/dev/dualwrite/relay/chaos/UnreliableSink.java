package dev.dualwrite.relay.chaos;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A sink in front of the real one that does at each call what a file tells it. Thread-safe. */
final class UnreliableSink implements Sink {

    /** What the file may say; an empty one says {@link #NONE}. */
    enum Order {
        NONE,
        THROW,
        HANG,
        THROTTLE,
        LOSE_REPLY,
        CRASH
    }

    private static final long THROTTLE_MS = 300;

    private final Sink sink;
    private final Path orders;
    private final @Nullable DataSource record;

    UnreliableSink(Sink sink, Path orders, @Nullable DataSource record) {
        this.sink = sink;
        this.orders = orders;
        this.record = record;
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        if (record != null) {
            record(record, entries);
        }
        switch (order()) {
            case THROW -> throw new IllegalStateException("told to throw");
            case CRASH -> Runtime.getRuntime().halt(1);
            case HANG -> new CountDownLatch(1).await();
            case THROTTLE -> {
                if (new CountDownLatch(1).await(THROTTLE_MS, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("nobody counts down");
                }
            }
            case LOSE_REPLY -> {
                sink.apply(entries);
                throw new SQLException("told to lose the reply", "08006");
            }
            case NONE -> {}
        }
        return sink.apply(entries);
    }

    private Order order() throws IOException {
        String text = Files.readString(orders);
        return text.isEmpty() ? Order.NONE : Order.valueOf(text);
    }

    /** In a transaction of its own, without a guard: what comes twice is there twice. */
    private static void record(DataSource where, List<ClaimedEntry> entries) throws SQLException {
        Long[] versions = entries.stream().map(entry -> entry.version().value()).toArray(Long[]::new);
        try (Connection connection = where.getConnection();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO asked (version, pod) SELECT unnest(?::bigint[]), ?")) {
            insert.setArray(1, connection.createArrayOf("int8", versions));
            insert.setString(2, Long.toString(ProcessHandle.current().pid()));
            insert.executeUpdate();
        }
    }
}
