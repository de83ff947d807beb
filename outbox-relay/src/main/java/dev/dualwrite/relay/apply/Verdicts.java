package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Says of an entry that was not applied whether it is tried again, and when. A pure decision, but for the jitter. */
final class Verdicts {

    private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);

    /** Guessed: often enough to notice a relay of the newer release soon. */
    private static final int LOOKS_PER_GRACE = 20;

    private final RetryPolicy policy;
    private final RandomGenerator random;

    Verdicts(RetryPolicy policy, RandomGenerator random) {
        this.policy = policy;
        this.random = random;
    }

    /** The sink answered, and it was neither applied nor stale. */
    Failure refused(Candidate candidate, @Nullable ApplyResult result) {
        Version version = candidate.entry().version();
        if (result == null) {
            return failed(candidate, new IllegalStateException("sink answered null for this entry, expected a result"));
        }
        if (result instanceof ApplyResult.Deferred deferred) {
            return Failure.backingOff(
                    version, candidate.attempts(), deferred.delay(), null, "deferred by the sink; no attempt counted");
        }
        if (result instanceof ApplyResult.Unknown unknown) {
            return unknown(
                    candidate,
                    WithoutPayload.text(unknown.reason(), candidate.entry().payload()));
        }
        if (result instanceof ApplyResult.Rejected rejected) {
            String reason =
                    WithoutPayload.text(rejected.reason(), candidate.entry().payload());
            return Failure.dead(version, candidate.attempts() + 1, null, "rejected: " + reason);
        }
        throw new IllegalStateException("unknown result " + result.getClass().getName());
    }

    /** The attempt threw. */
    Failure failed(Candidate candidate, Exception failure) {
        int attempts = candidate.attempts() + 1;
        Throwable root = FailureClassifier.rootOf(failure);
        String message = WithoutPayload.text(
                FailureClassifier.messageOf(root), candidate.entry().payload());
        String type = root.getClass().getName();
        Version version = candidate.entry().version();
        return attempts >= policy.maxAttempts()
                ? Failure.dead(version, attempts, type, message)
                : Failure.backingOff(version, attempts, policy.backoff().after(attempts, random), type, message);
    }

    private Failure unknown(Candidate candidate, String reason) {
        Version version = candidate.entry().version();
        Duration grace = policy.unknownGrace();
        if (candidate.heldFor().compareTo(grace) >= 0) {
            return Failure.dead(
                    version,
                    candidate.attempts(),
                    null,
                    "unknown for " + grace + ", no relay came that knows it: " + reason);
        }
        Duration look = grace.dividedBy(LOOKS_PER_GRACE);
        Duration delay = look.compareTo(SHORTEST_LOOK) < 0
                ? SHORTEST_LOOK
                : look.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : look;
        return Failure.backingOff(
                version,
                candidate.attempts(),
                delay,
                null,
                "unknown here; waits " + grace + " for a relay that knows it, no attempt counted: " + reason);
    }
}
