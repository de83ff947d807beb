package dev.dualwrite.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A sink that was made for one caller at a time: the batch at hand is a field. */
final class SharedBatch implements Sink {

    private final MemoryStore store;
    private final CountDownLatch bothIn = new CountDownLatch(2);
    private volatile List<ClaimedEntry> batch = List.of();

    SharedBatch(MemoryStore store) {
        this.store = store;
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws InterruptedException {
        batch = entries;
        // The mistake shows at once, not once in a thousand runs.
        boolean met = bothIn.getCount() == 0;
        bothIn.countDown();
        return met || bothIn.await(10, SECONDS) ? store.apply(batch) : List.of();
    }
}
