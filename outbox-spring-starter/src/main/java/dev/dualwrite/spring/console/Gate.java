package dev.dualwrite.spring.console;

import dev.dualwrite.spring.operate.Caller;
import dev.dualwrite.spring.operate.Operations;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Refuses what may not come in: requests of other sites, changes without the token, and people who may not look. Who may act is
 * decided further in, by what every act passes through. Thread-safe.
 */
final class Gate {

    private final Operations operations;
    private final Tokens tokens;

    Gate(Operations operations, Tokens tokens) {
        this.operations = operations;
        this.tokens = tokens;
    }

    /** Why a request is not answered; empty if it is. */
    Optional<Reply> refusal(String name, HttpServletRequest request) {
        boolean isData = name.startsWith("api/") || name.equals("events");
        boolean isPost = request.getMethod().equals("POST");
        if (!isPost
                && !request.getMethod().equals("GET")
                && !request.getMethod().equals("HEAD")) {
            return Optional.of(Reply.problem(405, "the console takes GET and POST", null));
        }
        if (isData) {
            Optional<String> host = operations.refusalOfHost(request.getHeader("Host"));
            if (host.isPresent()) {
                return Optional.of(Reply.problem(403, host.get(), "Open the console by an address of that kind."));
            }
            Caller asks = operations.caller();
            if (!asks.mayLook()) {
                String who = asks.name() == null ? "nobody is logged in" : asks.name() + " may not look at the console";
                return Optional.of(Reply.problem(
                        403, who, "Log in as somebody with the role of an operator or of a viewer, then reload."));
            }
            if (!SameOrigin.isFrom(request)) {
                return Optional.of(Reply.problem(
                        403,
                        "this request comes from another site",
                        "Open the console by its own address. Behind a proxy that changes the host: let the application"
                                + " know the outer one (server.forward-headers-strategy)."));
            }
        }
        if (isPost) {
            return wrongPost(request);
        }
        return Optional.empty();
    }

    private Optional<Reply> wrongPost(HttpServletRequest request) {
        String type = request.getContentType();
        // A form of another site can send neither this type nor the header without being asked for.
        if (type == null || !type.startsWith("application/json")) {
            return Optional.of(Reply.problem(415, "the console takes application/json, not " + type, null));
        }
        if (!tokens.areRight(request)) {
            // Without a hint: the page gets a new token and tries once more.
            return Optional.of(Reply.problem(403, "the token of this page is not valid", null));
        }
        return Optional.empty();
    }
}
