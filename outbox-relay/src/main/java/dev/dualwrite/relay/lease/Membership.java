package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.MemberStore;
import dev.dualwrite.outbox.jdbc.MemberStore.Beat;
import dev.dualwrite.outbox.jdbc.MemberStore.CarriedSink;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What this relay writes of itself: that it lives, its fair share, and its open breakers. Confined to the lease thread. */
final class Membership {

    private final LeaseConfig config;
    private final MemberStore store;
    private final Supplier<Map<Short, Tripped>> breakers;
    private int fairShare;

    Membership(LeaseConfig config, MemberStore store, Supplier<Map<Short, Tripped>> breakers) {
        this.config = config;
        this.store = store;
        this.breakers = breakers;
    }

    /** Written with the next heartbeat. */
    void fairShare(int lanes) {
        fairShare = lanes;
    }

    int fairShare() {
        return fairShare;
    }

    /** Writes all of it; what has not changed of the sinks costs no write. */
    void beat() {
        Map<Short, Tripped> open = breakers.get();
        long now = System.nanoTime();
        store.beat(
                new Beat(config.relay(), config.host(), config.duration(), fairShare),
                config.sinkIds().stream()
                        .sorted()
                        .map(sink -> carried(sink, open.get(sink), now))
                        .toList());
    }

    private static CarriedSink carried(short sink, @Nullable Tripped tripped, long now) {
        return tripped == null
                ? new CarriedSink(sink, null, Duration.ZERO)
                : new CarriedSink(sink, tripped.reason(), Duration.ofNanos(now - tripped.sinceNanos()));
    }
}
