package dev.dualwrite.relay.internal;

import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every log message of the relay: an event name, then {@code key=value}. Never a payload; ids yes. The list with meanings is
 * {@code docs/reference/log-events.md}, a test keeps the two equal.
 */
public final class RelayLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.relay");

    private RelayLog() {}

    public static void started(String relay, String sinks) {
        LOG.info("relay_started relay={} sinks={}", relay, sinks);
    }

    public static void stopped(String relay, boolean inTime) {
        LOG.info("relay_stopped relay={} in_time={}", relay, inTime);
    }

    public static void lanesTaken(String relay, int count, int held, int fairShare) {
        LOG.info("lanes_taken relay={} count={} held={} fair_share={}", relay, count, held, fairShare);
    }

    public static void lanesGivenBack(String relay, int count, int held, int fairShare) {
        LOG.info("lanes_given_back relay={} count={} held={} fair_share={}", relay, count, held, fairShare);
    }

    public static void leaseLost(String lane, String reason) {
        LOG.warn("lease_lost lane={} reason={}", lane, reason);
    }

    public static void leaseRoundFailed(Throwable failure) {
        LOG.warn("lease_round_failed error={}", failure.toString());
        LOG.debug("lease_round_failed", failure);
    }

    public static void claimFailed(Duration pause, Throwable failure) {
        LOG.warn("claim_failed retry_in_ms={} error={}", pause.toMillis(), failure.toString());
        LOG.debug("claim_failed", failure);
    }

    public static void settleFailed(String lane, Throwable failure) {
        LOG.warn("settle_failed lane={} error={}", lane, failure.toString());
        LOG.debug("settle_failed lane={}", lane, failure);
    }

    /** The primary may have forgotten numbers. */
    public static void epochRaised(String relay, int epoch) {
        LOG.warn("epoch_raised relay={} epoch={}; the primary may have forgotten its last commits", relay, epoch);
    }

    public static void sinkPausedByPerson(String sink, boolean paused) {
        LOG.info("sink_paused_by_person sink={} paused={}", sink, paused);
    }

    public static void batchFailed(String lane, Throwable failure) {
        LOG.error("batch_failed lane={} error={}", lane, failure.toString(), failure);
    }

    public static void claimBroken(Throwable failure) {
        LOG.error("claim_broken error={}", failure.toString(), failure);
    }

    public static void batchInterrupted(String lane) {
        LOG.warn("batch_interrupted lane={}", lane);
    }

    public static void relayBroken(Throwable failure) {
        LOG.error("relay_broken error={}; the relay stops, restart the process", failure.toString(), failure);
    }

    public static void sinkPaused(String sink, Duration pause, Throwable failure) {
        Throwable root = FailureClassifier.rootOf(failure);
        LOG.warn(
                "sink_paused sink={} retry_in_ms={} error={} message={}",
                sink,
                pause.toMillis(),
                root.getClass().getName(),
                FailureClassifier.messageOf(root));
        LOG.debug("sink_paused sink={}", sink, failure);
    }

    public static void sinkStillPaused(String sink, Duration pause, Throwable failure) {
        LOG.trace("sink_still_paused sink={} retry_in_ms={}", sink, pause.toMillis(), failure);
    }

    public static void sinkResumed(String sink) {
        LOG.info("sink_resumed sink={}", sink);
    }

    public static void sinkUnreachable(String sink, Throwable failure) {
        LOG.warn(
                "sink_unreachable sink={} error={}; it is validated at the first apply",
                sink,
                FailureClassifier.rootOf(failure).toString());
    }

    public static void fieldsWithoutColumn(String sink, Set<String> fields, Set<String> columns) {
        LOG.warn("fields_without_column sink={} fields={} columns_without_field={}", sink, fields, columns);
    }

    public static void sinkNotClosed(Throwable failure) {
        LOG.warn("sink_not_closed error={}", failure.toString());
    }

    public static void sharedConnectionPool(String type) {
        LOG.warn(
                "shared_connection_pool data_source={}; the relay found no way to open a pool of its own, so business load"
                        + " can starve it: set dualwrite.relay.url",
                type);
    }

    public static void notListening(String primary, Duration pause, Throwable failure) {
        LOG.warn(
                "notify_not_heard primary={} retry_in_ms={} error={}; entries of other processes wait for the next poll",
                primary,
                pause.toMillis(),
                FailureClassifier.rootOf(failure).toString());
    }

    public static void stillNotListening(String primary, Duration pause, Throwable failure) {
        LOG.trace("notify_still_not_heard primary={} retry_in_ms={}", primary, pause.toMillis(), failure);
    }

    public static void listening(String primary) {
        LOG.info("notify_heard_again primary={}", primary);
    }

    public static void primaryReached(String primary, String sinks) {
        LOG.info("primary_reached primary={} sinks={}", primary, sinks);
    }

    public static void primaryUnreachable(String primary, Throwable failure) {
        LOG.warn(
                "primary_unreachable primary={} error={}; it is tried again until it works",
                primary,
                FailureClassifier.rootOf(failure).toString());
    }

    public static void primaryUnfit(String primary, String mistake) {
        LOG.error("primary_unfit primary={} mistake=\"{}\"; it is tried again until it works", primary, mistake);
    }

    public static void primaryStillNotRelayed(String primary, Duration pause) {
        LOG.trace("primary_still_not_relayed primary={} retry_in_ms={}", primary, pause.toMillis());
    }

    /** What left the hot table: dead entries at WARN, they wait for a person; the others at DEBUG. */
    public static void held(String lane, List<Failure> failures) {
        for (Failure failure : failures) {
            String error = failure.errorClass() == null ? "rejected" : failure.errorClass();
            if (failure.state() == Failure.State.DEAD) {
                LOG.warn(
                        "entry_dead lane={} entry_id={} attempts={} error={}",
                        lane,
                        failure.version().value(),
                        failure.attempts(),
                        error);
            } else {
                LOG.debug(
                        "entry_held lane={} entry_id={} state={} attempts={} error={}",
                        lane,
                        failure.version().value(),
                        failure.state(),
                        failure.attempts(),
                        failure.errorClass());
            }
        }
    }
}
