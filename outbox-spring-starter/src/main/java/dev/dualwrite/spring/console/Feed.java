package dev.dualwrite.spring.console;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Tells everybody who watches how things stand, from one thread and one look at the primary. Looks at nothing while nobody
 * watches: the thread ends then. Stops before the web server does, which would otherwise wait for the open streams. Thread-safe.
 */
final class Feed implements SmartLifecycle {

    private final Looks looks;
    private final Duration interval;
    private final int mostStreams;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

    private @Nullable Thread thread;
    private CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean running;

    /**
     * Tells nobody yet.
     *
     * @param interval from the end of one look to the next
     * @param mostStreams how many may watch at a time
     */
    Feed(Looks looks, Duration interval, int mostStreams) {
        this.looks = looks;
        this.interval = interval;
        this.mostStreams = mostStreams;
    }

    /** Whether one more may watch. */
    boolean hasRoom() {
        return running && streams.size() < mostStreams;
    }

    /** Tells one more; it tells itself when it ends. */
    synchronized void add(EventStream stream) {
        if (!running) {
            stream.close();
            return;
        }
        streams.add(stream);
        stream.begin();
        if (thread == null) {
            thread = new Thread(this::tell, "dualwrite-console");
            thread.setDaemon(true);
            thread.start();
        }
    }

    void remove(EventStream stream) {
        streams.remove(stream);
    }

    private void tell() {
        CountDownLatch stop = stopping;
        try {
            do {
                byte[] news = looks.news();
                streams.forEach(stream -> offer(stream, news));
            } while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS) && isWatched());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended();
        }
    }

    /** One that fails in a way that nobody foresaw must not end the news of the others. */
    private void offer(EventStream stream, byte[] news) {
        try {
            stream.offer(news, looks.now());
        } catch (RuntimeException e) {
            streams.remove(stream);
            ConsoleLog.newsFailed(e);
        }
    }

    /** Under the lock of add: whoever comes now is either seen here, or begins another thread. One that was stopped ends. */
    private synchronized boolean isWatched() {
        if (streams.isEmpty()) {
            ended();
        }
        return Thread.currentThread().equals(thread);
    }

    private synchronized void ended() {
        if (Thread.currentThread().equals(thread)) {
            thread = null;
        }
    }

    @Override
    public synchronized void start() {
        stopping = new CountDownLatch(1);
        running = true;
    }

    /** Does not wait for a look that is under way: the thread is a daemon, and nobody is told by it any more. */
    @Override
    public void stop() {
        synchronized (this) {
            running = false;
            stopping.countDown();
            // It may be in a look still: whoever comes after the next start must not wait for news from it.
            thread = null;
        }
        streams.forEach(EventStream::close);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
