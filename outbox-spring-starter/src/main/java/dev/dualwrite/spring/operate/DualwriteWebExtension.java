package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxStoreException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The endpoint over HTTP: a refusal is 400, 403, 404 or 409 with the words of whoever refused, a primary that cannot be asked is 503.
 * Thread-safe; blocks on the primary.
 */
@EndpointWebExtension(endpoint = DualwriteEndpoint.class)
public final class DualwriteWebExtension {

    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;

    private static final String LOOK_HINT = "See whether the primary runs and can be reached, then try again.";

    private final DualwriteEndpoint endpoint;
    private final RequestHost host;

    DualwriteWebExtension(DualwriteEndpoint endpoint, RequestHost host) {
        this.endpoint = endpoint;
        this.host = host;
    }

    /** As {@link DualwriteEndpoint#overview}. */
    @ReadOperation
    public WebEndpointResponse<Map<String, @Nullable Object>> overview() {
        return answer(endpoint::overview);
    }

    /** As {@link DualwriteEndpoint#sink}. */
    @ReadOperation
    public WebEndpointResponse<Map<String, @Nullable Object>> sink(@Selector String sink) {
        return answer(() -> endpoint.sink(sink));
    }

    /** As {@link DualwriteEndpoint#stuck}. */
    @ReadOperation
    public WebEndpointResponse<Map<String, @Nullable Object>> stuck(
            @Selector String sink,
            @Selector String view,
            @Nullable String state,
            @Nullable Long after,
            @Nullable Integer limit) {
        return answer(() -> endpoint.stuck(sink, view, state, after, limit));
    }

    /** As {@link DualwriteEndpoint#act}. */
    @WriteOperation
    public WebEndpointResponse<Map<String, @Nullable Object>> act(
            SecurityContext security,
            @Selector String sink,
            @Selector String action,
            @Nullable String reason,
            @Nullable Boolean dryRun,
            @Nullable Long entryId) {
        String refusal = endpoint.refusalOfHost(host.asked());
        if (refusal != null) {
            return new WebEndpointResponse<>(Answers.problem("not allowed: " + refusal, null), FORBIDDEN);
        }
        if (!host.isFor(sink, action)) {
            return new WebEndpointResponse<>(
                    Answers.problem(
                            "the fields name another sink or action than the path; nothing was changed",
                            "The path alone says which; the fields are reason, dryRun and entryId."),
                    WebEndpointResponse.STATUS_BAD_REQUEST);
        }
        var why = new Why(Objects.requireNonNullElse(reason, ""), Boolean.TRUE.equals(dryRun));
        return answer(
                () -> endpoint.actFor(security.getPrincipal(), sink, action, entryId, why),
                e -> Answers.problem(PrimaryProblem.ofAct(e), PrimaryProblem.ACT_HINT));
    }

    private static WebEndpointResponse<Map<String, @Nullable Object>> answer(
            Supplier<@Nullable Map<String, @Nullable Object>> question) {
        return answer(question, e -> Answers.problem(PrimaryProblem.ofLook(e), LOOK_HINT));
    }

    private static WebEndpointResponse<Map<String, @Nullable Object>> answer(
            Supplier<@Nullable Map<String, @Nullable Object>> question,
            Function<OutboxStoreException, Map<String, @Nullable Object>> problem) {
        try {
            Map<String, @Nullable Object> found = question.get();
            return found == null
                    ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                    : new WebEndpointResponse<>(found);
        } catch (ActRefusedException e) {
            return new WebEndpointResponse<>(
                    Answers.problem(e.getMessage(), e.hint().orElse(null)), status(e.kind()));
        } catch (OutboxStoreException e) {
            return new WebEndpointResponse<>(problem.apply(e), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    private static int status(ActRefusedException.Kind kind) {
        return switch (kind) {
            case INVALID -> WebEndpointResponse.STATUS_BAD_REQUEST;
            case FORBIDDEN -> FORBIDDEN;
            case NOT_FOUND -> WebEndpointResponse.STATUS_NOT_FOUND;
            case CONFLICT -> CONFLICT;
        };
    }
}
