package dev.dualwrite.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A sink of a user who writes down what comes: which payloads, in which order, in which calls. */
class RecordingSink implements Sink {

    /** What an entry's payload makes the sink do. */
    @FunctionalInterface
    interface Behaviour {
        ApplyResult of(ClaimedEntry entry) throws Exception;
    }

    /** What happens at the beginning of each call. */
    @FunctionalInterface
    interface Beginning {
        void of(int call) throws Exception;
    }

    final Map<String, List<String>> appliedByAggregate = new ConcurrentHashMap<>();
    final List<Integer> callSizes = new CopyOnWriteArrayList<>();

    /** Like a log, unless a test says otherwise: then the order of everything that was committed can be seen. */
    volatile boolean keepsEveryEntry = true;

    volatile Behaviour behaviour = entry -> ApplyResult.applied();

    /** Is given the number of the call, from 1 on. */
    volatile Beginning beginning = call -> {};

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        callSizes.add(entries.size());
        beginning.of(callSizes.size());
        var results = new ArrayList<ApplyResult>();
        // Like a store with transactions: a call that fails leaves nothing.
        for (ClaimedEntry entry : entries) {
            results.add(behaviour.of(entry));
        }
        for (int i = 0; i < entries.size(); i++) {
            if (results.get(i) instanceof ApplyResult.Applied) {
                appliedByAggregate
                        .computeIfAbsent(entries.get(i).aggregate().id(), id -> new CopyOnWriteArrayList<>())
                        .add(payload(entries.get(i)));
            }
        }
        return results;
    }

    @Override
    public boolean keepsEveryEntry() {
        return keepsEveryEntry;
    }

    List<String> applied(Object id) {
        return appliedByAggregate.getOrDefault(id.toString(), List.of());
    }

    int appliedCount() {
        return appliedByAggregate.values().stream().mapToInt(List::size).sum();
    }

    static String payload(ClaimedEntry entry) {
        byte[] payload = entry.payload();
        return payload == null ? "deleted" : new String(payload, UTF_8);
    }

    /** What a driver does that ignores its interrupt. */
    static void awaitUninterruptibly(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException e) {
                // As a driver that ignores its interrupt.
            }
        }
    }
}
