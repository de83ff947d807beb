package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxStoreException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The acts of the endpoint over HTTP: a refusal is 400, 403, 404 or 409 with the words of whoever refused, a primary that cannot be
 * asked is 503. Thread-safe.
 */
@EndpointWebExtension(endpoint = DualwriteEndpoint.class)
public final class DualwriteWebExtension {

    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;

    private final DualwriteEndpoint endpoint;

    public DualwriteWebExtension(DualwriteEndpoint endpoint) {
        this.endpoint = endpoint;
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
        try {
            return new WebEndpointResponse<>(endpoint.act(security, sink, action, reason, dryRun, entryId));
        } catch (ActRefusedException e) {
            return new WebEndpointResponse<>(
                    Answers.problem(e.getMessage(), e.hint().orElse(null)), status(e.kind()));
        } catch (OutboxStoreException e) {
            // Not its message: what a database says of itself is for the log.
            return new WebEndpointResponse<>(
                    Answers.problem(
                            "the primary could not be asked (SQLSTATE " + e.sqlState() + ")",
                            "Look into the audit whether it was done, then try again."),
                    WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
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
