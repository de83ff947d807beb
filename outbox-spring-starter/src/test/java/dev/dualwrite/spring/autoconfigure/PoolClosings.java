package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * What Hikari says, and a stop of the thread that closes a pool, where it says so: until that thread is interrupted, or for so
 * long that it would have been.
 */
final class PoolClosings extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {

    private static final long LONG_ENOUGH = TimeUnit.MILLISECONDS.toNanos(700);

    private final Logger hikari = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
    private final Level before = hikari.getLevel();
    private final CountDownLatch first = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> warnings = new ConcurrentLinkedQueue<>();

    PoolClosings() {
        hikari.setLevel(Level.INFO);
        start();
        hikari.addAppender(this);
    }

    void awaitFirst() throws InterruptedException {
        assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            warnings.add(event.getFormattedMessage());
        }
        if (event.getMessage().contains("Shutdown initiated")) {
            first.countDown();
            long end = System.nanoTime() + LONG_ENOUGH;
            // Looks at the flag and leaves it: Hikari must meet it.
            while (!Thread.currentThread().isInterrupted() && System.nanoTime() < end) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    @Override
    public void close() {
        hikari.detachAppender(this);
        hikari.setLevel(before);
    }
}
