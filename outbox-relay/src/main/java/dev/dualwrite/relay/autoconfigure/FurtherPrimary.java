package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.internal.RelayThreads;
import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A further primary and, once it could be reached, its relay. Thread-safe; started and stopped by one thread, any number of
 * times. A thread of its own brings it up, so that one that is down holds up neither the start nor the other primaries.
 */
final class FurtherPrimary {

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final PrimaryDatabase database;
    private final Duration stuckAfter;
    private final Function<Map<String, Short>, ListeningRelay> relays;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private volatile @Nullable ListeningRelay running;
    private volatile @Nullable String waitingFor;
    private CountDownLatch stopping = new CountDownLatch(0);
    private @Nullable Thread thread;

    /**
     * One that is not started.
     *
     * @param relays makes a relay from the numbers of the sinks
     */
    FurtherPrimary(PrimaryDatabase database, Duration stuckAfter, Function<Map<String, Short>, ListeningRelay> relays) {
        this.database = database;
        this.stuckAfter = stuckAfter;
        this.relays = relays;
    }

    String name() {
        return database.name();
    }

    /** Its relay, unless the primary could not be reached yet. */
    Optional<ListeningRelay> running() {
        return Optional.ofNullable(running);
    }

    /** Why it has no relay yet; absent if it has one, or is stopped. */
    Optional<String> waitingFor() {
        return Optional.ofNullable(waitingFor);
    }

    void start() {
        var stop = new CountDownLatch(1);
        stopping = stop;
        Thread starting = RelayThreads.single("primary-" + name(), () -> bringUp(stop));
        thread = starting;
        starting.start();
    }

    void stop() throws InterruptedException {
        stopping.countDown();
        Thread bringing = thread;
        thread = null;
        if (bringing != null) {
            bringing.interrupt();
            bringing.join(LONGEST_STOP.toMillis());
        }
        ListeningRelay stopped = running;
        running = null;
        waitingFor = null;
        if (stopped != null) {
            stopped.stop();
        }
    }

    private void bringUp(CountDownLatch stop) {
        for (int tried = 1; stop.getCount() > 0; tried++) {
            Duration pause = BACKOFF.after(tried, random);
            try {
                Optional<String> mistake = database.mistake();
                if (mistake.isEmpty()) {
                    run(relays.apply(database.register(stuckAfter)), stop);
                    return;
                }
                waits(mistake.get(), () -> RelayLog.primaryUnfit(name(), mistake.get()), pause);
            } catch (RuntimeException e) {
                // The loop boundary: a primary that is down comes back.
                waits("unreachable", () -> RelayLog.primaryUnreachable(name(), e), pause);
            }
            try {
                stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // Only stop() interrupts this thread.
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run(ListeningRelay relay, CountDownLatch stop) {
        if (stop.getCount() > 0) {
            relay.start();
            running = relay;
            waitingFor = null;
            RelayLog.primaryReached(name(), database.sinks().toString());
        }
    }

    private void waits(String reason, Runnable firstTime, Duration pause) {
        if (reason.equals(waitingFor)) {
            RelayLog.primaryStillNotRelayed(name(), pause);
        } else if (stopping.getCount() > 0) {
            firstTime.run();
        }
        waitingFor = reason;
    }
}
