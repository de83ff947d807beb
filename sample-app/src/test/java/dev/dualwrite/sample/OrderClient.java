package dev.dualwrite.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.sample.order.OrderRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the order service, over real HTTP. Thread-safe. */
public final class OrderClient {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    public OrderClient(int port) {
        this.base = "http://localhost:" + port;
    }

    /** An answer. */
    public record Answer(int status, String body, String location) {

        public JsonNode json() {
            return JSON.readTree(body);
        }

        public long id() {
            return json().get("id").asLong();
        }

        public long version() {
            return json().get("version").asLong();
        }
    }

    public Answer post(OrderRequest order) throws IOException, InterruptedException {
        return post(JSON.writeValueAsString(order));
    }

    public Answer post(String body) throws IOException, InterruptedException {
        return send("POST", "/orders", body);
    }

    public Answer put(long id, OrderRequest order) throws IOException, InterruptedException {
        return send("PUT", "/orders/" + id, JSON.writeValueAsString(order));
    }

    public Answer delete(long id) throws IOException, InterruptedException {
        return send("DELETE", "/orders/" + id, "");
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    public Answer send(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
        if (body.isEmpty()) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body, UTF_8));
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString(UTF_8));
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("Location").orElse(""));
    }
}
