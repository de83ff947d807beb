package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.jdbc.AuditPage;
import dev.dualwrite.outbox.jdbc.LaneOverview;
import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.StuckEntry;
import dev.dualwrite.outbox.jdbc.StuckPage;
import dev.dualwrite.spring.operate.Finding;
import dev.dualwrite.spring.operate.ShownEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page is told, in names and types of JSON. Numbers of entries go as text: some are larger than a number of JavaScript
 * holds.
 */
final class Answers {

    private static final double MILLIS = 1_000;

    private Answers() {}

    static Map<String, @Nullable Object> look(Overview overview, Point point, Map<String, List<Finding>> found) {
        return answer(
                "at",
                point.at().toString(),
                "sinks",
                overview.sinks().stream()
                        .map(sink -> sink(sink, found.getOrDefault(sink.sink(), List.of())))
                        .toList(),
                "relays",
                overview.relays().stream().map(Answers::relay).toList(),
                "point",
                point(point));
    }

    static List<Map<String, @Nullable Object>> history(List<Point> points) {
        return points.stream().map(Answers::point).toList();
    }

    static Map<String, @Nullable Object> stuck(StuckPage page) {
        return answer("entries", page.entries().stream().map(Answers::stuck).toList(), "next", text(page.next()));
    }

    static Map<String, @Nullable Object> entry(ShownEntry shown) {
        Map<String, @Nullable Object> answer = stuck(shown.entry());
        answer.put("operation", shown.operation());
        answer.put("payloadType", shown.payloadType() + ", version " + shown.schemaVersion());
        answer.put("appendedAt", shown.appendedAt().toString());
        answer.put("headers", shown.headers());
        answer.put("payload", shown.payload().content());
        answer.put("payloadNote", PayloadNote.of(shown.payload()));
        return answer;
    }

    static Map<String, @Nullable Object> lanes(List<LaneOverview> lanes) {
        return answer(
                "lanes",
                lanes.stream()
                        .map(lane -> answer(
                                "sink", lane.sink(),
                                "shard", lane.shard(),
                                "holder", lane.holderAlive() ? text(lane.holder()) : null,
                                "leasedUntil", text(lane.leasedUntil()),
                                "lagSeconds", lane.lag().toMillis() / MILLIS))
                        .toList());
    }

    static Map<String, @Nullable Object> audit(AuditPage page, Json json) {
        return answer(
                "records",
                page.acts().stream()
                        .map(act -> answer(
                                "id", text(act.auditId()),
                                "at", act.at().toString(),
                                "actor", act.actor(),
                                "action", act.action(),
                                "subject", act.subject(),
                                "reason", act.reason(),
                                "detail", json.tree(act.detail())))
                        .toList(),
                "next",
                text(page.next()));
    }

    private static Map<String, @Nullable Object> sink(Overview.SinkOverview sink, List<Finding> found) {
        Overview.Backlog backlog = sink.backlog();
        return answer(
                "sink", sink.sink(),
                "state", sink.state(),
                "reason", sink.reason(),
                "since", text(sink.since()),
                "pausedBy", sink.pausedBy(),
                "relays", sink.relays(),
                "trippedRelays", sink.trippedRelays(),
                "lanes", sink.lanes(),
                "unheldLanes", sink.unheldLanes(),
                "entries", backlog.entries(),
                "estimated", backlog.estimated(),
                "lagSeconds", backlog.lag().toMillis() / MILLIS,
                "dead", backlog.dead(),
                "blocked", backlog.blocked(),
                "backingOff", backlog.backingOff(),
                "findings",
                        found.stream()
                                .map(finding -> answer(
                                        "problem", finding.problem(),
                                        "since", text(finding.since()),
                                        "next", finding.next()))
                                .toList());
    }

    private static Map<String, @Nullable Object> relay(Overview.KnownRelay relay) {
        return answer(
                "relay", text(relay.relay()),
                "host", relay.host(),
                "startedAt", text(relay.startedAt()),
                "heartbeatAt", text(relay.heartbeatAt()),
                "alive", relay.alive(),
                "sinks", relay.sinks(),
                "shardsHeld", relay.shardsHeld(),
                "fairShare", relay.fairShare());
    }

    private static Map<String, @Nullable Object> point(Point point) {
        return answer(
                "at", point.at().toString(),
                "lagSeconds", point.lagSeconds(),
                "entries", point.entries(),
                "appendedPerSecond", point.appendedPerSecond(),
                "appliedPerSecond", point.appliedPerSecond());
    }

    private static Map<String, @Nullable Object> stuck(StuckEntry entry) {
        return answer(
                "id", text(entry.entryId()),
                "sink", entry.sink(),
                "aggregateType", entry.aggregateType(),
                "aggregateId", entry.aggregateId(),
                "state", entry.state(),
                "attempts", entry.attempts(),
                "firstFailedAt", text(entry.firstFailedAt()),
                "nextAttemptAt", text(entry.nextAttemptAt()),
                "errorClass", entry.errorClass(),
                "errorMessage", entry.errorMessage(),
                "ageSeconds", entry.age().toMillis() / MILLIS,
                "blockedBy", text(entry.blockedBy()),
                "nextStep", entry.nextStep());
    }

    /** Names and values in turn; values may be absent, which a record's or a Map.of's may not. */
    static Map<String, @Nullable Object> answer(@Nullable Object... namesAndValues) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            answer.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return answer;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
