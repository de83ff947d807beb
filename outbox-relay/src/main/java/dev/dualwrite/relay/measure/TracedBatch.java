package dev.dualwrite.relay.measure;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.observe.CallObserver;
import dev.dualwrite.relay.observe.CalledEntries;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The spans of one batch: one for each attempt of an entry whose trace is sampled, child of the span that appended the entry.
 *
 * <p>One call of a sink serves many traces, and only one span can be the current one. It is that of the call's first traced entry,
 * so what the sink's own clients report hangs below a span that is sampled, and a lone entry has its whole story in one trace. The
 * spans of the others have the same times and a link to it; they are made after the call, when it is known what they say.
 */
final class TracedBatch implements BatchSpans {

    /** Spans are paid for one by one, and nobody reads a thousand of one call. Guessed. */
    static final int MOST_SPANS = 100;

    private final EntrySpans spans;
    private final Map<Long, Span> made = new HashMap<>();
    private int count;

    TracedBatch(EntrySpans spans) {
        this.spans = spans;
    }

    @Override
    public boolean has(long version) {
        return !made.isEmpty() && made.containsKey(version);
    }

    @Override
    public void within(long version, Runnable work) {
        Span span = made.get(version);
        if (span == null) {
            work.run();
            return;
        }
        try (Tracer.SpanInScope scope = spans.within(span)) {
            work.run();
        }
    }

    @Override
    public CallObserver calling(CalledEntries entries) {
        List<Integer> chosen = null;
        int leftOut = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (EntrySpans.isSampled(entries.entry(i))) {
                chosen = chosen == null ? new ArrayList<>() : chosen;
                if (count < MOST_SPANS) {
                    count++;
                    chosen.add(i);
                } else {
                    leftOut++;
                }
            }
        }
        return chosen == null || chosen.isEmpty() ? CallObserver.NONE : new Call(entries, chosen, leftOut);
    }

    /** One call that serves at least one traced entry. */
    private final class Call implements CallObserver {
        private final CalledEntries entries;
        private final List<Integer> chosen;
        private final long begunMicros = spans.nowMicros();
        private final Span lead;
        private final Tracer.SpanInScope scope;

        Call(CalledEntries entries, List<Integer> chosen, int leftOut) {
            this.entries = entries;
            this.chosen = chosen;
            this.lead = spans.begin(entries, chosen.get(0), begunMicros, List.of());
            lead.tag("dualwrite.call.entries", entries.size());
            if (leftOut > 0) {
                lead.tag("dualwrite.spans.left.out", leftOut);
            }
            this.scope = spans.within(lead);
        }

        @Override
        public void answered(List<ApplyResult> results) {
            scope.close();
            long endedMicros = spans.nowMicros();
            end(lead, chosen.get(0), results, endedMicros);
            var link = List.of(new Link(lead.context()));
            for (int index : chosen.subList(1, chosen.size())) {
                end(spans.begin(entries, index, begunMicros, link), index, results, endedMicros);
            }
        }

        private void end(Span span, int index, List<ApplyResult> results, long endedMicros) {
            span.tag("dualwrite.outcome", EntrySpans.outcome(results.get(index)));
            span.end(endedMicros, TimeUnit.MICROSECONDS);
            ClaimedEntry entry = entries.entry(index);
            made.put(entry.version().value(), span);
        }

        @Override
        public void failed(Throwable failure, boolean brokenOff) {
            scope.close();
            // The others are tried again in smaller calls, or wait for the store: it was no attempt of theirs.
            count -= chosen.size() - 1;
            if (brokenOff) {
                // A store that is down for hours would else be a thousand failed attempts of whichever entry stands
                // first.
                lead.tag("dualwrite.outcome", "broken_off");
                EntrySpans.thrown(lead, failure);
            } else {
                lead.tag("dualwrite.outcome", "failed");
                EntrySpans.failed(lead, failure);
            }
            lead.end(spans.nowMicros(), TimeUnit.MICROSECONDS);
        }
    }
}
