package dev.dualwrite.relay.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secondary that is down for ten minutes ({@code -Ddualwrite.outage=PT1M} for less), beside a pod as users run it. It is away
 * in three ways, for a third of the time each: silent, hanging up, and not listening.
 */
@EnabledIfSystemProperty(
        named = "dualwrite.soak",
        matches = "true",
        disabledReason = "minutes long; run it with -Psoak")
class OutageSoakIT {

    private static final Duration OUTAGE = Duration.parse(System.getProperty("dualwrite.outage", "PT10M"));
    private static final Duration HEALTHY = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofMinutes(1);

    /** Above the 30 s that a breaker pauses at most. */
    private static final Duration RETURN_LIMIT = Duration.ofSeconds(45);

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(3);

    /** A few when it begins and when the way to be away changes; the sink's pool tells about once a minute that it is empty. */
    private static final long WARNINGS = 10 + 2 * OUTAGE.toMinutes();

    private static final int FURTHER_THREADS = 5;

    private static final String[] HISTORY_OF_HELD_ENTRIES = {
        "CREATE TABLE was_held (version bigint, state text, attempts int, error_message text)",
        """
        CREATE FUNCTION was_held() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO was_held VALUES (NEW.version, NEW.state, NEW.attempts, NEW.error_message);
          RETURN NULL;
        END $$
        """,
        "CREATE TRIGGER was_held AFTER INSERT OR UPDATE ON dualwrite.held_entry"
                + " FOR EACH ROW EXECUTE FUNCTION was_held()"
    };

    @TempDir
    private Path directory;

    private final Pace pace = new Pace();
    private final Set<String> states = new TreeSet<>();
    private Store primary;
    private AbsentServer secondary;
    private PlainPod pod;
    private LightLoad load;
    private String relay;

    @BeforeEach
    void start() throws Exception {
        primary = new Store(directory.resolve("primary"), Map.of());
        primary.run(LightLoad.TABLE);
        secondary = new AbsentServer(directory.resolve("secondary"));
        try (Connection connection = secondary.connect()) {
            connection
                    .createStatement()
                    .execute("CREATE TABLE copy (key text PRIMARY KEY, token text NOT NULL, note text NOT NULL,"
                            + " dualwrite_version bigint NOT NULL)");
        }
        pod = PlainPod.start(
                Path.of("target", "outage-pod.log"),
                "server.port=0",
                "spring.datasource.url=" + primary.url(),
                "spring.datasource.username=" + primary.server().user(),
                "spring.datasource.password=" + primary.server().password(),
                "dualwrite.sinks.copy.type=jdbc",
                "dualwrite.sinks.copy.url=" + secondary.url(),
                "dualwrite.sinks.copy.username=" + primary.server().user(),
                "dualwrite.sinks.copy.password=" + primary.server().password(),
                "dualwrite.sinks.copy.table=copy",
                "dualwrite.sinks.copy.key-columns=key");
        // It installs the schema itself.
        await(pod.toString())
                .atMost(SOON)
                .ignoreExceptionsMatching(e -> pod.isAlive() && e instanceof SQLException)
                .until(() -> number("SELECT count(*) FROM dualwrite.shards WHERE holder IS NOT NULL") > 0);
        primary.run(HISTORY_OF_HELD_ENTRIES);
        relay = relays();
        load = new LightLoad(primary.connect(), "copy", new Random(1), pace);
    }

    @AfterEach
    void stop() throws Exception {
        try (var first = primary;
                var second = secondary;
                var process = pod;
                var writer = load) {
            pace.close();
        }
    }

