package dev.dualwrite.relay.internal;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.CaptureStore.StrayPartition;
import dev.dualwrite.outbox.jdbc.CaptureStore.UncapturedTable;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every log message of the relay: an event name, then {@code key=value}. Never a payload; ids yes. The list with meanings is
 * {@code docs/reference/log-events.md}, a test keeps the two equal.
 */
public final class RelayLog {

    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cntrl}\\u0080-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]+");

    /** Enough for the cause; the whole text is in the view stuck_entries. */
    private static final int MAX_LENGTH = 300;

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.relay");

    /** So many names tell a person where to look; a thousand lanes would be a line that nobody reads. */
    private static final int SOME = 10;

    private RelayLog() {}

    private static String some(List<String> names) {
        return names.size() <= SOME ? names.toString() : names.subList(0, SOME) + "…";
    }

    public static void started(String relay, String sinks) {
        LOG.info("relay_started relay={} sinks={}", relay, sinks);
    }

    public static void projectionUsed(String sink, String projection, int version) {
        LOG.info("projection_used sink={} projection={} version={}", sink, projection, version);
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

    /** One line for all that were lost at once. */
    public static void leasesLost(List<String> lanes, String reason) {
        LOG.warn("lease_lost reason={} count={} lanes={}", reason, lanes.size(), some(lanes));
    }

    public static void leaseRowLocked(List<String> rows) {
        LOG.warn(
                "lease_row_locked count={} rows={}; another session holds these rows of the primary, the relay passes them"
                        + " over",
                rows.size(),
                some(rows));
    }

    public static void leaseRoundFailed(Throwable failure) {
        LOG.warn("lease_round_failed error={}", clean(failure.toString()));
        LOG.debug("lease_round_failed", failure);
    }

    public static void claimFailed(Duration pause, Throwable failure) {
        LOG.warn("claim_failed retry_in_ms={} error={}", pause.toMillis(), clean(failure.toString()));
        LOG.debug("claim_failed", failure);
    }

    public static void settleFailed(String lane, Throwable failure) {
        LOG.warn("settle_failed lane={} error={}", lane, clean(failure.toString()));
        LOG.debug("settle_failed lane={}", lane, failure);
    }

    /** The primary may have forgotten numbers. */
    public static void epochRaised(String relay, int epoch) {
        LOG.warn("epoch_raised relay={} epoch={}; the primary may have forgotten its last commits", relay, epoch);
    }

    public static void sinkPaused(String sink, String by, String reason) {
        LOG.info("sink_paused sink={} by={} reason=\"{}\"; until a person resumes it", sink, clean(by), clean(reason));
    }

    public static void sinkResumed(String sink) {
        LOG.info("sink_resumed sink={}; by a person, the table audit says who", sink);
    }

    /** Of one look. */
    public static void purged(int audit, int discarded) {
        LOG.info("purged audit={} discarded={}; they were older than dualwrite.retention says", audit, discarded);
    }

    /** First at its level, then at TRACE. */
    public static void purgeFailed(Throwable failure, boolean first) {
        if (first) {
            LOG.warn(
                    "purge_failed error={}",
                    clean(FailureClassifier.rootOf(failure).toString()));
        } else {
            LOG.trace("purge_still_failed", failure);
        }
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

    public static void sinkTripped(String sink, Duration pause, Throwable failure) {
        Throwable root = FailureClassifier.rootOf(failure);
        LOG.warn(
                "sink_tripped sink={} by=relay retry_in_ms={} error={} reason=\"{}\"",
                sink,
                pause.toMillis(),
                root.getClass().getName(),
                clean(FailureClassifier.messageOf(root)));
        LOG.debug("sink_tripped sink={}", sink, failure);
    }

    public static void sinkStillTripped(String sink, Duration pause, Throwable failure) {
        LOG.trace("sink_still_tripped sink={} retry_in_ms={}", sink, pause.toMillis(), failure);
    }

    public static void sinkRecovered(String sink) {
        LOG.info("sink_recovered sink={}", sink);
    }

    public static void sinkUnreachable(String sink, Throwable failure) {
        LOG.warn(
                "sink_unreachable sink={} error={}; it is validated at the first apply",
                sink,
                clean(FailureClassifier.rootOf(failure).toString()));
    }

    public static void fieldsWithoutColumn(String sink, Set<String> fields, Set<String> columns) {
        LOG.warn("fields_without_column sink={} fields={} columns_without_field={}", sink, fields, columns);
    }

    public static void sinkNotClosed(Throwable failure) {
        LOG.warn("sink_not_closed error={}", clean(failure.toString()));
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
                clean(FailureClassifier.rootOf(failure).toString()));
    }

    public static void stillNotListening(String primary, Duration pause, Throwable failure) {
        LOG.trace("notify_still_not_heard primary={} retry_in_ms={}", primary, pause.toMillis(), failure);
    }

    public static void listening(String primary) {
        LOG.info("notify_heard_again primary={}", primary);
    }

    public static void partitionTaken(StrayPartition partition, long referred) {
        LOG.info(
                "partition_followed table={} sink={} partition={} happened={} entries={}",
                partition.source(),
                partition.sink(),
                partition.member(),
                partition.happened(),
                referred);
    }

    /** A person must look at it; a look that finds the same again is not worth a line. */
    public static void partitionProblem(StrayPartition partition, String problem, boolean first) {
        if (first) {
            LOG.warn(
                    "partition_not_followed table={} sink={} partition={} happened={} reason=\"{}\"; writes to it may be missing"
                            + " at the secondary: let its owner call capture_new_partitions()",
                    partition.source(),
                    partition.sink(),
                    partition.member(),
                    partition.happened(),
                    clean(problem));
        } else {
            LOG.trace("partition_still_not_followed table={} partition={}", partition.source(), partition.member());
        }
    }

    public static void tableNotCaptured(UncapturedTable table, boolean first) {
        if (first) {
            LOG.warn(
                    "table_not_captured table={} sink={} partition={} reason=\"{}\"; its changes are missing at the secondary",
                    table.source(),
                    table.sink(),
                    table.member(),
                    clean(table.problem()));
        } else {
            LOG.trace("table_still_not_captured table={} sink={}", table.member(), table.sink());
        }
    }

    public static void tableCapturedAgain(UncapturedTable table) {
        LOG.info(
                "table_captured_again table={} sink={} partition={}; its triggers are there, or it was released",
                table.source(),
                table.sink(),
                table.member());
    }

    public static void partitionsNotLookedAt(Throwable failure, boolean first) {
        if (first) {
            LOG.warn(
                    "partitions_not_looked_at error={}; new partitions of captured tables are not seen until it works",
                    clean(FailureClassifier.rootOf(failure).toString()));
        } else {
            LOG.trace("partitions_still_not_looked_at", failure);
        }
    }

    public static void primaryReached(String primary, String sinks) {
        LOG.info("primary_reached primary={} sinks={}", primary, sinks);
    }

    public static void primaryUnreachable(String primary, Throwable failure) {
        LOG.warn(
                "primary_unreachable primary={} error={}; it is tried again until it works",
                primary,
                clean(FailureClassifier.rootOf(failure).toString()));
    }

    public static void primaryUnfit(String primary, String mistake) {
        LOG.error("primary_unfit primary={} mistake=\"{}\"; it is tried again until it works", primary, mistake);
    }

    public static void primaryStillNotRelayed(String primary, Duration pause) {
        LOG.trace("primary_still_not_relayed primary={} retry_in_ms={}", primary, pause.toMillis());
    }

    /** A person must look at it; limited in number by {@link HeldLog}. */
    static void entryDead(String sink, String lane, Failure failure, Aggregate aggregate) {
        LOG.warn(
                "entry_dead sink={} lane={} entry_id={} aggregate_type={} aggregate_id={} attempts={} error={} reason=\"{}\"",
                sink,
                lane,
                failure.version().value(),
                aggregate.type(),
                aggregate.id(),
                failure.attempts(),
                failure.errorClass(),
                clean(String.valueOf(failure.errorMessage())));
    }

    static void moreEntriesDead(String sink, String reason, long count) {
        LOG.warn("more_entries_dead sink={} count={} reason=\"{}\"", sink, count, clean(reason));
    }

    static void entriesSuperseded(String sink, long count) {
        LOG.info("entries_superseded sink={} count={}", sink, count);
    }

    static void entryHeld(String lane, Failure failure) {
        LOG.debug(
                "entry_held lane={} entry_id={} state={} attempts={} error={}",
                lane,
                failure.version().value(),
                failure.state(),
                failure.attempts(),
                failure.errorClass());
    }

    public static void payloadUnknown(String sink, String payloadType, int schemaVersion, String reason) {
        LOG.warn(
                "payload_unknown sink={} payload_type={} schema_version={} reason=\"{}\"",
                sink,
                clean(payloadType),
                schemaVersion,
                clean(reason));
    }

    /** Once for each sink: what was thrown once is thrown with every batch. */
    public static void observerFailed(String sink, Throwable e) {
        LOG.warn("observer_failed sink={} effect=entries_are_applied_but_not_measured", sink, e);
    }

    /** One line of bounded length, whatever a store or a payload put into it. */
    static String clean(String text) {
        String line = CONTROL.matcher(text).replaceAll(" ");
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "…";
    }
}
