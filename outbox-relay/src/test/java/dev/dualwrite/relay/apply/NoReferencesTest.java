package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.LoadsReferences;
import dev.dualwrite.relay.sink.TellsUnknown;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** References stay away from sinks that nobody loads for. */
class NoReferencesTest {

    private final List<ClaimedEntry> seen = new ArrayList<>();
    private final Sink sink = entries -> {
        seen.addAll(entries);
        return entries.stream().map(e -> ApplyResult.stale()).toList();
    };

    @Test
    void referencesAreUnknownAndTheOthersKeepTheirAnswers() throws Exception {
        ClaimedEntry delete = entry(2, Operation.DELETE);

        List<ApplyResult> results = NoReferences.around(sink)
                .apply(List.of(entry(1, Operation.REFERENCE), delete, entry(3, Operation.REFERENCE)));

        assertThat(seen).containsExactly(delete);
        assertThat(results).hasSize(3).element(1).isEqualTo(ApplyResult.stale());
        assertThat(results.get(0)).isInstanceOf(ApplyResult.Unknown.class).isEqualTo(results.get(2));
    }

    @Test
    void answersThatAreTooManyAreNotTakenForOneEach() throws Exception {
        Sink wrong = entries -> List.of(ApplyResult.applied(), ApplyResult.applied());

        assertThat(NoReferences.around(wrong).apply(List.of(entry(1, Operation.REFERENCE), entry(2, Operation.DELETE))))
                .hasSizeLessThan(2);
    }

    @Test
    void sinkThatLoadsIsLeftAsItIsAlsoBehindOneThatTells() {
        class Loading implements Sink, LoadsReferences {
            @Override
            public List<ApplyResult> apply(List<ClaimedEntry> entries) {
                return List.of();
            }

            @Override
            public boolean loadsReferences() {
                return true;
            }
        }
        Sink loading = new TellsUnknown("copy", new Loading());

        assertThat(NoReferences.around(loading)).isSameAs(loading);
        assertThat(NoReferences.around(new TellsUnknown("copy", sink))).isInstanceOf(NoReferences.class);
    }

    private static ClaimedEntry entry(long version, Operation operation) {
        return new ClaimedEntry(
                new Version(version),
                0,
                Aggregate.of("order", version),
                operation,
                null,
                "order",
                1,
                Map.of(),
                Instant.EPOCH);
    }
}
