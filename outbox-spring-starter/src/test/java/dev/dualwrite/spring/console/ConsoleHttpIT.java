package dev.dualwrite.spring.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;

/** The console over HTTP, where there is no Spring Security: below a context path, at a path of its own. */
@Timeout(120)
class ConsoleHttpIT {

    private static final String PATH = "/shop/ops/console";

    private static TestDatabase database;
    private static ConfigurableApplicationContext service;

    @BeforeAll
    static void start() {
        database = TestDatabases.create();
        service = serve("--dualwrite.operator.allow-unsecured-writes=true");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void pathWithoutASlashLeadsToThePageByARelativeAddress() throws Exception {
        HttpResponse<String> answer = visitor().get("");

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).contains("console/");
    }

    @Test
    void everyAnswerForbidsTheBrowserWhatThePageDoesNotNeed() throws Exception {
        for (String name : List.of("/", "/js/main.js", "/api/start", "/api/overview", "/nothing")) {
            HttpResponse<String> answer = visitor().get(name);

            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .as(name)
                    .contains(
                            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
                                    + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.headers().firstValue("Cross-Origin-Opener-Policy"))
                    .contains("same-origin");
            assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy"))
                    .contains("same-origin");
            boolean isFile = name.equals("/") || name.startsWith("/js/");
            assertThat(answer.headers().firstValue("Cache-Control")).contains(isFile ? "no-cache" : "no-store");
        }
    }

    @Test
    void everyFileOfThePageIsServedAndNotSentAgainUnchanged() throws Exception {
        Path folder = Path.of("src/main/resources/dev/dualwrite/console");
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        assertThat(files).hasSizeGreaterThan(10);
        for (Path file : files) {
            String name = "/" + folder.relativize(file);

            HttpResponse<String> answer = visitor().get(name);

            assertThat(answer.statusCode()).as(name).isEqualTo(200);
            assertThat(answer.body()).as(name).isEqualTo(Files.readString(file));
            String etag = answer.headers().firstValue("ETag").orElseThrow();
            assertThat(visitor().get(name, "If-None-Match", etag).statusCode()).isEqualTo(304);
        }
    }

    @Test
    void pageHasNothingInlineAndNothingFromElsewhere() throws Exception {
        String page = visitor().get("/").body();

        assertThat(page).doesNotContainIgnoringCase("<style").doesNotContain("style=", "//", "javascript:");
        assertThat(page).doesNotContainPattern("\\son\\w+=").doesNotContainPattern("<script[^>]*>\\s*\\w");
    }

    @Test
    void actsAreDoneAndToldByTheAudit() throws Exception {
        Visitor visitor = visitor();
        visitor.begin();

        assertThat(visitor.act("pause").statusCode()).isEqualTo(200);
        HttpResponse<String> again = visitor.act("pause");
        assertThat(visitor.act("resume").statusCode()).isEqualTo(200);

        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("sink copy is paused already").contains("\"hint\":\"Whoever resumes it");
        assertThat(visitor.get("/api/audit").body()).contains("pause_sink", "unsecured via", "a test");
    }

    /** Of a sink that no relay carries. */
    @Test
    void consoleFindsWhatTheHealthFinds() throws Exception {
        String look = visitor().get("/api/overview").body();

        HealthIndicator health = service.getBean("dualwriteOutboxHealthIndicator", HealthIndicator.class);
        assertThat(String.valueOf(health.health().getDetails())).contains("no living relay carries it");
        assertThat(look).contains("\"findings\":[{\"problem\":\"no living relay carries it\"");
    }

    @Test
    void allDeadEntriesOfASinkAreRequeuedInOneActAfterAPreview() throws Exception {
        Visitor visitor = visitor();
        visitor.begin();
        String act = "{\"action\": \"requeueAll\", \"sink\": \"copy\", \"reason\": \"cured\", \"dryRun\": ";

        assertThat(visitor.post("/api/act", act + "true}").body()).contains("\"count\":0", "\"dryRun\":true");
        assertThat(visitor.get("/api/audit").body()).doesNotContain("requeue_all");
        assertThat(visitor.post("/api/act", act + "false}").body()).contains("\"dryRun\":false");
        assertThat(visitor.get("/api/audit").body()).contains("requeue_all");
    }

