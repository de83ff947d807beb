package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.internal.LoggedEvents;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
                                        + " type 'order' to 'order' version 2. Next: add order=2 to"
                                        + " dualwrite.sinks.copy.payload-types"));
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
