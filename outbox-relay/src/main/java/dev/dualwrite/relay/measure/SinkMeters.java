package dev.dualwrite.relay.measure;

import dev.dualwrite.relay.observe.SettledBatch;
import dev.dualwrite.relay.observe.SettledBatch.Ages;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The meters of one sink that are counted where it happens. Found once, so that a batch costs a few additions and no look-up; they
 * are there from the start, with zero, since a counter that appears with its first event hides that event. Thread-safe.
 */
final class SinkMeters {

    /** Buckets, few enough for every pod and sink: exemplars need some, and so does "how much of it is in the budget". Guessed. */
    private static final Duration[] CALLS = {
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private static final Duration[] DELAYS = {
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofHours(1)
    };

    private final Tags sink;
    private final MeterRegistry registry;
    private final Counter applied;
    private final Counter dead;
    private final Counter leasesLost;
    private final Counter[] attempts;
    private final Timer duration;
    private final Timer delay;
    private final DistributionSummary batch;

    /** Of the sink that these tags name. */
    SinkMeters(MeterRegistry registry, Tags sink) {
        this.registry = registry;
        this.sink = sink;
        this.applied = counter(
                "dualwrite.entries.applied", "Entries that left the outbox: their sink holds them or something newer");
        this.dead = counter("dualwrite.entries.dead", "Entries that became dead: they wait for a person");
        this.leasesLost = counter("dualwrite.leases.lost", "Lanes that this process lost and did not give back");
        this.attempts = new Counter[] {
            answer("applied"),
            answer("stale"),
            answer("deferred"),
            answer("rejected"),
            answer("failed"),
            answer("unknown")
        };
        this.duration = Timer.builder("dualwrite.apply.duration")
                .description("Calls of the sink, whatever came of them")
                .tags(sink)
                .serviceLevelObjectives(CALLS)
                .register(registry);
        this.delay = Timer.builder("dualwrite.apply.delay")
                .description(
                        "Time from an entry's append until the call answered that gave its sink it or something newer")
                .tags(sink)
                .serviceLevelObjectives(DELAYS)
                .register(registry);
        this.batch = DistributionSummary.builder("dualwrite.batch.entries")
                .description("Entries of each batch that was settled")
                .baseUnit("entries")
                .tags(sink)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).tags(sink).register(registry);
    }

    private Counter answer(String outcome) {
        return Counter.builder("dualwrite.attempts")
                .description("Answers of the sink, one for each entry that it was asked for and that was settled")
                .tags(sink.and("outcome", outcome))
                .register(registry);
    }

    void called(long nanos) {
        duration.record(nanos, TimeUnit.NANOSECONDS);
    }

    void lanesLost(int lanes) {
        leasesLost.increment(lanes);
    }

    /** All of it but the delays. */
    void settled(SettledBatch settled) {
        batch.record(settled.entries());
        add(applied, settled.done().versions().length + settled.superseded());
        add(dead, settled.dead());
        Answers answers = settled.answers();
        add(attempts[0], answers.applied());
        add(attempts[1], answers.stale());
        add(attempts[2], answers.deferred());
        add(attempts[3], answers.rejected());
        add(attempts[4], answers.failed());
        add(attempts[5], answers.unknown());
    }

    void delay(Ages ages, int index) {
        delay.record(ages.micros()[index], TimeUnit.MICROSECONDS);
    }

    private static void add(Counter counter, int count) {
        if (count > 0) {
            counter.increment(count);
        }
    }
}
