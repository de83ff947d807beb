package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.internal.RelayThreads;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.SmartLifecycle;

/** Starts and stops the relays of the further primaries when the first one is. They stop at the same time, not in turn. */
final class FurtherPrimariesLifecycle implements SmartLifecycle {

    private final FurtherPrimaries primaries;
    private volatile boolean running;

    FurtherPrimariesLifecycle(FurtherPrimaries primaries) {
        this.primaries = primaries;
    }

    @Override
    public void start() {
        primaries.all().forEach(FurtherPrimary::start);
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        List<Thread> stops = new ArrayList<>();
        for (FurtherPrimary primary : primaries.all()) {
            Thread stop = RelayThreads.single("stop-" + primary.name(), () -> stop(primary));
            stop.start();
            stops.add(stop);
        }
        try {
            for (Thread stop : stops) {
                stop.join();
            }
        } catch (InterruptedException e) {
            stops.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(FurtherPrimary primary) {
        try {
            primary.stop();
        } catch (InterruptedException e) {
            // The leases run out by themselves.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return RelayLifecycle.PHASE;
    }
}