    @Test
    void noAttemptIsCountedNoPodIsStartedAgainAndTheBacklogDrainsByItself() throws Exception {
        load.start();
        watch(HEALTHY);
        assertThat(states).as("before the outage").containsExactly("running: null");
        assertThat(copied()).as("before the outage").isNotEmpty();
        long threads = pod.kernelFigure("Threads");
        int warnings = pod.warnings().size();

        secondary.fallSilent();
        long first = lastSequence() + 1;
        watchTripped("silent");
        secondary.end();
        watchTripped("hanging up");
        secondary.closePort();
        watchTripped("not listening");

        long last = lastSequence();
        long backlog = entriesUpTo(last);
        assertThat(backlog).as("nothing of %d to %d was settled", first, last).isGreaterThan(last - first);
        List<String> warned = pod.warnings().subList(warnings, pod.warnings().size());
        assertThat(warned).hasSizeLessThanOrEqualTo((int) WARNINGS);
        assertThat(pod.kernelFigure("Threads")).as("threads").isLessThanOrEqualTo(threads + FURTHER_THREADS);

        secondary.comeBack();
        long back = System.nanoTime();
        await(pod.toString()).atMost(RETURN_LIMIT).until(() -> isApplied(first));
        Duration untilFirst = Duration.ofNanos(System.nanoTime() - back);
        await(pod.toString()).atMost(DRAIN_LIMIT).until(() -> entriesUpTo(last) == 0);
        Duration untilDrained = Duration.ofNanos(System.nanoTime() - back);
        watch(HEALTHY);
        load.stop();
        await(pod.toString()).atMost(SOON).until(() -> Outbox.isEmpty(primary));

        assertThat(copied()).as("rows of the secondary").isEqualTo(Outbox.rows(primary, row("item")));
        assertNothingWasHeld();
        report(new Figures(backlog, untilFirst, untilDrained, warned, threads));
    }

    /** What is to be told in the end. */
    private record Figures(
            long backlog, Duration untilFirst, Duration untilDrained, List<String> warned, long threadsBefore) {}

    private void report(Figures figures) throws IOException {
        String text = "outage of " + OUTAGE + ": backlog " + figures.backlog() + " of " + load.appended()
                + " entries in all; from the return of the secondary "
                + figures.untilFirst().toMillis()
                + " ms to the first apply, " + figures.untilDrained().toMillis() + " ms until drained; "
                + figures.warned().size() + " warnings in the pod's log; peak memory of the pod "
                + pod.kernelFigure("VmHWM") / 1024 + " MB, " + figures.threadsBefore() + " threads before, "
                + pod.kernelFigure("Threads") + " after\n\nthe view sinks said\n  " + String.join("\n  ", states)
                + "\n\nthe pod warned\n  " + String.join("\n  ", figures.warned()) + "\n";
        System.out.println(text);
        Files.writeString(Path.of("target", "outage-report.md"), text);
    }

    private void watchTripped(String how) throws Exception {
        await("the breaker while the secondary is " + how).atMost(SOON).until(() -> state().startsWith("tripped: "));
        watch(OUTAGE.dividedBy(3));
        assertThat(state()).as(how).startsWith("tripped: ").doesNotEndWith("null");
    }

    /** Looks every second: the same relay in the same process, and nothing was ever held. */
    private void watch(Duration time) throws SQLException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            assertThat(pod.isAlive()).as("%s", pod).isTrue();
            assertThat(relays()).as("%s", pod).isEqualTo(relay);
            assertNothingWasHeld();
            states.add(state());
            pace.pause(1000);
        }
    }

    /** Attempts are counted in held entries only, so there is none without one. */
    private void assertNothingWasHeld() throws SQLException {
        assertThat(Outbox.rows(primary, "SELECT to_jsonb(h) FROM was_held h LIMIT 5"))
                .as("held")
                .isEmpty();
    }

    private String relays() throws SQLException {
        return Outbox.rows(
                        primary, "SELECT string_agg(relay::text || ' of ' || started_at, ', ') FROM dualwrite.relays")
                .get(0);
    }

    private String state() throws SQLException {
        return Outbox.rows(primary, "SELECT state || ': ' || coalesce(reason, 'null') FROM dualwrite.sinks")
                .get(0);
    }

    private boolean isApplied(long sequence) throws SQLException {
        // A version is the sequence itself in the first epoch.
        return rowsOfSecondary("SELECT 1 FROM copy WHERE dualwrite_version >= " + sequence + " LIMIT 1")
                .equals(List.of("1"));
    }

    private long lastSequence() throws SQLException {
        return number("SELECT last_value FROM dualwrite.entry_sequence");
    }

    private long entriesUpTo(long sequence) throws SQLException {
        return number("SELECT count(*) FROM dualwrite.outbox_entry WHERE sequence <= " + sequence);
    }

    private long number(String query) throws SQLException {
        return Long.parseLong(Outbox.rows(primary, query).get(0));
    }

    private List<String> copied() throws SQLException {
        return rowsOfSecondary(row("copy"));
    }

    private List<String> rowsOfSecondary(String query) throws SQLException {
        try (Connection connection = secondary.connect()) {
            return Outbox.rows(connection, query);
        }
    }

    private static String row(String table) {
        return "SELECT key || ' ' || token || ' ' || md5(note) FROM " + table + " ORDER BY key COLLATE \"C\"";
    }
}
