package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns properties into what the engine takes, and finds every mistake in them at once. A pure decision. */
final class RelaySettings {

    private static final Duration MIN_LEASE = Duration.ofSeconds(1);
    private static final Duration MAX_POLL = Duration.ofMinutes(1);
    private static final int MAX_BATCH = 100_000;
    private static final int MAX_THREADS = 64;

    private final RelayProperties properties;

    private RelaySettings(RelayProperties properties) {
        this.properties = properties;
    }

    /**
     * Checked settings.
     *
     * @throws OutboxConfigurationException with every mistake
     */
    static RelaySettings of(RelayProperties properties, SinksProperties sinks) {
        List<String> mistakes = mistakes(properties, sinks);
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        return new RelaySettings(properties);
    }

    /** Every mistake. */
    static List<String> mistakes(RelayProperties properties, SinksProperties sinks) {
        var mistakes = new ArrayList<String>();
        range(mistakes, "dualwrite.relay.batch-size", properties.batchSize(), MAX_BATCH);
        range(mistakes, "dualwrite.relay.threads", properties.threads(), MAX_THREADS);
        range(mistakes, "dualwrite.relay.max-attempts", properties.maxAttempts(), Integer.MAX_VALUE);
        positive(mistakes, "dualwrite.relay.poll-interval", properties.pollInterval());
        if (properties.pollInterval().compareTo(MAX_POLL) > 0) {
            mistakes.add("dualwrite.relay.poll-interval is " + properties.pollInterval() + ", expected at most "
                    + MAX_POLL + ": retries wait for it too");
        }
        positive(mistakes, "dualwrite.relay.unknown-grace", properties.unknownGrace());
        positive(mistakes, "dualwrite.relay.stuck-after", properties.stuckAfter());
        positive(mistakes, "dualwrite.relay.shutdown-timeout", properties.shutdownTimeout());
        if (properties.batchMaxSize().toBytes() < 1) {
            mistakes.add("dualwrite.relay.batch-max-size is " + properties.batchMaxSize() + ", expected at least 1B");
        }
        if (properties.leaseDuration().compareTo(MIN_LEASE) < 0) {
            mistakes.add("dualwrite.relay.lease-duration is " + properties.leaseDuration() + ", expected at least "
                    + MIN_LEASE + ": shorter ones run out before they are renewed");
        }
        timeout(mistakes, "dualwrite.relay.sink-timeout", properties.sinkTimeout(), properties);
        backoff(mistakes, "dualwrite.relay", properties.initialBackoff(), properties.maxBackoff());
        sinks.sinks().forEach((name, sink) -> check(mistakes, "dualwrite.sinks." + name, sink, properties));
        return mistakes;
    }

    RelayConfig relayConfig() {
        return new RelayConfig(
                new ClaimConfig(
                        properties.batchSize(),
                        properties.batchMaxSize().toBytes(),
                        properties.pollInterval(),
                        properties.threads()),
                properties.leaseDuration(),
                properties.shutdownTimeout());
    }

    /** How long one call of a sink may take. */
    Duration timeoutOf(@Nullable SinkSettings overrides) {
        return overrides == null ? properties.sinkTimeout() : or(overrides.sinkTimeout(), properties.sinkTimeout());
    }

    /** A sink with the relay's values, or its own where it has some; as it is, nothing is put in front of it. */
    ConfiguredSink configured(String name, short id, Sink sink, @Nullable SinkSettings overrides) {
        Integer maxAttempts = overrides == null ? null : overrides.maxAttempts();
        Duration initial = overrides == null ? null : overrides.initialBackoff();
        Duration max = overrides == null ? null : overrides.maxBackoff();
        return new ConfiguredSink(
                name,
                id,
                sink,
                new RetryPolicy(
                        maxAttempts == null ? properties.maxAttempts() : maxAttempts,
                        new Backoff(or(initial, properties.initialBackoff()), or(max, properties.maxBackoff())),
                        properties.unknownGrace()),
                timeoutOf(overrides));
    }

    private static void check(List<String> mistakes, String prefix, SinkSettings sink, RelayProperties relay) {
        Integer maxAttempts = sink.maxAttempts();
        if (maxAttempts != null) {
            range(mistakes, prefix + ".max-attempts", maxAttempts, Integer.MAX_VALUE);
        }
        Duration timeout = sink.sinkTimeout();
        if (timeout != null) {
            timeout(mistakes, prefix + ".sink-timeout", timeout, relay);
        }
        sink.payloadTypes().forEach((type, version) -> {
            if (version < 1) {
                mistakes.add(prefix + ".payload-types." + type + " is " + version
                        + ", expected the newest schema version that is known, at least 1");
            }
        });
        if (sink.initialBackoff() != null || sink.maxBackoff() != null) {
            backoff(
                    mistakes,
                    prefix,
                    or(sink.initialBackoff(), relay.initialBackoff()),
                    or(sink.maxBackoff(), relay.maxBackoff()));
        }
    }

    private static void timeout(List<String> mistakes, String name, Duration value, RelayProperties relay) {
        positive(mistakes, name, value);
        Duration half = relay.leaseDuration().dividedBy(2);
        if (value.compareTo(half) > 0) {
            mistakes.add(name + " is " + value + ", expected at most half of dualwrite.relay.lease-duration, which is "
                    + relay.leaseDuration() + ": a call that times out must not cost the lease");
        }
    }

    private static void backoff(List<String> mistakes, String prefix, Duration initial, Duration max) {
        positive(mistakes, prefix + ".initial-backoff", initial);
        if (max.compareTo(initial) < 0) {
            mistakes.add(prefix + ".max-backoff is " + max + ", expected at least " + prefix
                    + ".initial-backoff, which is " + initial);
        }
    }

    private static void positive(List<String> mistakes, String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            mistakes.add(name + " is " + value + ", expected more than zero");
        }
    }

    private static void range(List<String> mistakes, String name, int value, int max) {
        if (value < 1 || value > max) {
            mistakes.add(name + " is " + value + ", expected 1 to " + max);
        }
    }

    private static Duration or(@Nullable Duration own, Duration relays) {
        return own == null ? relays : own;
    }
}
