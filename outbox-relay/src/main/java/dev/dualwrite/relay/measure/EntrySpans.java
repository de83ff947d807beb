package dev.dualwrite.relay.measure;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.observe.CalledEntries;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of the entries of one sink. Neither payload nor aggregate id is in them: an id can name a person. Thread-safe.
 *
 * @param clock for their times, which are given: most are made after the call that they are of
 */
record EntrySpans(Tracer tracer, Propagator propagator, String sink, Clock clock) implements SinkTracing {

    private static final String TRACE_PARENT = "traceparent";

    // 00-<32 digits of the trace>-<16 of the span>-<2 of flags>; later versions of the format may be longer.
    private static final int LAST_FLAG = 54;

    @Override
    public BatchSpans batch() {
        return new TracedBatch(this);
    }

    /** Whether the entry was appended in a trace that is kept. */
    static boolean isSampled(ClaimedEntry entry) {
        String parent = entry.headers().get(TRACE_PARENT);
        return parent != null
                && parent.length() > LAST_FLAG
                && (Character.digit(parent.charAt(LAST_FLAG), 16) & 1) == 1
                && Character.digit(parent.charAt(LAST_FLAG), 16) >= 0;
    }

    Span begin(CalledEntries entries, int index, long beginMicros, List<Link> links) {
        ClaimedEntry entry = entries.entry(index);
        Span.Builder span = propagator
                .extract(entry.headers(), Map::get)
                .kind(Span.Kind.CONSUMER)
                .name("dualwrite apply " + sink)
                .tag("dualwrite.sink", sink)
                .tag("dualwrite.aggregate.type", entry.aggregate().type())
                .tag("dualwrite.attempt", entries.attempt(index))
                .startTimestamp(beginMicros, TimeUnit.MICROSECONDS);
        links.forEach(span::addLink);
        return span.start();
    }

    Tracer.SpanInScope within(Span span) {
        return tracer.withSpan(span);
    }

    long nowMicros() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    }

    /** The class alone: the message of a store may quote what it was given. */
    static void thrown(Span span, Throwable failure) {
        span.tag("error.type", failure.getClass().getName());
    }

    /** The same, as an error. */
    static void failed(Span span, Throwable failure) {
        thrown(span, failure);
        span.error(new FailedCallException(failure.getClass().getName()));
    }

    static String outcome(@Nullable ApplyResult result) {
        if (result instanceof ApplyResult.Applied) {
            return "applied";
        } else if (result instanceof ApplyResult.Stale) {
            return "stale";
        } else if (result instanceof ApplyResult.Deferred) {
            return "deferred";
        } else if (result instanceof ApplyResult.Rejected) {
            return "rejected";
        }
        return result instanceof ApplyResult.Unknown ? "unknown" : "failed";
    }

    /** Stands in a span for what a sink threw. */
    private static final class FailedCallException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FailedCallException(String type) {
            super(type, null, false, false);
        }
    }
}
