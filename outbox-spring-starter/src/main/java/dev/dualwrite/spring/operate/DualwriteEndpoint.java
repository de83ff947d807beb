package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.ActRefusedException.Kind;
import dev.dualwrite.outbox.jdbc.ActResult;
import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.StuckFilter;
import dev.dualwrite.outbox.jdbc.StuckPage;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint {@code dualwrite}: how the outbox stands, and the acts on its sinks. Looking is guarded by the actuator's own
 * exposure and its security; acting by {@link Operations} too. Thread-safe; blocks on the primary.
 */
@Endpoint(id = "dualwrite")
public final class DualwriteEndpoint {

    private static final int MAX_PAGE = 500;

    private final Operations operations;

    public DualwriteEndpoint(Operations operations) {
        this.operations = operations;
    }

    /** Every sink, every lane, every relay. */
    @ReadOperation
    public Map<String, @Nullable Object> overview() {
        Overview overview = operations.overview();
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("sinks", Answers.all(overview.sinks(), Answers::sink));
        answer.put("shards", Answers.all(operations.lanes(null), Answers::lane));
        answer.put("relays", Answers.all(overview.relays(), Answers::relay));
        return answer;
    }

    /** One sink with its lanes; null if nobody knows it. */
    @ReadOperation
    public @Nullable Map<String, @Nullable Object> sink(@Selector String sink) {
        return operations.overview().sinks().stream()
                .filter(each -> each.sink().equals(sink))
                .findFirst()
                .map(each -> {
                    Map<String, @Nullable Object> answer = Answers.sink(each);
                    answer.put("shards", Answers.all(operations.lanes(sink), Answers::lane));
                    return answer;
                })
                .orElse(null);
    }

    /** The stuck entries of a sink, a page of them; null for any other word than stuck. */
    @ReadOperation
    public @Nullable Map<String, @Nullable Object> stuck(
            @Selector String sink,
            @Selector String view,
            @Nullable String state,
            @Nullable Long after,
            @Nullable Integer limit) {
        if (!view.equals("stuck")) {
            return null;
        }
        StuckFilter all = StuckFilter.everything().ofSink(sink).inState(state);
        int size = limit == null ? all.limit() : Math.max(1, Math.min(limit, MAX_PAGE));
        StuckPage page = operations.stuck(all.page(after == null ? all.after() : after, size));
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("entries", Answers.all(page.entries(), Answers::stuck));
        answer.put("next", page.next());
        return answer;
    }

    /**
     * Acts on a sink: requeue (all its dead entries, or one of its own), discard (one of its own), pause, resume.
     *
     * @throws ActRefusedException if the caller may not, or it is refused
     */
    @WriteOperation
    public Map<String, @Nullable Object> act(
            @Selector String sink,
            @Selector String action,
            @Nullable String reason,
            @Nullable Boolean dryRun,
            @Nullable Long entryId) {
        var why = new Why(Objects.requireNonNullElse(reason, ""), Boolean.TRUE.equals(dryRun));
        return actFor(null, sink, action, entryId, why);
    }

    @Nullable
    String refusalOfHost(@Nullable String host) {
        return operations.refusalOfHost(host).orElse(null);
    }

    /** The same for whom the web server names; absent: whom the thread knows. */
    Map<String, @Nullable Object> actFor(
            @Nullable Principal principal, String sink, String action, @Nullable Long entryId, Why why) {
        return Answers.act(act(operations.as(principal), sink, action, entryId, why));
    }

    private static ActResult act(Operations known, String sink, String action, @Nullable Long entryId, Why why) {
        return switch (action) {
            case "requeue" -> entryId == null ? known.requeueAll(sink, why) : known.requeue(sink, entryId, why);
            case "discard" -> {
                if (entryId == null) {
                    throw new ActRefusedException(
                            Kind.INVALID,
                            "discard needs an entryId",
                            "Discard one entry at a time here, or use the console.");
                }
                yield known.discard(sink, entryId, why);
            }
            case "pause" -> known.pause(sink, why);
            case "resume" -> known.resume(sink, why);
            default ->
                throw new ActRefusedException(
                        Kind.INVALID,
                        "there is no action of that name",
                        "It is one of requeue, discard, pause and resume.");
        };
    }
}
