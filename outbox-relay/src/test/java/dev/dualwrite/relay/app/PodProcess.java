package dev.dualwrite.relay.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A pod in a process of its own, with its log, on a free port. */
final class PodProcess implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+) ");

    /** What a JVM ends with that stops in order after SIGTERM. */
    static final int STOPPED = 143;

    private final Process process;
    private final Path log;
    private final HttpClient http = HttpClient.newHttpClient();
    private int port;

    private PodProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it and returns.
     *
     * @param command all of it but the properties, which are appended
     */
    static PodProcess start(String name, List<String> command, List<String> properties) throws IOException {
        var line = new ArrayList<>(command);
        line.add("--server.port=0");
        properties.forEach(property -> line.add("--" + property));
        Path log = Path.of("target", name + "-pod.log");
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(log.toFile()))
                .start();
        return new PodProcess(process, log);
    }

    /** The java of this JVM, with options for a short life. */
    static List<String> java(String... options) {
        return Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "-Duser.timezone=Pacific/Auckland"),
                        Stream.of(options))
                .toList();
    }

    /** Waits until readiness is UP. */
    PodProcess awaitReady() {
        await(this + " is ready").atMost(PodStores.SOON).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("the pod ended with " + process.exitValue() + ":\n" + log());
            }
            Matcher found = PORT.matcher(log());
            if (!found.find()) {
                return false;
            }
            port = Integer.parseInt(found.group(1));
            return get("/actuator/health/readiness").statusCode() == 200;
        });
        return this;
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url(path))).build());
    }

    HttpResponse<String> post(String path, String json) {
        return send(HttpRequest.newBuilder(URI.create(url(path)))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(request + " to " + this, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    String url(String path) {
        return "http://localhost:" + port + path;
    }

    /** Sends SIGTERM to the process; what it ended with. */
    int stop() throws InterruptedException {
        return end(process.toHandle());
    }

    /** Sends SIGTERM to the pod behind a wrapper that does not pass signals on. */
    int stopInnermost() throws InterruptedException {
        return end(innermost());
    }

    /** What Linux says of the pod behind a wrapper, by the name of a file in its directory of /proc. */
    String kernel(String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(innermost().pid()), file), UTF_8);
    }

    private ProcessHandle innermost() {
        return process.descendants().reduce((first, second) -> second).orElse(process.toHandle());
    }

    private int end(ProcessHandle told) throws InterruptedException {
        told.destroy();
        return awaitExit();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PodStores.SOON.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(this + " has not ended:\n" + log());
        }
        return process.exitValue();
    }

    String log() {
        try {
            return Files.readString(log, UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return "pod " + process.pid() + " (see " + log + ")";
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
