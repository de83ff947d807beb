package dev.dualwrite.relay.observe;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.internal.RelayLog;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Keeps from the relay what an observer throws: somebody who only looks must not change what becomes of entries. Thread-safe. */
public final class GuardedObserver implements SinkObserver {

    private final String sink;
    private final SinkObserver observer;
    private final AtomicBoolean told = new AtomicBoolean();

    private GuardedObserver(String sink, SinkObserver observer) {
        this.sink = sink;
        this.observer = observer;
    }

    /** One that does not throw. */
    public static SinkObserver of(String sink, SinkObserver observer) {
        return observer == NONE ? NONE : new GuardedObserver(sink, observer);
    }

    @Override
    public BatchObserver batch() {
        return ask(() -> new GuardedBatch(observer.batch()), BatchObserver.NONE);
    }

    @Override
    public void lanesLost(int lanes) {
        tell(() -> observer.lanesLost(lanes));
    }

    private void tell(Runnable what) {
        Object ignored = ask(
                () -> {
                    what.run();
                    return "";
                },
                "");
    }

    private <T> T ask(Supplier<T> what, T otherwise) {
        try {
            return what.get();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            // Whatever a library can provoke; a process without memory is another matter.
            if (told.compareAndSet(false, true)) {
                RelayLog.observerFailed(sink, e);
            }
            return otherwise;
        }
    }

    private final class GuardedBatch implements BatchObserver {
        private final BatchObserver batch;

        GuardedBatch(BatchObserver batch) {
            this.batch = batch;
        }

        @Override
        public CallObserver calling(CalledEntries entries) {
            return ask(() -> new GuardedCall(batch.calling(entries)), CallObserver.NONE);
        }

        @Override
        public void settled(SettledBatch settled) {
            tell(() -> batch.settled(settled));
        }
    }

    private final class GuardedCall implements CallObserver {
        private final CallObserver call;

        GuardedCall(CallObserver call) {
            this.call = call;
        }

        @Override
        public void answered(List<ApplyResult> results) {
            tell(() -> call.answered(results));
        }

        @Override
        public void failed(Throwable failure, boolean brokenOff) {
            tell(() -> call.failed(failure, brokenOff));
        }
    }
}
