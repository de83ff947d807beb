package dev.dualwrite.spring.console;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Everything below the console's path. By hand and not by controllers: the service's message converters, advice and interceptors
 * would change what the page relies on. Thread-safe.
 */
final class ConsoleHandler implements HttpRequestHandler {

    /** So that whoever was logged out, or lost a role, is noticed; the browser comes back by itself. Guessed. */
    private static final Duration STREAM_LIFE = Duration.ofMinutes(5);

    private final Statics statics = new Statics();
    private final Json json = new Json();
    private final Gate gate;
    private final Api api;
    private final Looks looks;
    private final Feed feed;

    ConsoleHandler(Gate gate, Api api, Looks looks, Feed feed) {
        this.gate = gate;
        this.api = api;
        this.looks = looks;
        this.feed = feed;
    }

    @Override
    public void handleRequest(HttpServletRequest request, HttpServletResponse response) throws IOException {
        SecurityHeaders.set(response);
        String within = String.valueOf(request.getAttribute(HandlerMapping.PATH_WITHIN_HANDLER_MAPPING_ATTRIBUTE));
        String name = within.startsWith("/") ? within.substring(1) : within;
        Optional<Reply> refusal = gate.refusal(name, request);
        if (refusal.isPresent()) {
            refusal.get().send(response, json);
        } else if (name.equals("events")) {
            stream(request, response);
        } else if (name.startsWith("api/")) {
            api.answer(name.substring(4), request, response).send(response, json);
        } else if (!statics.answer(name, request, response)) {
            Reply.problem(404, "the console has no page " + request.getRequestURI(), "Open its first page.")
                    .send(response, json);
        }
    }

    private void stream(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!feed.hasRoom()) {
            Reply.problem(503, "too many pages are told news already", "This page asks every few seconds instead.")
                    .send(response, json);
            return;
        }
        byte[] first = looks.first();
        AsyncContext async;
        try {
            async = request.startAsync();
        } catch (IllegalStateException e) {
            // A filter of the service that does not let requests be asynchronous.
            Reply.problem(
                            503,
                            "a filter of this application keeps streams away",
                            "This page asks every few seconds instead.")
                    .send(response, json);
            return;
        }
        async.setTimeout(0);
        response.setContentType("text/event-stream;charset=utf-8");
        // Nginx would gather news up.
        response.setHeader("X-Accel-Buffering", "no");
        feed.add(new EventStream(async, first, looks.now().plus(STREAM_LIFE), feed::remove));
    }
}
