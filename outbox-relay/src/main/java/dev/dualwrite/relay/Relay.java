package dev.dualwrite.relay;

import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.apply.ConfiguredSink;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Moves entries from the outbox of one primary to its sinks. Thread-safe; it may be started again after a stop.
 *
 * <p>Four threads of its own, for leases, claims, new partitions and retention, and a small pool for each sink; sinks are called on the pools'
 * threads only. After a crash nothing is to be done: the leases run out, and the next holder of each lane applies again what
 * was not settled.
 */
public final class Relay {

    private final Supplier<RelayRun> runs;
    private volatile RelayRun run;
    private boolean started;

    /**
     * A relay that is not started.
     *
     * @param primary connections for the relay alone, in autocommit mode: a service that uses all of its own connections
     *     must not keep the relay from renewing its leases
     * @param schema of the outbox, installed
     */
    public Relay(DataSource primary, String schema, RelayConfig config, List<ConfiguredSink> sinks, CrashProbe probe) {
        this.runs = () -> new RelayRun(primary, schema, config, sinks, probe);
        this.run = runs.get();
    }

    /**
     * Starts the threads and returns; lanes are taken in the background.
     *
     * @throws IllegalStateException if it runs already
     */
    public synchronized void start() {
        if (started) {
            throw new IllegalStateException("relay " + run.status().relay() + " runs already; stop it first");
        }
        started = true;
        run.start();
    }

    /** Something was committed in this JVM. Returns at once. */
    public void wake() {
        run.wake();
    }

    /** Of the present run; all zero when it does not run. */
    public RelayStatus status() {
        return run.status();
    }

    /** How many lanes of a sink the present run holds; 0 for a sink that it does not have. */
    public int lanesHeld(String sink) {
        return run.lanesHeld(sink);
    }

    /**
     * Stops claiming, waits for batches under way, at most {@code shutdownTimeout}, and gives the leases back at once. Does
     * nothing if it does not run.
     *
     * @throws InterruptedException if the wait was interrupted: the leases then run out by themselves
     */
    public synchronized void stop() throws InterruptedException {
        if (!started) {
            return;
        }
        started = false;
        try {
            run.stop();
        } finally {
            // A new id for the next start: the locks of this one are not its own any more.
            run = runs.get();
        }
    }
}
