package dev.dualwrite.spring.measure;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import dev.dualwrite.spring.operate.OutboxWatch;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How the outbox stands, as the primary says: the same from every process that measures it. Not a number where the last look failed,
 * so that a graph has a gap and not a line that lies. Gauges of sinks that become known later come later. Thread-safe; reading a gauge
 * never blocks.
 */
final class OutboxGauges {

    private static final List<String> STATES = List.of("running", "paused", "tripped", "uncarried");

    private final MeterRegistry registry;
    private final OutboxWatch watch;
    private final Set<String> sinks = ConcurrentHashMap.newKeySet();

    private OutboxGauges(MeterRegistry registry, OutboxWatch watch) {
        this.registry = registry;
        this.watch = watch;
    }

    /** Gauges for these sinks from the start, and for every other one that the primary knows; begins to look at the primary. */
    static OutboxGauges register(MeterRegistry registry, OutboxWatch watch, Collection<String> sinks) {
        var gauges = new OutboxGauges(registry, watch);
        gauges.ofTheWhole();
        sinks.forEach(gauges::add);
        watch.onLook(look -> {
            Overview overview = look.overview();
            if (overview != null) {
                overview.sinks().forEach(sink -> gauges.add(sink.sink()));
            }
        });
        return gauges;
    }

    private void ofTheWhole() {
        Gauge.builder(
                        "dualwrite.primary.measured",
                        watch,
                        primary -> primary.latest().isPresent() ? 1 : 0)
                .description("1 if the last look at the primary worked; 0: the other measured gauges are not a number")
                .register(registry);
        Gauge.builder(
                        "dualwrite.relays",
                        watch,
                        primary -> primary.latest()
                                .map(overview -> (double) overview.livingRelays())
                                .orElse(Double.NaN))
                .description("Relays that are alive")
                .register(registry);
    }

    private void add(String sink) {
        if (!sinks.add(sink)) {
            return;
        }
        var lag = new Gauged("dualwrite.lag", "Age of the oldest entry that can still get on by itself");
        gauge(lag.in("seconds"), sink, known -> seconds(known.backlog().lag()));
        var backlog = new Gauged("dualwrite.backlog", "Entries that are not applied");
        gauge(backlog.in("entries"), sink, known -> known.backlog().entries());
        var held = new Gauged("dualwrite.entries.held", "Entries that failed, or wait behind one that did");
        gauge(held.at("dead"), sink, known -> known.backlog().dead());
        gauge(held.at("blocked"), sink, known -> known.backlog().blocked());
        gauge(held.at("backing_off"), sink, known -> known.backlog().backingOff());
        var inState = new Gauged("dualwrite.sink.state", "1 for the state that the sink is in, 0 for the others");
        for (String state : STATES) {
            gauge(inState.at(state), sink, known -> state.equals(stateOf(known)) ? 1 : 0);
        }
        var unheld = new Gauged("dualwrite.shards.unheld", "Lanes that no living relay holds");
        gauge(unheld, sink, SinkOverview::unheldLanes);
    }

    /** What is measured of a sink. */
    private record Gauged(
            String name,
            String description,
            @Nullable String unit,
            @Nullable String state) {

        Gauged(String name, String description) {
            this(name, description, null, null);
        }

        Gauged in(String baseUnit) {
            return new Gauged(name, description, baseUnit, state);
        }

        Gauged at(String tagged) {
            return new Gauged(name, description, unit, tagged);
        }
    }

    private void gauge(Gauged what, String sink, ToDoubleFunction<SinkOverview> value) {
        var tags = Tags.of("sink", sink);
        Gauge.builder(what.name(), watch, primary -> of(primary, sink, value))
                .description(what.description())
                .baseUnit(what.unit())
                .tags(what.state() == null ? tags : tags.and("state", what.state()))
                .register(registry);
    }

    private static double of(OutboxWatch primary, String sink, ToDoubleFunction<SinkOverview> value) {
        Optional<SinkOverview> known = primary.latest().stream()
                .flatMap(overview -> overview.sinks().stream())
                .filter(one -> one.sink().equals(sink))
                .findFirst();
        return known.isPresent() ? value.applyAsDouble(known.get()) : Double.NaN;
    }

    /** That nobody carries it matters only where nothing else keeps it from running. */
    private static String stateOf(SinkOverview sink) {
        return sink.state().equals("running") && sink.relays() == 0 ? "uncarried" : sink.state();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / (double) TimeUnit.SECONDS.toMillis(1);
    }
}
