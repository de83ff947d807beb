package dev.dualwrite.relay.observe;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever an observer throws, and wherever: the relay does not notice. */
class GuardedObserverTest {

    private static final SettledBatch SETTLED =
            new SettledBatch(0, 0, 0, 0, SettledBatch.Answers.NONE, SettledBatch.Ages.NONE);

    @Test
    void observerThatThrowsFromTheStartIsNotNoticed() {
        SinkObserver observer = GuardedObserver.of("copy", new Broken(0));

        assertThatCode(() -> use(observer)).doesNotThrowAnyException();
    }

    @Test
    void observerThatThrowsInABatchIsNotNoticed() {
        SinkObserver observer = GuardedObserver.of("copy", new Broken(1));

        assertThatCode(() -> use(observer)).doesNotThrowAnyException();
    }

    @Test
    void observerThatThrowsInACallIsNotNoticed() {
        SinkObserver observer = GuardedObserver.of("copy", new Broken(2));

        assertThatCode(() -> use(observer)).doesNotThrowAnyException();
    }

    private static void use(SinkObserver observer) {
        BatchObserver batch = observer.batch();
        batch.calling(new NoEntries()).answered(List.of());
        batch.calling(new NoEntries()).failed(new IllegalStateException("of the sink"), false);
        batch.settled(SETTLED);
        observer.lanesLost(1);
    }

    /** Works so far, and then throws what a library throws that does not fit. */
    private record Broken(int worksFor) implements SinkObserver, BatchObserver, CallObserver {

        private Broken next() {
            if (worksFor == 0) {
                throw new NoSuchMethodError("of another version");
            }
            return new Broken(worksFor - 1);
        }

        @Override
        public BatchObserver batch() {
            return next();
        }

        @Override
        public void lanesLost(int lanes) {
            next();
        }

        @Override
        public CallObserver calling(CalledEntries entries) {
            return next();
        }

        @Override
        public void settled(SettledBatch batch) {
            next();
        }

        @Override
        public void answered(List<ApplyResult> results) {
            next();
        }

        @Override
        public void failed(Throwable failure, boolean brokenOff) {
            next();
        }
    }

    /** A call of nothing. */
    private static final class NoEntries implements CalledEntries {
        @Override
        public int size() {
            return 0;
        }

        @Override
        public ClaimedEntry entry(int index) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public int attempt(int index) {
            throw new IndexOutOfBoundsException(index);
        }
    }
}
