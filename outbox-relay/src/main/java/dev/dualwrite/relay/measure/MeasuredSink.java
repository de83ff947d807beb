package dev.dualwrite.relay.measure;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.observe.CallObserver;
import dev.dualwrite.relay.observe.CalledEntries;
import dev.dualwrite.relay.observe.SettledBatch;
import dev.dualwrite.relay.observe.SettledBatch.Ages;
import dev.dualwrite.relay.observe.SinkObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures the work for one sink: meters, if there is a registry, and spans, if there is a tracer. What is measured of a traced entry
 * is recorded while its span is the current one, so that a registry can keep the trace as an exemplar. Thread-safe.
 */
final class MeasuredSink implements SinkObserver {

    private final @Nullable SinkMeters meters;
    private final SinkTracing tracing;

    MeasuredSink(@Nullable SinkMeters meters, SinkTracing tracing) {
        this.meters = meters;
        this.tracing = tracing;
    }

    @Override
    public BatchObserver batch() {
        return new MeasuredBatch(tracing.batch());
    }

    @Override
    public void lanesLost(int lanes) {
        if (meters != null) {
            meters.lanesLost(lanes);
        }
    }

    private final class MeasuredBatch implements BatchObserver {
        private final BatchSpans spans;

        MeasuredBatch(BatchSpans spans) {
            this.spans = spans;
        }

        @Override
        public CallObserver calling(CalledEntries entries) {
            return new MeasuredCall(spans.calling(entries));
        }

        @Override
        public void settled(SettledBatch batch) {
            if (meters == null) {
                return;
            }
            meters.settled(batch);
            Ages ages = batch.done();
            for (int i = 0; i < ages.versions().length; i++) {
                long version = ages.versions()[i];
                if (spans.has(version)) {
                    int index = i;
                    spans.within(version, () -> meters.delay(ages, index));
                } else {
                    meters.delay(ages, i);
                }
            }
        }
    }

    private final class MeasuredCall implements CallObserver {
        private final CallObserver spans;
        private final long begunNanos = System.nanoTime();

        MeasuredCall(CallObserver spans) {
            this.spans = spans;
        }

        @Override
        public void answered(List<ApplyResult> results) {
            try {
                record();
            } finally {
                spans.answered(results);
            }
        }

        @Override
        public void failed(Throwable failure, boolean brokenOff) {
            try {
                record();
            } finally {
                spans.failed(failure, brokenOff);
            }
        }

        private void record() {
            if (meters != null) {
                meters.called(System.nanoTime() - begunNanos);
            }
        }
    }
}
