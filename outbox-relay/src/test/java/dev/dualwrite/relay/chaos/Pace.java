package dev.dualwrite.relay.chaos;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How long things last in a run. Its end cuts every pause short. Thread-safe. */
final class Pace implements AutoCloseable {

    private final CountDownLatch ended = new CountDownLatch(1);

    /** Returns after that time, or at the end of the run; at once if it is not positive. */
    void pause(Duration duration) {
        try {
            boolean over = ended.await(duration.toNanos(), TimeUnit.NANOSECONDS);
            if (over) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void pause(long millis) {
        pause(Duration.ofMillis(millis));
    }

    @Override
    public void close() {
        ended.countDown();
    }
}
