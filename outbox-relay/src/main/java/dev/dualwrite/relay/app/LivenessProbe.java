package dev.dualwrite.relay.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Asks the pod in the same container whether it lives, for health checks that run a command: the image has neither a shell nor
 * curl. Ends with 0 if the answer is 200, else with 1 and the reason. Kubernetes asks by itself and does not need it.
 */
public final class LivenessProbe {

    private static final String URL = "http://127.0.0.1:8080/actuator/health/liveness";
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private LivenessProbe() {}

    /**
     * Blocks for three seconds at most, for the connection and for the answer each.
     *
     * @param args another URL, if the pod does not listen on 8080
     * @throws IllegalStateException if the answer is another than 200
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        URI url = URI.create(args.length == 0 ? URL : args[0]);
        var client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        int status = client.send(HttpRequest.newBuilder(url).timeout(TIMEOUT).build(), BodyHandlers.discarding())
                .statusCode();
        if (status != 200) {
            throw new IllegalStateException(
                    url + " answered " + status + ", expected 200. Next: look at the pod's log");
        }
    }
}
