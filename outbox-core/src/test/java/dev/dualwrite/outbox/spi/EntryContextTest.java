package dev.dualwrite.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EntryContextTest {

    private static final OutboxEntry ENTRY = OutboxEntry.delete(new Aggregate("order", "1"));

    private final Map<String, String> leftOut = new TreeMap<>();

    @Test
    void firstSourceThatKnowsANameWins() {
        var context = new EntryContext(
                List.of(() -> Map.of("tenant", "first"), () -> Map.of("tenant", "second", "trace", "t")), leftOut::put);

        assertThat(context.apply(ENTRY).headers()).containsOnly(entry("tenant", "first"), entry("trace", "t"));
    }

    @Test
    void sourceThatFailsCostsItsOwnHeadersOnly() {
        HeaderSource failing = () -> {
            throw new IllegalStateException("s3cret");
        };
        var context = new EntryContext(List.of(failing, () -> Map.of("trace", "t")), leftOut::put);

        assertThat(context.apply(ENTRY).headers()).containsOnly(entry("trace", "t"));
        assertThat(leftOut.values())
                .singleElement()
                .asString()
                .endsWith(" failed with java.lang.IllegalStateException")
                .doesNotContain("s3cret");
    }

    @Test
    void sourceThatThrowsWhatItDoesNotDeclareCostsItsOwnHeadersOnly() {
        for (Throwable failure : List.of(new IOException("s3cret"), new NoClassDefFoundError("s3cret"))) {
            leftOut.clear();
            HeaderSource failing = () -> {
                throw EntryContextTest.<RuntimeException>raise(failure);
            };
            var context = new EntryContext(List.of(failing, () -> Map.of("trace", "t")), leftOut::put);

            assertThat(context.apply(ENTRY).headers()).containsOnly(entry("trace", "t"));
            assertThat(leftOut.values())
                    .singleElement()
                    .asString()
                    .endsWith(" failed with " + failure.getClass().getName());
        }
    }

    @SuppressWarnings("unchecked") // that is how an undeclared exception is thrown
    private static <E extends Throwable> RuntimeException raise(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void withoutSourcesTheEntryIsTheSame() {
        assertThat(new EntryContext(List.of(), leftOut::put).apply(ENTRY)).isSameAs(ENTRY);
    }
}
