package dev.dualwrite.relay.autoconfigure;

import org.springframework.context.SmartLifecycle;

/**
 * Starts the relay with the context, and stops it after the web server: what the last requests commit is still applied. A
 * context may be stopped and started again (tests that share one, checkpoints), and so may the relay.
 */
final class RelayLifecycle implements SmartLifecycle {

    // Boot stops its web server in DEFAULT_PHASE - 1024 (graceful) and - 2048; lower phases stop later.
    static final int PHASE = DEFAULT_PHASE - 3072;

    private final ListeningRelay relay;
    private volatile boolean running;

    RelayLifecycle(ListeningRelay relay) {
        this.relay = relay;
    }

    @Override
    public void start() {
        relay.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        try {
            relay.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
