package dev.dualwrite.relay;

import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retention.Retention;
import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Starts relays with the short times of tests, and stops what was started. */
final class Relays implements AutoCloseable {

    /** Renewed every two seconds: a machine that stands still for three does not make a lease lapse. */
    static final Duration LEASE = Duration.ofSeconds(6);

    /** For sinks that wait on purpose: no timeout comes between, though the machine stands still for a while. */
    static final Duration PATIENT = LEASE.dividedBy(2);

    private final OutboxDatabase database;
    private final DataSource primary;
    private final Retention retention;
    private final List<Relay> started = new ArrayList<>();

    Relays(OutboxDatabase database) {
        this(database, database.dataSource());
    }

    /** Relays that reach the database in a way of their own. */
    Relays(OutboxDatabase database, DataSource primary) {
        this(database, primary, Retention.FOR_EVER);
    }

    /** Relays that purge what is older than this. */
    Relays(OutboxDatabase database, Retention retention) {
        this(database, database.dataSource(), retention);
    }

    private Relays(OutboxDatabase database, DataSource primary, Retention retention) {
        this.database = database;
        this.primary = primary;
        this.retention = retention;
    }

    Relay start(String name, Sink sink) {
        return start(name, sink, new ClaimConfig(100, 1_000_000, Duration.ofMillis(50), 2));
    }

    Relay start(String name, Sink sink, ClaimConfig claims) {
        return start(List.of(configured(name, sink)), claims);
    }

    Relay start(List<ConfiguredSink> sinks, ClaimConfig claims) {
        var config = new RelayConfig(claims, LEASE, Duration.ofSeconds(5), retention);
        var relay = new Relay(primary, "dualwrite", config, sinks, CrashProbe.NONE);
        relay.start();
        started.add(relay);
        return relay;
    }

    ConfiguredSink configured(String name, Sink sink) {
        return configured(name, sink, Duration.ofSeconds(1));
    }

    ConfiguredSink configured(String name, Sink sink, Duration timeout) {
        return new ConfiguredSink(
                name,
                database.sinkId(name),
                sink,
                new RetryPolicy(3, new Backoff(Duration.ofMillis(100), Duration.ofMillis(400)), Duration.ofSeconds(5)),
                timeout);
    }

    void stop(Relay relay) {
        started.remove(relay);
        try {
            relay.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        List.copyOf(started).forEach(this::stop);
    }
}
