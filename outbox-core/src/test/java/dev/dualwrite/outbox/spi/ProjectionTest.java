package dev.dualwrite.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.Projection.Source;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    private static final List<Source> SAMPLES =
            List.of(new Source(new Aggregate("order", "1"), Map.of("total", 12, "tags", List.of("a"))));

    @Test
    void pureProjectionHasNoFindings() {
        assertThat(check(source -> Optional.of(Map.of("amount", source.state().get("total")))))
                .isEmpty();
        assertThat(check(source -> Optional.empty())).isEmpty();
    }

    @Test
    void sampleComesWithNumbersAsAtRunTime() {
        assertThat(check(source ->
                        Optional.of(Map.of("amount", (BigDecimal) source.state().get("total")))))
                .isEmpty();
    }

    @Test
    void projectionWithoutASampleIsNoticed() {
        Projection projection = of(source -> Optional.empty());

        assertThat(projection.check(List.of())).containsExactly("there is no sample, expected at least one");
    }

    @Test
    void anotherAnswerTheSecondTimeIsNoticed() {
        var calls = new AtomicInteger();

        assertThat(check(source -> Optional.of(Map.of("n", calls.incrementAndGet()))))
                .containsExactly("sample 1 gives another answer the second time, expected the same");
    }

    @Test
    void changedSourceIsNoticedAlsoDeepInside() {
        assertThat(check(source -> {
                    ((List<?>) source.state().get("tags")).clear();
                    return Optional.empty();
                }))
                .containsExactly("sample 1 is changed by the projection, expected that it leaves its source as it is");
    }

    @Test
    void valueThatIsNotJsonIsNoticed() {
        assertThat(check(source -> Optional.of(Map.of("due", LocalDate.EPOCH))))
                .singleElement()
                .asString()
                .startsWith("sample 1 fails: the value at '/due' is a java.time.LocalDate");
    }

    @Test
    void everySampleIsLookedAt() {
        Projection projection = of(source ->
                Optional.of(Map.of("amount", source.state().get("total").toString())));
        var bad = new Source(new Aggregate("order", "2"), Map.of());

        assertThat(projection.check(List.of(bad, SAMPLES.get(0), bad)))
                .hasSize(2)
                .allSatisfy(finding -> assertThat(finding).contains("fails: java.lang.NullPointerException at "));
    }

    @Test
    void errorThatASampleProvokesIsAFinding() {
        assertThat(check(source -> {
                    throw new AssertionError("no such state");
                }))
                .singleElement()
                .asString()
                .startsWith("sample 1 fails: java.lang.AssertionError at ")
                .endsWith("no such state");
    }

    private static List<String> check(Function<Source, Optional<Map<String, Object>>> function) {
        return of(function).check(SAMPLES);
    }

    private static Projection of(Function<Source, Optional<Map<String, Object>>> function) {
        return new Projection() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public int version() {
                return 1;
            }

            @Override
            public Map<String, Integer> takes() {
                return Map.of("order", 1);
            }

            @Override
            public Optional<Map<String, Object>> project(Source source) {
                return function.apply(source);
            }

            @Override
            public List<Source> samples() {
                return SAMPLES;
            }
        };
    }
}
