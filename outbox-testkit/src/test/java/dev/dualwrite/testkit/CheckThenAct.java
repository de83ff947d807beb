package dev.dualwrite.testkit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeoutException;

/** A sink that reads the version in one step and writes in another; two calls that meet in between end the wrong way. */
final class CheckThenAct implements Sink {

    private static final int ALONE_MS = 500;

    private final MemoryStore store;
    private final Exchanger<ClaimedEntry> gap = new Exchanger<>();

    CheckThenAct(MemoryStore store) {
        this.store = store;
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws InterruptedException {
        var results = new ArrayList<ApplyResult>();
        for (ClaimedEntry entry : entries) {
            boolean newer = store.isNewer(entry);
            writeAfterTheNewerOfTheTwo(entry);
            results.add(newer ? ApplyResult.applied() : ApplyResult.stale());
        }
        return results;
    }

    private void writeAfterTheNewerOfTheTwo(ClaimedEntry entry) throws InterruptedException {
        try {
            ClaimedEntry other = gap.exchange(entry, ALONE_MS, MILLISECONDS);
            if (other.version().compareTo(entry.version()) > 0) {
                gap.exchange(entry);
                store.put(entry);
            } else {
                store.put(entry);
                gap.exchange(entry);
            }
        } catch (TimeoutException e) {
            store.put(entry);
        }
    }
}
