package dev.dualwrite.relay.apply;

import dev.dualwrite.bench.micro.MicroEntries;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A batch of a thousand entries, ten for each aggregate, on its way to a sink that answers at once. */
@State(Scope.Benchmark)
public class CoalesceBenchmark {

    private static final int ENTRIES_PER_ORDER = 10;
    private static final Sink AT_ONCE = entries -> Collections.nCopies(entries.size(), ApplyResult.applied());
    private static final RetryPolicy RETRY =
            new RetryPolicy(10, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)), Duration.ofHours(1));
    private static final ConfiguredSink COPY =
            new ConfiguredSink("copy", (short) 1, AT_ONCE, RETRY, Duration.ofSeconds(1));

    private final List<Candidate> batch =
            MicroEntries.batch(ENTRIES_PER_ORDER).stream().map(Candidate::fresh).toList();

    /** The number of entries that were done, which must be all. */
    @Benchmark
    @OperationsPerInvocation(MicroEntries.BATCH)
    public int coalesce() throws InterruptedException {
        int done = new BatchApplier(COPY, new SplittableRandom(1), false, BatchObserver.NONE)
                .apply(batch)
                .done()
                .size();
        if (done != MicroEntries.BATCH) {
            throw new IllegalStateException(done + " entries were done, expected " + MicroEntries.BATCH);
        }
        return done;
    }
}
