package dev.dualwrite.relay.alerts;

import static dev.dualwrite.relay.alerts.Stage.is;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.relay.alerts.AlertRules.Alert;
import dev.dualwrite.relay.alerts.RunbookPage.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the alert's text alone to the cure by its page: each fault is really there, the figures are what the processes answered, Prometheus'
 * own rules fire on them, and what the page says is done until they do not. A fault lasts for as long as it takes to see it; what
 * was seen is held for as long as the alert waits.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AlertsIT {

    private static final Pattern METRIC = Pattern.compile("(dualwrite_\\w+)(?:\\{([^}]*)\\})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)(?:=~|!=|!~|=)\"");
    private static final Pattern GROUPED = Pattern.compile("by \\(([^)]*)\\)");
    /** Statements that change something. */
    private static final Pattern ACT = Pattern.compile("^SELECT (dualwrite\\.\\w+|pg_terminate_backend)\\(");
    /** What takes more rights than an operator's; the pages say so. */
    private static final Pattern OF_OTHERS = Pattern.compile("pg_stat_activity|pg_terminate_backend");

    private static final String POD = "pod-a";

    private Stage stage;
    private Prompt operator;
    private Prompt superuser;

    @TempDir
    private Path temp;

    @BeforeAll
    void open() {
        stage = new Stage();
        operator = new Prompt(stage.operatorAtPrimary());
        superuser = new Prompt(stage.atPrimary);
    }

    @AfterAll
    void close() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }

    /** Each test leaves everything well; one that failed may not have. */
    @BeforeEach
    void startPod() {
        stage.clear();
        stage.startPod(POD, "dualwrite.relay.max-attempts=3");
    }

    @Test
    void eachMetricAndLabelOfRulesAndDashboardIsThere() throws IOException {
        stage.append("named");
        Map<String, Set<String>> known = stage.await(
                        "applied", scrape -> is(scrape, 1, "dualwrite_entries_applied_total", "orders-relay"))
                .labels();

        for (String expression : Stream.concat(AlertRules.expressions().stream(), Dashboard.expressions().stream())
                .toList()) {
            for (MatchResult metric : METRIC.matcher(expression).results().toList()) {
                assertThat(known).as(expression).containsKey(metric.group(1));
                assertThat(known.get(metric.group(1)))
                        .as("labels of %s", metric.group(1))
                        .containsAll(labels(expression, metric.group(2)));
            }
        }
    }

    @Test
    void secondaryThatRefusesOneRow() throws Exception {
        stage.stopPod(POD);
        stage.startPod(POD, "dualwrite.relay.max-attempts=1000");
        Scrape before = stage.awaitWell();
        refuse("no_late_orders", "o-8");
        stage.append("o-8");
        stage.await("failed", scrape -> is(scrape, 1, "dualwrite_entries_held", "backing_off", "orders\""));
        // Ten minutes pass.
        stage.atPrimary.update("UPDATE dualwrite.held_entry SET appended_at = appended_at - interval '10 minutes'");
        Scrape fault = stage.await("late", scrape -> scrape.value("dualwrite_lag_seconds", "orders\"") > 300);

        RunbookPage page = diagnose("DualwriteLagHigh", Map.of());
        accept("no_late_orders");

        assertCured(page, new Recording(before, fault, fault));
    }

    @Test
    void secondaryThatRefusesARowForGood() throws Exception {
        Scrape before = stage.awaitWell();
        refuse("no_dead_orders", "o-9");
        stage.append("o-9");
        Scrape fault = stage.await("dead", scrape -> is(scrape, 1, "dualwrite_entries_held", "\"dead\"", "orders\""));
        String id = String.valueOf(
                stage.atPrimary.queryForObject("SELECT entry_id FROM dualwrite.stuck_entries", Long.class));

        RunbookPage page = diagnose("DualwriteEntriesDead", Map.of("4711", id));
        accept("no_dead_orders");
        run(page, "Mitigation", Map.of());

        assertCured(page, new Recording(before, fault, fault));
    }

    @Test
    void secondaryThatIsTooSlow() throws Exception {
        Scrape before = stage.awaitWell();
        stage.atSecondary.execute("""
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
                CREATE TRIGGER slow BEFORE INSERT ON orders_copy FOR EACH ROW EXECUTE FUNCTION slow()
                """);
        stage.append("first-", 3000);
        Scrape begun = stage.await("backlog", scrape -> scrape.value("dualwrite_backlog_entries", "orders\"") > 1000);
        stage.append("then-", 3000);
        Scrape lasting = stage.await(
                "more",
                scrape -> scrape.value("dualwrite_backlog_entries", "orders\"")
                        > begun.value("dualwrite_backlog_entries", "orders\"") + 100);

        RunbookPage page = diagnose("DualwriteBacklogGrowing", Map.of());
        stage.atSecondary.execute("DROP TRIGGER slow ON orders_copy; DROP FUNCTION slow()");

        assertCured(page, new Recording(before, begun, lasting), "DualwriteLagHigh");
    }

    @Test
    void secondaryThatIsDown() throws Exception {
        Scrape before = stage.awaitWell();
        stage.podToSecondary.cut();
        stage.append("unreachable");
        Scrape fault = stage.await(
                "tripped", scrape -> is(scrape, 1, "dualwrite_sink_state", "tripped", "orders\"") && waits(scrape));

        RunbookPage page = diagnose("DualwriteSinkTripped", Map.of());
        stage.podToSecondary.mend();

        assertCured(page, new Recording(before, fault, fault), "DualwriteLagHigh");
    }

    @Test
    void sinkThatAPersonPaused() throws Exception {
        Scrape before = stage.awaitWell();
        operator.run("SELECT dualwrite.pause_sink('copy', 'second store is moved')");
        stage.append("waits");
        Scrape fault = stage.await(
                "paused",
                scrape -> is(scrape, 1, "dualwrite_sink_state", "paused", "orders\"")
                        && is(scrape, 1, "dualwrite_backlog_entries", "orders\""));

        RunbookPage page = diagnose("DualwriteSinkPaused", Map.of());
        run(page, "Mitigation", Map.of());

        assertCured(page, new Recording(before, fault, fault));
    }

    @Test
    void relayThatIsCutOffAndItsPodGone() throws Exception {
        Scrape before = stage.awaitWell();
        stage.podToPrimary.cut();
        stage.await("no living relay", scrape -> is(scrape, 0, "dualwrite_relays", "orders\""));
        stage.stopPod(POD);
        stage.append("nobody");
        Scrape fault = stage.await("waits", AlertsIT::waits);

        RunbookPage page = diagnose("DualwriteNobodyRelays", Map.of());
        stage.podToPrimary.mend();
        stage.startPod("pod-b");

        // Whoever holds no lane is a relay, and there is none; and the pod's own series are gone with it: monitor.md
        // says so.
        assertCured(
                page,
                new Recording(before, fault, fault),
                "DualwriteShardsUnheld",
                "DualwriteLagHigh",
                "DualwritePrimaryNotMeasured");
        stage.stopPod("pod-b");
        // An hour passes.
        stage.atPrimary.update("DELETE FROM dualwrite.relay WHERE heartbeat_at + alive_for < now()");
    }

    /** On a primary of its own: the other tests know one sink. */
    @Test
    void sinkThatItsRelayNoLongerHas() throws Exception {
        try (var own = new Stage()) {
            own.startPod(POD);
            Scrape before = own.awaitWell();
            own.stopPod(POD);
            own.startPodOfAnotherSink("pod-b");
            own.append("uncarried");
            Scrape fault = own.await(
                    "uncarried",
                    scrape -> is(scrape, 1, "dualwrite_sink_state", "uncarried", "\"copy\"", "orders\"")
                            && Stage.all(scrape, 1, "dualwrite_relays")
                            && Stage.all(scrape, 1, "dualwrite_sink_state", "running", "\"other\"")
                            && Stage.all(scrape, 0, "dualwrite_shards_unheld", "\"other\"")
                            && waits(scrape));

            String look =
                    page("DualwriteNobodyRelays").steps("Diagnosis").get(0).sql();
            assertThat(new Prompt(own.atPrimary).run(look).get(1))
                    .as("a living one, as the page says, which has not the sink in its sinks")
                    .contains("t", "{other}");
            new Recording(before, fault, fault)
                    .assertFiring(
                            Set.of("DualwriteNobodyRelays", "DualwriteShardsUnheld", "DualwriteLagHigh"),
                            before,
                            Promtool.orSkip(),
                            temp);
        }
    }

    @Test
    void laneWhoseLockAPersonHolds() throws Exception {
        Scrape before = stage.awaitWell();
        try (Connection person = stage.connectToPrimary()) {
            String pid = lock(person, "SELECT 1 FROM dualwrite.shedlock WHERE name = 'copy/1' FOR UPDATE");
            // Until its next round a relay works on with a lease that has run out, as its token allows.
            stage.await(
                    "unheld",
                    scrape -> is(scrape, 1, "dualwrite_shards_unheld", "orders\"")
                            && Stage.all(scrape, 15, "dualwrite_shards_held"));
            stage.append("in-some-lane-", 200);
            Scrape fault = stage.await(
                    "only that lane waits",
                    scrape -> waits(scrape) && scrape.value("dualwrite_backlog_entries", "orders\"") < 100);

            RunbookPage page = diagnose("DualwriteShardsUnheld", Map.of());
            run(page, "Mitigation", Map.of("4711", pid));

            assertCured(page, new Recording(before, fault, fault), "DualwriteLagHigh");
        }
    }

    @Test
    void sinkThatThrowsAJavaError() throws Exception {
        stage.stopPod(POD);
        stage.startPodThatBreaks("pod-b");
        Scrape before = stage.awaitWell();
        stage.append("breaks");
        stage.await("broken", scrape -> is(scrape, 1, "dualwrite_relay_broken", "pod-b"));
        stage.startPod(POD);
        Scrape fault = stage.await(
                "the other has its lanes",
                scrape -> Stage.all(scrape, 0, "dualwrite_shards_unheld")
                        && Stage.all(scrape, 0, "dualwrite_backlog_entries"));

        RunbookPage page = diagnose("DualwriteRelayBroken", Map.of());
        stage.stopPod("pod-b");
        stage.startPod("pod-b");

        assertCured(page, new Recording(before, fault, fault));
        stage.stopPod("pod-b");
    }

    @Test
    void primaryThatTheServiceDoesNotReach() throws Exception {
        Scrape before = stage.awaitWell();
        stage.serviceToPrimary.cut();
        Scrape fault = stage.await("blind", scrape -> is(scrape, 0, "dualwrite_primary_measured", "orders\""));

        RunbookPage page = diagnose("DualwritePrimaryNotMeasured", Map.of());
        run(page, "Mitigation", Map.of());
        stage.serviceToPrimary.mend();

        assertCured(page, new Recording(before, fault, fault));
    }

    /** Finds the page by what the alert says, and looks at everything that it tells to look at. */
    private RunbookPage diagnose(String name, Map<String, String> ids) throws IOException {
        RunbookPage page = page(name);
        run(page, "Diagnosis", ids);
        return page;
    }

    private static RunbookPage page(String name) throws IOException {
        Alert alert = AlertRules.alerts().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow();
        return RunbookPage.read(alert.path());
    }

    /** Something that can still get there by itself is late. */
    private static boolean waits(Scrape scrape) {
        return scrape.value("dualwrite_lag_seconds", "\"copy\"", "orders\"") > 0;
    }

    /** Runs the statements of a section; each prints what the page shows. A person acts once, but looks again. */
    private void run(RunbookPage page, String section, Map<String, String> ids) {
        for (Step step : page.steps(section)) {
            String sql = step.sql();
            for (var id : ids.entrySet()) {
                sql = sql.replace(id.getKey(), id.getValue());
            }
            String statement = sql;
            if (ACT.matcher(sql).find()) {
                assertPrints(page, statement, step);
            } else {
                await().dontCatchUncaughtExceptions()
                        .atMost(Stage.LIMIT)
                        .untilAsserted(() -> assertPrints(page, statement, step));
            }
        }
    }

    private void assertPrints(RunbookPage page, String sql, Step step) {
        Prompt prompt = OF_OTHERS.matcher(sql).find() ? superuser : operator;
        assertThat(Prompt.stable(prompt.run(sql)))
                .as("%s: %s", page.title(), sql)
                .isEqualTo(Prompt.stable(Prompt.rows(step.printed())));
    }

    /** The alert of the page fires while the fault lasts, with these that follow from it, and no other; and none when all is well. */
    private void assertCured(RunbookPage page, Recording fault, String... companions)
            throws IOException, InterruptedException {
        Scrape after = stage.awaitWell();

        run(page, "Afterwards", Map.of());
        var firing = new TreeSet<>(Set.of(companions));
        firing.add(page.title());
        // Only now: the page is followed on machines without it, too.
        fault.assertFiring(firing, after, Promtool.orSkip(), temp);
    }

    private void refuse(String constraint, String id) {
        stage.atSecondary.execute(
                "ALTER TABLE orders_copy ADD CONSTRAINT " + constraint + " CHECK (id <> '" + id + "') NOT VALID");
    }

    private void accept(String constraint) {
        stage.atSecondary.execute("ALTER TABLE orders_copy DROP CONSTRAINT " + constraint);
    }

    /** Locks as a person does who forgets it; the session's process id. */
    private static String lock(Connection person, String statement) throws SQLException {
        person.setAutoCommit(false);
        try (Statement session = person.createStatement()) {
            session.execute("SET application_name = 'psql'");
            session.execute(statement);
            try (ResultSet pid = session.executeQuery("SELECT pg_backend_pid()")) {
                pid.next();
                return pid.getString(1);
            }
        }
    }

    private static Set<String> labels(String expression, @Nullable String selectors) {
        var labels = new TreeSet<String>();
        if (selectors != null) {
            LABEL.matcher(selectors).results().forEach(label -> labels.add(label.group(1)));
        }
        GROUPED.matcher(expression)
                .results()
                .flatMap(group -> Stream.of(group.group(1).split(", *", -1)))
                .forEach(labels::add);
        // Of further primaries only.
        labels.remove("primary");
        return labels;
    }
}