    @Test
    void dryRunChangesNothing() throws Exception {
        Visitor visitor = visitor();
        visitor.begin();

        HttpResponse<String> answer = visitor.post(
                "/api/act", "{\"action\": \"pause\", \"sink\": \"copy\", \"reason\": \"a test\", \"dryRun\": true}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(visitor.get("/api/overview").body()).doesNotContain("\"paused\"");
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site",
        "Sec-Fetch-Site, none",
        "Origin, https://elsewhere.example",
        "Origin, null",
        "Origin, http://localhost:1",
        "Content-Type, application/x-www-form-urlencoded",
        "Content-Type, text/plain"
    })
    void requestOfAnotherSiteIsRefused(String header, String value) throws Exception {
        Visitor visitor = visitor();
        visitor.begin();

        HttpResponse<String> answer = visitor.act("pause", header, value);

        assertThat(answer.statusCode()).as(answer.body()).isIn(403, 415);
    }

    /** By a name of its own that it has resolved to here, a page of another site passes for the same origin. */
    @Test
    void nameOfAnotherSiteThatWasResolvedToHereIsRefused() throws Exception {
        for (String name : List.of("/api/start", "/api/overview", "/events")) {
            String request = "GET " + PATH + name + " HTTP/1.1\r\nHost: evil.example:" + port()
                    + "\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n";
            try (Socket socket = new Socket("localhost", port())) {
                socket.getOutputStream().write(request.getBytes(UTF_8));

                assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                        .startsWith("HTTP/1.1 403 ")
                        .contains("dualwrite.operator.allowed-hosts");
            }
        }
    }

    @Test
    void requestOfThePageItselfIsTaken() throws Exception {
        Visitor visitor = visitor();
        visitor.begin();
        String own = "http://localhost:" + port();

        assertThat(visitor.post("/api/stuck", "{}", "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(200);
        assertThat(visitor.post("/api/stuck", "{}", "Origin", own).statusCode()).isEqualTo(200);
    }

    @Test
    void postWithoutTheTokenIsRefused() throws Exception {
        Visitor visitor = visitor();
        visitor.begin();
        visitor.forget(Tokens.HEADER);

        assertThat(visitor.act("pause").statusCode()).isEqualTo(403);
        assertThat(visitor().act("pause", Tokens.HEADER, "0".repeat(32)).statusCode())
                .as("with a token that the cookie does not carry")
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"/api/act, 400", "/api/stuck, 400", "/api/nothing, 400"})
    void bodyThatIsNoObjectIsRefused(String name, int status) throws Exception {
        Visitor visitor = visitor();
        visitor.begin();

        assertThat(visitor.post(name, "[1").statusCode()).isEqualTo(status);
        assertThat(visitor.post(name, "{\"x\": \"" + "x".repeat(100_000) + "\"}")
                        .statusCode())
                .isEqualTo(status);
    }

    @Test
    void newsComeFromOneThreadThatEndsWithTheLastWatcher() throws Exception {
        var streams = new ArrayList<InputStream>();
        for (int i = 0; i < 5; i++) {
            HttpResponse<InputStream> answer = visitor().stream();
            assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream;charset=utf-8");
            streams.add(answer.body());
        }

        for (InputStream stream : streams) {
            assertThat(readUntil(stream, "event: look")).contains("retry: 500", "event: history", "\"sink\":\"copy\"");
        }
        assertThat(threads()).hasSize(1);
        for (InputStream stream : streams) {
            stream.close();
        }
        await().atMost(60, SECONDS).until(() -> threads().isEmpty());
    }

    @Test
    void moreWatchersThanThereIsRoomForAreRefused() throws Exception {
        var streams = new ArrayList<InputStream>();
        HttpResponse<InputStream> answer = visitor().stream();
        while (answer.statusCode() == 200 && streams.size() < 100) {
            streams.add(answer.body());
            answer = visitor().stream();
        }

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(streams).hasSize(50);
        for (InputStream stream : streams) {
            stream.close();
        }
        await().atMost(60, SECONDS).until(() -> threads().isEmpty());
    }

    /** Were a stream waited for, this would take until the test is given up. */
    @Test
    void openStreamDoesNotDelayTheEnd() throws Exception {
        ConfigurableApplicationContext own =
                serve("--server.shutdown=graceful", "--spring.lifecycle.timeout-per-shutdown-phase=1h");
        Visitor visitor = new Visitor(port(own), PATH);
        try (InputStream stream = visitor.stream().body()) {
            readUntil(stream, "event: look");

            own.close();

            assertThat(stream.readAllBytes()).isNotNull();
        }
    }

    @Test
    void nothingIsChangedWithoutSpringSecurityUnlessAllowed() throws Exception {
        try (ConfigurableApplicationContext own = serve()) {
            Visitor visitor = new Visitor(port(own), PATH);

            assertThat(visitor.begin().path("mayAct").asBoolean()).isFalse();
            assertThat(visitor.get("/api/overview").statusCode()).isEqualTo(200);
            HttpResponse<String> answer = visitor.act("pause");

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("dualwrite.operator.allow-unsecured-writes");
        }
    }

    private static String readUntil(InputStream stream, String text) throws Exception {
        var read = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (read.indexOf(text) < 0 || read.indexOf("\n\n", read.indexOf(text)) < 0) {
            int n = stream.read(buffer);
            assertThat(n).as("what comes after: %s", read).isPositive();
            read.append(new String(buffer, 0, n, UTF_8));
        }
        return read.toString();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("dualwrite-console"))
                .toList();
    }

    private static ConfigurableApplicationContext serve(String... more) {
        var arguments = new ArrayList<>(
                List.of("--server.servlet.context-path=/shop", "--dualwrite.console.path=/ops/console"));
        arguments.addAll(List.of(more));
        return ConsoleService.start(ConsoleService.class, database, false, arguments.toArray(String[]::new));
    }

    private static int port(ConfigurableApplicationContext context) {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static int port() {
        return port(service);
    }

    private static Visitor visitor() {
        return new Visitor(port(), PATH);
    }
}
