package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.outbox.jdbc.StuckFilter;
import dev.dualwrite.spring.operate.Caller;
import dev.dualwrite.spring.operate.Operations;
import dev.dualwrite.spring.operate.ShownEntry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The page's questions and acts, answered by {@link Operations} alone. Thread-safe; blocks on the primary. */
final class Api {

    private static final int PAGE = 50;

    /** A bulk act of 500 entries takes a tenth of it. */
    private static final int LARGEST_BODY = 100_000;

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");

    private final Operations operations;
    private final Looks looks;
    private final Acts acts;
    private final Tokens tokens;
    private final Json json = new Json();

    Api(Operations operations, Looks looks, Tokens tokens) {
        this.operations = operations;
        this.looks = looks;
        this.tokens = tokens;
        this.acts = new Acts(operations);
    }

    /** Answers a request for a name below api/. */
    Reply answer(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            if (request.getMethod().equals("POST")) {
                JsonNode body = body(request);
                return body == null ? unreadable() : posted(name, body);
            }
            return switch (name) {
                case "start" -> start(request, response);
                case "overview" -> Reply.ok(Answers.answer("history", looks.history(), "look", looks.look()));
                case "lanes" -> Reply.ok(Answers.lanes(operations.lanes(null)));
                case "audit" ->
                    Reply.ok(Answers.audit(operations.audit(number(request.getParameter("before")), PAGE), json));
                default -> name.startsWith("entries/") ? entry(name.substring(8)) : unknown();
            };
        } catch (OutboxException e) {
            return new Reply(Problems.status(e), name.equals("act") ? Problems.ofAct(e) : Problems.of(e));
        }
    }

    private Reply posted(String name, JsonNode body) {
        return switch (name) {
            case "stuck" -> Reply.ok(Answers.stuck(operations.stuck(filter(body))));
            case "act" -> acts.perform(body);
            default -> unknown();
        };
    }

    /** Who asks, and the tokens that posts must carry: ours, and Spring Security's where its filter wants one. */
    private Reply start(HttpServletRequest request, HttpServletResponse response) {
        Caller caller = operations.caller();
        Map<String, String> given = new LinkedHashMap<>(SecurityToken.of(request));
        given.put(Tokens.HEADER, tokens.give(request, response));
        return Reply.ok(Answers.answer(
                "actor", caller.name(), "mayAct", caller.mayAct(), "whyNot", caller.refusal(), "tokens", given));
    }

    private Reply entry(String id) {
        Long number = number(id);
        Optional<ShownEntry> entry = number == null ? Optional.empty() : operations.entry(number);
        return entry.map(shown -> Reply.ok(Answers.entry(shown)))
                .orElseGet(() -> Reply.problem(
                        404,
                        "entry " + (number == null ? "?" : number) + " is not stuck",
                        "It was applied, requeued or discarded meanwhile: look at the list again, or into the audit."));
    }

    private static StuckFilter filter(JsonNode body) {
        Long after = number(text(body, "after"));
        StuckFilter filter = StuckFilter.everything()
                .ofSink(text(body, "sink"))
                .inState(text(body, "state"))
                .ofAggregate(text(body, "aggregateType"), text(body, "aggregateId"));
        return filter.page(after == null ? filter.after() : after, PAGE);
    }

    static @Nullable String text(JsonNode body, String field) {
        JsonNode value = body.path(field);
        return value.isString() ? value.asString() : null;
    }

    static @Nullable Long number(@Nullable String text) {
        return text != null && NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
    }

    private @Nullable JsonNode body(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(LARGEST_BODY + 1);
        return body.length > LARGEST_BODY ? null : json.read(body);
    }

    private static Reply unreadable() {
        return Reply.problem(400, "the body is no JSON object of at most " + LARGEST_BODY + " bytes", null);
    }

    private static Reply unknown() {
        return Reply.problem(404, "the console has no such question", "Reload the page: it may be of another release.");
    }
}
