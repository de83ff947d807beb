package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.ActResult;
import dev.dualwrite.outbox.jdbc.LaneOverview;
import dev.dualwrite.outbox.jdbc.Overview.KnownRelay;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import dev.dualwrite.outbox.jdbc.StuckEntry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the endpoint answers with: names as in the views, times as text, durations in seconds. Pure. */
final class Answers {

    private Answers() {}

    static Map<String, @Nullable Object> sink(SinkOverview sink) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("sink", sink.sink());
        answer.put("state", sink.state());
        answer.put("reason", sink.reason());
        answer.put("since", text(sink.since()));
        answer.put("pausedBy", sink.pausedBy());
        answer.put("relays", sink.relays());
        answer.put("trippedRelays", sink.trippedRelays());
        answer.put("backlog", sink.backlog().entries());
        answer.put("estimated", sink.backlog().estimated());
        answer.put("oldestAppendedAt", text(sink.backlog().oldestAppendedAt()));
        answer.put("lagSeconds", seconds(sink.backlog().lag()));
        answer.put("dead", sink.backlog().dead());
        answer.put("blocked", sink.backlog().blocked());
        answer.put("backingOff", sink.backlog().backingOff());
        answer.put("lanes", sink.lanes());
        answer.put("unheldLanes", sink.unheldLanes());
        return answer;
    }

    static Map<String, @Nullable Object> relay(KnownRelay relay) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("relay", relay.relay().toString());
        answer.put("host", relay.host());
        answer.put("alive", relay.alive());
        answer.put("startedAt", text(relay.startedAt()));
        answer.put("heartbeatAt", text(relay.heartbeatAt()));
        answer.put("sinks", relay.sinks());
        answer.put("shardsHeld", relay.shardsHeld());
        answer.put("fairShare", relay.fairShare());
        return answer;
    }

    static Map<String, @Nullable Object> lane(LaneOverview lane) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("sink", lane.sink());
        answer.put("shard", lane.shard());
        answer.put("holder", text(lane.holder()));
        answer.put("holderAlive", lane.holderAlive());
        answer.put("fencingToken", lane.fencingToken());
        answer.put("leasedUntil", text(lane.leasedUntil()));
        answer.put("lagSeconds", seconds(lane.lag()));
        return answer;
    }

    static Map<String, @Nullable Object> stuck(StuckEntry entry) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("entryId", entry.entryId());
        answer.put("sink", entry.sink());
        answer.put("aggregateType", entry.aggregateType());
        answer.put("aggregateId", entry.aggregateId());
        answer.put("state", entry.state());
        answer.put("attempts", entry.attempts());
        answer.put("firstFailedAt", text(entry.firstFailedAt()));
        answer.put("nextAttemptAt", text(entry.nextAttemptAt()));
        answer.put("errorClass", entry.errorClass());
        answer.put("errorMessage", entry.errorMessage());
        answer.put("ageSeconds", seconds(entry.age()));
        answer.put("blockedBy", entry.blockedBy());
        answer.put("nextStep", entry.nextStep());
        return answer;
    }

    static Map<String, @Nullable Object> act(ActResult result) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("action", result.action());
        answer.put("subject", result.subject());
        answer.put("dryRun", result.dryRun());
        answer.put("touched", result.touched());
        answer.put("entries", all(result.entries(), Answers::stuck));
        return answer;
    }

    static <T> List<Map<String, @Nullable Object>> all(
            List<T> rows, Function<T, Map<String, @Nullable Object>> answer) {
        return rows.stream().map(answer).toList();
    }

    /** A problem, with its next step where one is known. */
    static Map<String, @Nullable Object> problem(@Nullable String problem, @Nullable String next) {
        var answer = new TreeMap<String, @Nullable Object>();
        answer.put("error", problem);
        if (next != null) {
            answer.put("next", next);
        }
        return answer;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
