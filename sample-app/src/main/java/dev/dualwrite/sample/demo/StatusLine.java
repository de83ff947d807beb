package dev.dualwrite.sample.demo;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Shows the status: one line that moves on a terminal, a log line now and then elsewhere. On a thread of its own. */
@Component
class StatusLine implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(StatusLine.class);
    private static final long TERMINAL_MILLIS = 500;
    private static final long LOG_MILLIS = 10_000;
    private static final long STOP_SECONDS = 2;

    private final StatusSource source;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    StatusLine(StatusSource source) {
        this.source = source;
    }

    @Override
    public synchronized void start() {
        Thread started = new Thread(this::run, "sample-status");
        thread = started;
        started.start();
    }

    @Override
    public synchronized void stop() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        stop.countDown();
        try {
            running.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }

    /** Before the load, so that nothing of it goes uncounted; both are the last to start and the first to stop. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE - 1;
    }

    private void run() {
        Optional<Terminal> terminal = Terminal.take();
        try {
            if (terminal.isPresent()) {
                do {
                    terminal.get().show(line());
                } while (!stop.await(TERMINAL_MILLIS, TimeUnit.MILLISECONDS));
            } else {
                do {
                    log();
                } while (!stop.await(LOG_MILLIS, TimeUnit.MILLISECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            terminal.ifPresent(Terminal::close);
        }
    }

    private String line() {
        try {
            return source.read().line();
        } catch (DataAccessException e) {
            return "the primary does not answer: " + e.getMostSpecificCause().getMessage();
        }
    }

    private void log() {
        try {
            Status status = source.read();
            LOG.info(
                    "sample_status address={} data_percent={} written={} applied={} lag_s={} stuck={}",
                    status.address(),
                    status.dataPercent(),
                    status.written(),
                    status.applied(),
                    String.format(Locale.ROOT, "%.1f", status.lagSeconds()),
                    status.stuck());
        } catch (DataAccessException e) {
            LOG.warn("sample_status_unknown cause={}", e.getMostSpecificCause().toString());
        }
    }
}
