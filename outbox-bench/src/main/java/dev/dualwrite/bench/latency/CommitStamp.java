package dev.dualwrite.bench.latency;

import dev.dualwrite.outbox.spi.CommitListener;
import org.springframework.core.Ordered;

/**
 * Notes when a commit with entries was answered, before any other listener does its work: what the wake-up takes belongs to the
 * latency. Thread-safe; each thread sees its own commits.
 */
final class CommitStamp implements CommitListener, Ordered {

    private final WallClock clock = new WallClock();
    private final ThreadLocal<Long> last = new ThreadLocal<>();

    @Override
    public void committed(int entries) {
        last.set(clock.micros());
    }

    /** Of this thread's last commit. */
    long last() {
        Long micros = last.get();
        if (micros == null) {
            throw new IllegalStateException("no commit with entries was reported on " + Thread.currentThread());
        }
        last.remove();
        return micros;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
