package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.notify.NotifyListener;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A relay with what wakes it when other processes commit. Thread-safe; it may be started again after a stop. */
final class ListeningRelay {

    private final Relay relay;
    private final @Nullable Supplier<NotifyListener> listeners;
    private @Nullable NotifyListener listener;

    /**
     * One that is not started.
     *
     * @param listeners one for each start; absent: the relay polls
     */
    ListeningRelay(Relay relay, @Nullable Supplier<NotifyListener> listeners) {
        this.relay = relay;
        this.listeners = listeners;
    }

    Relay relay() {
        return relay;
    }

    synchronized void start() {
        relay.start();
        if (listeners != null) {
            NotifyListener started = listeners.get();
            started.start();
            listener = started;
        }
    }

    synchronized void stop() throws InterruptedException {
        NotifyListener started = listener;
        listener = null;
        try {
            if (started != null) {
                started.stop();
            }
        } finally {
            relay.stop();
        }
    }
}
