package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.outbox.jdbc.ActResult;
import dev.dualwrite.outbox.jdbc.StuckEntry;
import dev.dualwrite.spring.operate.Operations;
import dev.dualwrite.spring.operate.Why;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a person does on the page, through {@link Operations}, which decides whether they may. Thread-safe. */
final class Acts {

    /** As many as a page of the list may grow to; more is for requeue_all. */
    private static final int MOST_ENTRIES = 500;

    private final Operations operations;

    Acts(Operations operations) {
        this.operations = operations;
    }

    Reply perform(JsonNode body) {
        String action = Objects.requireNonNullElse(Api.text(body, "action"), "");
        Why why = new Why(
                Objects.requireNonNullElse(Api.text(body, "reason"), ""),
                body.path("dryRun").asBoolean(false));
        try {
            return perform(action, body, why);
        } catch (OutboxException e) {
            return new Reply(Problems.status(e), Problems.ofAct(e));
        }
    }

    private Reply perform(String action, JsonNode body, Why why) {
        return switch (action) {
            case "pause", "resume" -> onSink(action, Api.text(body, "sink"), why);
            case "requeueAll" -> onSink(action, Api.text(body, "sink"), why);
            case "requeue", "discard" -> onEntries(action, entries(body), why);
            default -> Reply.problem(400, "there is no act of that name", "Reload the page.");
        };
    }

    private Reply onSink(String action, @Nullable String sink, Why why) {
        if (sink == null) {
            return Reply.problem(400, "no sink is named", null);
        }
        return done(
                switch (action) {
                    case "pause" -> operations.pause(sink, why);
                    case "resume" -> operations.resume(sink, why);
                    default -> operations.requeueAll(sink, why);
                });
    }

    private Reply onEntries(String action, List<Long> ids, Why why) {
        if (ids.isEmpty() || ids.size() > MOST_ENTRIES) {
            return Reply.problem(
                    400, ids.size() + " entries are chosen, expected 1 to " + MOST_ENTRIES, "Choose fewer at a time.");
        }
        boolean requeue = action.equals("requeue");
        if (ids.size() == 1) {
            return done(requeue ? operations.requeue(ids.get(0), why) : operations.discard(ids.get(0), why));
        }
        return done(requeue ? operations.requeue(ids, why) : operations.discard(ids, why));
    }

    private static List<Long> entries(JsonNode body) {
        var ids = new ArrayList<Long>();
        for (JsonNode id : body.path("entries")) {
            Long number = Api.number(id.asString(""));
            if (number != null) {
                ids.add(number);
            }
        }
        return ids;
    }

    private static Reply done(ActResult result) {
        return Reply.ok(Answers.answer(
                "count",
                result.touched(),
                "dryRun",
                result.dryRun(),
                "touched",
                result.entries().stream().map(Acts::line).toList()));
    }

    private static String line(StuckEntry entry) {
        return entry.aggregateType() + " " + entry.aggregateId() + " for " + entry.sink() + " (entry " + entry.entryId()
                + ", " + entry.state() + ")";
    }
}
