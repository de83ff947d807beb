package dev.dualwrite.spring.console;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One browser that is told news. Thread-safe; nothing here waits for a slow one: it gets the newest news when it can take some,
 * and what it missed is gone. No thread belongs to it.
 */
final class EventStream implements WriteListener, AsyncListener {

    /** Guessed: half a minute of news that nobody took. */
    private static final int MOST_MISSED = 15;

    private final AsyncContext async;
    private final ServletOutputStream out;
    private final Instant until;
    private final Consumer<EventStream> ended;

    private byte @Nullable [] first;
    private byte @Nullable [] newest;
    private boolean unflushed;
    private boolean closed;
    private int missed;

    /**
     * A stream on a request that is asynchronous already.
     *
     * @param first what it begins with; never left out
     * @param until when it ends, so that whoever lost the right to look is asked for it again
     * @param ended told once, when it has ended
     */
    EventStream(AsyncContext async, byte[] first, Instant until, Consumer<EventStream> ended) throws IOException {
        this.async = async;
        this.first = first;
        this.until = until;
        this.ended = ended;
        this.out = async.getResponse().getOutputStream();
    }

    /** Begins to write. Apart from the constructor: the container calls back at once. */
    void begin() {
        async.addListener(this);
        out.setWriteListener(this);
    }

    /** Takes news, in place of any that could not be sent yet; ends the stream if its time is over. */
    void offer(byte[] news, Instant now) {
        boolean end;
        synchronized (this) {
            missed = newest == null ? 0 : missed + 1;
            newest = news;
            end = missed > MOST_MISSED || now.isAfter(until) || !pump();
        }
        if (end) {
            close();
        }
    }

    @Override
    public void onWritePossible() {
        boolean alive;
        synchronized (this) {
            alive = pump();
        }
        if (!alive) {
            close();
        }
    }

    /** Writes while it can be done without waiting; false if nobody is there any more. */
    private boolean pump() {
        try {
            while (!closed && out.isReady()) {
                byte[] next = first == null ? newest : first;
                if (next != null) {
                    out.write(next);
                    newest = first == null ? null : newest;
                    first = null;
                    unflushed = true;
                } else if (unflushed) {
                    unflushed = false;
                    out.flush();
                } else {
                    return true;
                }
            }
            return true;
        } catch (IOException | IllegalStateException e) {
            // The browser has gone; that is no failure.
            return false;
        }
    }

    /** Ends it. The browser comes back unless it is gone. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        ended.accept(this);
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // The container was first.
        }
    }

    @Override
    public void onError(Throwable problem) {
        close();
    }

    @Override
    public void onError(AsyncEvent event) {
        close();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        close();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        close();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Nobody starts it again.
    }
}
