package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.observe.SettledBatch;
import dev.dualwrite.relay.observe.SettledBatch.Ages;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import java.util.List;

/**
 * What an observer will be told of a batch, once that is settled. Gathered when the sink has answered, and only if somebody looks:
 * payloads are let go of before the settle. Immutable.
 */
record Watched(BatchObserver observer, SettledBatch batch) {

    /** Nobody looks. */
    static final Watched NOBODY =
            new Watched(BatchObserver.NONE, new SettledBatch(0, 0, 0, 0, Answers.NONE, Ages.NONE));

    static Watched of(BatchObserver observer, Outcome outcome, List<Failure> failures, PrimaryClock clock) {
        if (observer == BatchObserver.NONE) {
            return NOBODY;
        }
        int dead = 0;
        for (Failure failure : failures) {
            dead += failure.state() == Failure.State.DEAD ? 1 : 0;
        }
        int entries = outcome.done().size() + failures.size();
        return new Watched(
                observer,
                new SettledBatch(entries, outcome.coalesced(), 0, dead, outcome.answers(), ages(outcome, clock)));
    }

    private static Ages ages(Outcome outcome, PrimaryClock clock) {
        List<ClaimedEntry> done = outcome.done();
        var versions = new long[done.size()];
        var micros = new long[done.size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = done.get(i).version().value();
            micros[i] = clock.microsSince(done.get(i).appendedAt(), outcome.doneNanos()[i]);
        }
        return new Ages(versions, micros);
    }

    /** The primary has taken it in, and so many older entries went with newer ones. */
    void settled(int superseded) {
        observer.settled(
                superseded == 0
                        ? batch
                        : new SettledBatch(
                                batch.entries(),
                                batch.coalesced(),
                                superseded,
                                batch.dead(),
                                batch.answers(),
                                batch.done()));
    }
}
