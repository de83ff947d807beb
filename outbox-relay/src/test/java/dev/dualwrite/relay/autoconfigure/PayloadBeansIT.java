package dev.dualwrite.relay.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.internal.LoggedEvents;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What is wrong with upcasters and projections is found at the start, all of it at once. */
class PayloadBeansIT {

    @Test
    void mistakesInUpcastersAndProjectionsStandInTheOneReport() {
        Pod.at(TestDatabases.create())
                .withBean("copy", Sink.class, () -> entries -> List.of())
                .withBean("other", Sink.class, () -> entries -> List.of())
                .withBean("one", Upcaster.class, () -> new Step("order", 1))
                .withBean("three", Upcaster.class, () -> new Step("order", 3))
                .withBean("failing", Projection.class, Failing::new)
                .withPropertyValues(
                        "dualwrite.sinks.copy.projection=failing",
                        "dualwrite.sinks.other.projection=unheard-of",
                        "dualwrite.relay.threads=1000")
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .satisfiesExactlyInAnyOrder(
                                m -> assertThat(m).contains("dualwrite.relay.threads is 1000"),
                                m -> assertThat(m).contains("but none from 'order' version 2. Next: "),
                                m -> assertThat(m)
                                        .contains(
                                                "dualwrite.sinks.copy.projection is 'failing'",
                                                "sample 1 fails: java.lang.IllegalStateException at "),
                                m -> assertThat(m)
                                        .contains(
                                                "dualwrite.sinks.other.projection is 'unheard-of'",
                                                "there are [failing]. Next: ")));
    }

    @Test
    void chainThatEndsBeyondWhatASinkKnowsIsAMistake() {
        Pod.at(TestDatabases.create())
                .withBean("copy", Sink.class, () -> entries -> List.of())
                .withBean(Upcaster.class, () -> new Step("order", 1))
                .withPropertyValues("dualwrite.sinks.copy.payload-types.order=1")
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .containsExactly(
                                "dualwrite.sinks.copy.payload-types is {order=1}, but upcasters lead from payload"
                                        + " type 'order' to 'order' version 2. Next: set order=2 in"
                                        + " dualwrite.sinks.copy.payload-types"));
    }

    // Old payloads would reach the mapping as if they were of the version that it knows.
    @Test
    void chainWhoseLastStepIsMissingIsAMistake() {
        Pod.at(TestDatabases.create())
                .withBean("copy", Sink.class, () -> entries -> List.of())
                .withBean("other", Sink.class, () -> entries -> List.of())
                .withBean("third", Sink.class, () -> entries -> List.of())
                .withBean("one", Upcaster.class, () -> new Step("order", 1))
                .withBean("two", Upcaster.class, () -> new Renaming("order", 2, "purchase"))
                .withBean("shape", Projection.class, () -> new Taking(Map.of("purchase", 4)))
                .withPropertyValues(
                        "dualwrite.sinks.copy.payload-types.purchase=4",
                        "dualwrite.sinks.other.projection=shape",
                        "dualwrite.sinks.third.payload-types.refund=9")
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .containsExactly(
                                "dualwrite.sinks.copy.payload-types is {purchase=4}, but upcasters lead from payload type"
                                        + " 'order' to 'purchase' version 3. Next: declare an Upcaster bean from"
                                        + " 'purchase' version 3",
                                "takes() of projection 'shape' is {purchase=4}, but upcasters lead from payload type"
                                        + " 'order' to 'purchase' version 3. Next: declare an Upcaster bean from"
                                        + " 'purchase' version 3"));
    }

    @Test
    void projectionThatTakesNothingOrLessThanAllowedIsAMistake() {
        Pod.at(TestDatabases.create())
                .withBean("copy", Sink.class, () -> entries -> List.of())
                .withBean("other", Sink.class, () -> entries -> List.of())
                .withBean("nothing", Projection.class, () -> new Taking(Map.of()))
                .withBean("older", Projection.class, () -> new Taking(Map.of("order", 2)))
                .withPropertyValues(
                        "dualwrite.sinks.copy.projection=nothing",
                        "dualwrite.sinks.other.projection=older",
                        "dualwrite.sinks.other.payload-types.order=3")
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .satisfiesExactlyInAnyOrder(
                                m -> assertThat(m).contains("projection is 'nothing'", "takes() is empty, expected"),
                                m -> assertThat(m)
                                        .contains(
                                                "dualwrite.sinks.other.payload-types.order is 3, but projection 'older'"
                                                        + " takes {order=2}. Next: ")));
    }

    @Test
    void samplesThatCannotBeMadeStandInTheOneReport() {
        Pod.at(TestDatabases.create())
                .withBean("copy", Sink.class, () -> entries -> List.of())
                .withBean("shape", Projection.class, WithoutSamples::new)
                .withPropertyValues("dualwrite.sinks.copy.projection=shape", "dualwrite.relay.threads=1000")
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .satisfiesExactlyInAnyOrder(
                                m -> assertThat(m).contains("dualwrite.relay.threads is 1000"),
                                m -> assertThat(m).contains("samples() or check() fails: ", "no file. Next: ")));
    }

    @Test
    void upcasterThatNeedsWhatWaitsForDualwriteIsAMistakeThatSaysSo() {
        for (Class<?> circular : List.of(UpcasterInACircle.class, ProjectionInACircle.class)) {
            Pod.at(TestDatabases.create())
                    .withBean("copy", Sink.class, () -> entries -> List.of())
                    .withUserConfiguration(circular)
                    .withPropertyValues("dualwrite.relay.threads=1000")
                    .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                            .satisfiesExactlyInAnyOrder(
                                    m -> assertThat(m).contains("dualwrite.relay.threads is 1000"),
                                    m -> assertThat(m).contains("InACircle'", ". Next: make its @Bean method static")));
        }
    }

    @Test
    void projectionDoesNotGetWhatItDoesNotTake() throws Exception {
        var seen = new ArrayList<String>();
        var payloads = new Payloads(
                List.of(), List.of(), Map.of("older", new Taking(Map.of("order", 2))), Map.of(), List.of());
        SinkSettings settings = new Binder(new MapConfigurationPropertySource(Map.of("s.projection", "older")))
                .bind("s", SinkSettings.class)
                .get();

        List<ApplyResult> results = payloads.chainOf("copy", settings)
                .around(entries -> {
                    entries.forEach(entry -> seen.add(entry.payloadType() + entry.schemaVersion()));
                    return Collections.nCopies(entries.size(), ApplyResult.applied());
                })
                .apply(List.of(entry("order", 2), entry("order", 3), entry("refund", 1)));

        assertThat(seen).containsExactly("order2");
        assertThat(results)
                .containsExactly(
                        ApplyResult.applied(),
                        ApplyResult.unknown("schema version of payload type 'order' is 3, this sink knows it up to 2"),
                        ApplyResult.unknown("payload type is 'refund', this sink knows [order]"));
    }

    private static ClaimedEntry entry(String type, int version) {
        return new ClaimedEntry(
                new Version(1),
                0,
                new Aggregate("order", "1"),
                Operation.UPSERT,
                "{}".getBytes(UTF_8),
                type,
                version,
                Map.of(),
                Instant.EPOCH);
    }

    @Test
    void projectionInUseIsToldWithItsVersion() {
        try (var logged = new LoggedEvents()) {
            Pod.at(TestDatabases.create())
                    .withBean("copy", Sink.class, () -> entries -> List.of())
                    .withBean("shape", Projection.class, Same::new)
                    .withPropertyValues("dualwrite.sinks.copy.projection=shape")
                    .run(pod -> assertThat(pod).hasNotFailed());

            assertThat(logged.of("projection_used"))
                    .containsExactly("projection_used sink=copy projection=same version=3");
        }
    }

    private static List<String> mistakes(Throwable failure) {
        Throwable root = failure;
        while (!(root instanceof OutboxConfigurationException)) {
            root = root.getCause();
        }
        return ((OutboxConfigurationException) root).mistakes();
    }

    private record Step(String payloadType, int fromVersion) implements Upcaster {
        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            return payload;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class UpcasterInACircle {
        UpcasterInACircle(Outbox outbox) {}

        @Bean
        Upcaster step() {
            return new Step("order", 1);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ProjectionInACircle {
        ProjectionInACircle(Outbox outbox) {}

        @Bean
        Projection shape() {
            return new Same();
        }
    }

    private record Renaming(String payloadType, int fromVersion, String toPayloadType) implements Upcaster {
        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            return payload;
        }
    }

    private static final class WithoutSamples extends Same {
        @Override
        public List<Source> samples() {
            throw new IllegalStateException("no file");
        }
    }

    private static final class Taking extends Same {
        private final Map<String, Integer> takes;

        Taking(Map<String, Integer> takes) {
            this.takes = takes;
        }

        @Override
        public Map<String, Integer> takes() {
            return takes;
        }
    }

    private static class Same implements Projection {
        @Override
        public String name() {
            return "same";
        }

        @Override
        public int version() {
            return 3;
        }

        @Override
        public Map<String, Integer> takes() {
            return Map.of("order", 1);
        }

        @Override
        public Optional<Map<String, Object>> project(Source source) {
            return Optional.of(source.state());
        }

        @Override
        public List<Source> samples() {
            return List.of(new Source(new Aggregate("order", "1"), Map.of("a", "b")));
        }
    }

    private static final class Failing extends Same {
        @Override
        public Optional<Map<String, Object>> project(Source source) {
            throw new IllegalStateException("no");
        }
    }
}
