package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.OutboxEntry;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Adds to an entry what the {@link HeaderSource}s know. As thread-safe as they are; does no I/O and throws nothing, whatever
 * they do.
 */
public final class EntryContext implements UnaryOperator<OutboxEntry> {

    private final List<HeaderSource> sources;
    private final BiConsumer<String, String> leftOut;

    /**
     * The context of some sources.
     *
     * @param sources the first one wins
     * @param leftOut gets each problem, the name of the header or source first, then one sentence without a value; it may come
     *     often
     */
    public EntryContext(List<HeaderSource> sources, BiConsumer<String, String> leftOut) {
        this.sources = List.copyOf(sources);
        this.leftOut = leftOut;
    }

    @Override
    public OutboxEntry apply(OutboxEntry entry) {
        OutboxEntry known = entry;
        for (HeaderSource source : sources) {
            try {
                known = known.headersIfAbsent(source.headers(), leftOut);
            } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
                // Whatever it throws, undeclared or for a missing class: the business transaction goes on.
                // Only the class: a message may quote what must not be logged.
                leftOut.accept(
                        source.getClass().getName(),
                        "the source of headers " + source.getClass().getName() + " failed with "
                                + e.getClass().getName());
            }
        }
        return known;
    }
}
