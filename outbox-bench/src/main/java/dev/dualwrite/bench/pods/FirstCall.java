package dev.dualwrite.bench.pods;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets the drain begin, and knows when: at the first call of any sink since it was armed. Thread-safe. */
final class FirstCall {

    private volatile CountDownLatch called = new CountDownLatch(1);

    void arm() {
        called = new CountDownLatch(1);
    }

    /** Blocks until some sink is called. */
    void await(Duration patience) throws InterruptedException {
        if (!called.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("no sink was called within " + patience);
        }
    }

    /** The same sink, that tells of its calls. */
    Sink of(Sink sink) {
        return new Telling(sink);
    }

    private final class Telling implements Sink {
        private final Sink sink;

        Telling(Sink sink) {
            this.sink = sink;
        }

        @Override
        public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
            called.countDown();
            return sink.apply(entries);
        }
    }
}
