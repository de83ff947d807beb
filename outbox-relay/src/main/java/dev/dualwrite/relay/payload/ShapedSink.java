package dev.dualwrite.relay.payload;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sink that gets what a {@link PayloadChain} makes of each payload, and is spared what that refuses. Deletions carry no payload
 * and pass. As thread-safe as the sink.
 */
final class ShapedSink implements Sink {

    private final Sink sink;
    private final PayloadChain chain;

    ShapedSink(Sink sink, PayloadChain chain) {
        this.sink = sink;
        this.chain = chain;
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public boolean takesEncodedPayloads() {
        return sink.takesEncodedPayloads();
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        if (entries.stream().allMatch(entry -> chain.leaves(entry.payload()))) {
            return sink.apply(entries);
        }
        boolean encoded = sink.takesEncodedPayloads();
        var fit = new ArrayList<ClaimedEntry>(entries.size());
        var refusals = new ArrayList<@Nullable ApplyResult>(entries.size());
        for (ClaimedEntry entry : entries) {
            byte[] payload = entry.payload();
            Shaped shaped = payload == null
                    ? null
                    : chain.shape(
                            entry.aggregate(), new State(payload, entry.payloadType(), entry.schemaVersion()), encoded);
            if (shaped instanceof Shaped.Refused refused) {
                refusals.add(refused.result());
            } else {
                refusals.add(null);
                fit.add(shaped == null ? entry : with(shaped, entry));
            }
        }
        return together(refusals, fit.isEmpty() ? List.of() : sink.apply(fit));
    }

    private static ClaimedEntry with(Shaped shaped, ClaimedEntry entry) {
        if (shaped instanceof Shaped.Ready ready) {
            return ready.state().payload() == entry.payload() ? entry : entry.with(ready.state());
        }
        return entry.asDeletion();
    }

    private List<ApplyResult> together(List<@Nullable ApplyResult> refusals, @Nullable List<ApplyResult> answers) {
        int asked = (int) refusals.stream().filter(refusal -> refusal == null).count();
        if (answers == null || answers.size() != asked) {
            // Not for the relay to find out: as many answers as the whole batch would be taken for other entries'.
            throw new OutboxConfigurationException(List.of("sink "
                    + sink.getClass().getName() + " answered "
                    + (answers == null ? "null" : answers.size() + " results") + ", expected one result for each of "
                    + asked + " entries, of a batch of " + refusals.size() + ". Next: correct the sink"));
        }
        if (asked == refusals.size()) {
            return answers;
        }
        var all = new ArrayList<ApplyResult>(refusals.size());
        int next = 0;
        for (ApplyResult refusal : refusals) {
            all.add(refusal != null ? refusal : answers.get(next++));
        }
        return all;
    }
}
