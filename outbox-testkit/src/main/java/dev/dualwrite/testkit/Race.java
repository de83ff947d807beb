package dev.dualwrite.testkit;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Runs calls on threads of their own that start together. */
final class Race {

    /** As often as this, an attempt that fails is made again, as the relay would: a store may let one of two racers fail. */
    private static final int ATTEMPTS = 10;

    /** What a thread does. */
    @FunctionalInterface
    interface Racer {
        void run() throws Exception;
    }

    private Race() {}

    /** Returns when all have ended; fails if one throws, or takes longer than this. */
    static void run(Duration patience, Racer... racers) throws Exception {
        var start = new CyclicBarrier(racers.length);
        List<CompletableFuture<Void>> ends = Stream.of(racers)
                .map(racer -> start(() -> {
                    start.await();
                    racer.run();
                }))
                .toList();
        for (CompletableFuture<Void> end : ends) {
            await(end, patience);
        }
    }

    /** Repeats an attempt that fails. */
    static Racer withRetries(Racer racer) {
        return () -> {
            var failure = new IllegalStateException("apply failed " + ATTEMPTS + " times in a row");
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                try {
                    racer.run();
                    return;
                } catch (Exception e) {
                    failure.addSuppressed(e);
                }
            }
            throw failure;
        };
    }

    private static CompletableFuture<Void> start(Racer racer) {
        var end = new CompletableFuture<Void>();
        thread(() -> {
                    try {
                        racer.run();
                        end.complete(null);
                    } catch (Throwable e) {
                        end.completeExceptionally(e);
                    }
                })
                .start();
        return end;
    }

    /** A thread for calls of the sink; it does not keep the JVM if the sink never returns. */
    static Thread thread(Runnable work) {
        var thread = new Thread(work, "sink-contract");
        thread.setDaemon(true);
        return thread;
    }

    private static void await(CompletableFuture<Void> end, Duration patience) throws Exception {
        try {
            end.get(patience.toNanos(), NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "calls of the sink on threads of their own did not end within " + patience
                            + ": do they wait for each other?",
                    e);
        } catch (ExecutionException e) {
            throw new AssertionError("a call of the sink on a thread of its own failed: " + e.getCause(), e.getCause());
        }
    }
}
