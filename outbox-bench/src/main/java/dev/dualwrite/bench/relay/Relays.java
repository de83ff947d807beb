package dev.dualwrite.bench.relay;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** Makes relays with the defaults of the properties. */
public final class Relays {

    public static final int BATCH = 1000;

    public static final String SINK = "copy";

    private static final ClaimConfig CLAIMS = new ClaimConfig(BATCH, 8L << 20, Duration.ofMillis(500), 4);
    private static final RetryPolicy RETRY =
            new RetryPolicy(10, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)), Duration.ofHours(1));
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Relays() {}

    /** One that is not started. */
    public static Relay relay(Database primary, short sinkId, Sink sink) {
        return relay(primary.pool(), sinkId, sink);
    }

    /** The same with connections of its own, as in a process of its own. */
    public static Relay relay(DataSource primary, short sinkId, Sink sink) {
        var config = new RelayConfig(
                CLAIMS.within(Runtime.getRuntime().maxMemory(), 1), Duration.ofSeconds(30), Duration.ofSeconds(20));
        return new Relay(
                primary,
                "dualwrite",
                config,
                List.of(new ConfiguredSink(SINK, sinkId, sink, RETRY, TIMEOUT)),
                CrashProbe.NONE);
    }

    /** The sink that keeps a table of orders. */
    public static JdbcSink sink(Database secondary, String table) throws SQLException {
        return sink(secondary.pool(), table);
    }

    /** The same with connections of its own. */
    public static JdbcSink sink(DataSource secondary, String table) throws SQLException {
        JdbcSink sink = JdbcSink.builder(secondary)
                .table(table)
                .keyColumns("id")
                .timeout(TIMEOUT)
                .build();
        sink.validate();
        return sink;
    }
}
