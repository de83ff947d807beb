package dev.dualwrite.relay.apply;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A flag that a thread can wait for. Thread-safe; many wake-ups before the wait count as one. */
final class WakeUp {

    private final Semaphore flag = new Semaphore(0);

    void signal() {
        if (flag.availablePermits() == 0) {
            flag.release();
        }
    }

    /** Waits until somebody signals or the time is over, and takes the flag down. */
    void await(Duration atMost) throws InterruptedException {
        if (flag.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            flag.drainPermits();
        }
    }
}
