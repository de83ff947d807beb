package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {

    private final List<String> turns = new ArrayList<>();
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final Progress progress = new Progress(new PrintStream(shown, true, StandardCharsets.UTF_8));

    @Test
    void eachRoundBeginsWithAnotherContender() throws Exception {
        new Rounds(progress, new Extent(3, 0, 1)).measure(List.of(contender("a"), contender("b"), contender("c")));

        assertThat(turns).containsExactly("a", "b", "c", "b", "c", "a", "c", "a", "b");
    }

    @Test
    void warmUpsAreMeasuredAndDoNotCount() throws Exception {
        Results results = new Rounds(progress, new Extent(2, 1, 1)).measure(List.of(contender("a")));

        assertThat(turns).hasSize(3);
        assertThat(results.all("a", Metric.SECONDS)).containsExactly(2.0, 3.0);
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("warm-up, a: 1.00 s", "round 2 of 2, a: 3.00 s");
    }

    private Contender contender(String name) {
        return new Contender() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Map<Metric, Double> measure() {
                turns.add(name);
                return Map.of(Metric.SECONDS, (double) turns.size());
            }
        };
    }
}
