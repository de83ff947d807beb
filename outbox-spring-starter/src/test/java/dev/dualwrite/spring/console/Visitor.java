package dev.dualwrite.spring.console;

import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A browser's cookies and headers without a browser. */
final class Visitor {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private final String base;
    private final String user;
    private Map<String, String> tokens = Map.of();

    Visitor(int port, String path) {
        this(port, path, "");
    }

    Visitor(int port, String path, String user) {
        this.base = "http://localhost:" + port + path;
        this.user = user;
    }

    HttpResponse<String> get(String name, String... headers) throws IOException, InterruptedException {
        return http.send(request(name, headers).build(), BodyHandlers.ofString());
    }

    HttpResponse<InputStream> stream() throws IOException, InterruptedException {
        return http.send(request("/events").build(), BodyHandlers.ofInputStream());
    }

    /** Asks who it is, and keeps the tokens; without some of them if so wished. */
    JsonNode begin() throws IOException, InterruptedException {
        JsonNode answer = JsonMapper.shared().readTree(get("/api/start").body());
        tokens = new java.util.TreeMap<>();
        answer.path("tokens")
                .properties()
                .forEach(token -> tokens.put(token.getKey(), token.getValue().asString()));
        return answer;
    }

    void forget(String token) {
        tokens.remove(token);
    }

    HttpResponse<String> post(String name, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(name, headers).POST(BodyPublishers.ofString(body));
        if (headers.length == 0 || !headers[0].equals("Content-Type")) {
            request.setHeader("Content-Type", "application/json");
        }
        tokens.forEach(request::setHeader);
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> act(String action, String... headers) throws IOException, InterruptedException {
        return post(
                "/api/act", "{\"action\": \"" + action + "\", \"sink\": \"copy\", \"reason\": \"a test\"}", headers);
    }

    private HttpRequest.Builder request(String name, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + name)).timeout(TIMEOUT).header("Accept", "application/json");
        if (!user.isEmpty()) {
            byte[] credentials = (user + ":" + user).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }
}
