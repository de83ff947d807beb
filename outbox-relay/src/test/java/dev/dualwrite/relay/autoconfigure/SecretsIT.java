package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import dev.dualwrite.outbox.jdbc.StuckEntry;
import dev.dualwrite.outbox.jdbc.StuckFilter;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.operate.OperateAutoConfiguration;
import dev.dualwrite.spring.operate.Operations;
import dev.dualwrite.spring.operate.OutboxWatch;
import dev.dualwrite.spring.operate.Why;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Neither payloads nor passwords get to where more people read than may see them. */
class SecretsIT {

    private static final String MARKER = "Marker-of-a-payload";
    private static final String PASSWORD = "Pa55-of-a-store";
    private static final Duration SOON = Duration.ofSeconds(30);

    private final TestDatabase primary = TestDatabases.create();
    private final TestDatabase secondary = TestDatabases.create();
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.dualwrite");
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void listen() throws SQLException {
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        logged.start();
        logger.addAppender(logged);
        sql(secondary, """
                CREATE TABLE orders_copy (
                    id text PRIMARY KEY, name varchar(20) NOT NULL, amount integer CHECK (amount > 0),
                    note text UNIQUE, dualwrite_version bigint NOT NULL)
                """);
        sql(secondary, "INSERT INTO orders_copy VALUES ('0', 'first', 1, '" + MARKER + "', 0)");
    }

    @AfterEach
    void silence() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void neitherPayloadsNorPasswordsAreInLogsViewsAnswersOrTheAudit() {
        service().run(context -> {
            append(context, "too-long", payload(MARKER + " that is too long", 1));
            append(context, "null", payload(null, 1));
            append(context, "refused", payload("a", -1));
            append(context, "no-number", payload("a", MARKER));
            append(context, "not-unique", payload("a", 1));
            append(context, "no-object", MARKER);
            append(context, "an-array", List.of(MARKER));
            Operations operations = context.getBean(Operations.class);
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(sink(operations, "copy").backlog().dead()).isEqualTo(7);
                assertThat(sink(operations, "mine").backlog().dead()).isEqualTo(7);
                assertThat(sink(operations, "down").state()).isEqualTo("tripped");
            });

            look(context, operations);
        });

        logged.list.forEach(event -> seen.add(event.getFormattedMessage()
                + ' '
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()))));
        assertThat(logged.list).extracting(ILoggingEvent::getFormattedMessage).anyMatch(m -> m.contains("entry_dead"));
        assertThat(seen)
                .hasSizeGreaterThan(30)
                .allSatisfy(text -> assertThat(text).doesNotContain(MARKER).doesNotContain(PASSWORD));
    }

    private void look(ApplicationContext context, Operations operations) throws SQLException {
        assertThat(rows(primary, "SELECT convert_from(payload, 'UTF8') FROM dualwrite.held_entry"))
                .anyMatch(payload -> payload.contains(MARKER));
        List<StuckEntry> stuck = operations.stuck(StuckFilter.everything()).entries();
        assertThat(stuck).hasSizeGreaterThanOrEqualTo(14);
        stuck.forEach(entry -> {
            seen.add(entry.toString());
            operations.entry(entry.entryId()).ifPresent(shown -> seen.add(shown.toString()));
            context.getBean(OperatorStore.class)
                    .entry(entry.entryId())
                    .ifPresent(detail -> seen.add(detail.toString()));
        });
        seen.add(operations.requeueAll("copy", new Why("again", false)).toString());
        seen.add(operations
                .discard(firstOf(stuck, "mine"), new Why("given up", false))
                .toString());
        seen.add(catchThrowable(() -> operations.requeue(-1, new Why("nonsense", false)))
                .toString());
        seen.add(operations.audit(null, 100).toString());
        seen.add(operations.overview().toString());
        seen.add(operations.lanes(null).toString());
        seen.add(context.getBean(OutboxWatch.class).latest().toString());
        seen.addAll(rows(primary, "SELECT r::text FROM dualwrite.relay_sink r"));
        seen.addAll(rows(primary, "SELECT a::text FROM dualwrite.audit_entry a"));
        seen.addAll(rows(primary, "SELECT concat(error_class, error_message) FROM dualwrite.held_entry"));
    }

    private ApplicationContextRunner service() {
        return Pod.at(primary)
                .withConfiguration(AutoConfigurations.of(OperateAutoConfiguration.class))
                .withBean("mine", Sink.class, SecretsIT::talkative)
                .withPropertyValues(
                        "spring.datasource.password=" + PASSWORD,
                        "dualwrite.operator.allow-unsecured-writes=true",
                        "dualwrite.outbox.sinks=copy,mine,down",
                        "dualwrite.relay.max-attempts=2",
                        "dualwrite.relay.initial-backoff=10ms",
                        "dualwrite.relay.max-backoff=20ms",
                        "dualwrite.sinks.copy.type=jdbc",
                        "dualwrite.sinks.copy.url=" + secondary.url(),
                        "dualwrite.sinks.copy.username=" + secondary.user(),
                        "dualwrite.sinks.copy.password=" + PASSWORD,
                        "dualwrite.sinks.copy.table=orders_copy",
                        "dualwrite.sinks.copy.key-columns=id",
                        "dualwrite.sinks.down.type=jdbc",
                        "dualwrite.sinks.down.url=jdbc:postgresql://localhost:1/gone?user=me&password=" + PASSWORD,
                        "dualwrite.sinks.down.table=orders_copy",
                        "dualwrite.sinks.down.key-columns=id");
    }

    /** A sink of the user's own that puts all it was given into its errors. */
    private static Sink talkative() {
        return entries -> {
            String payload = new String(entries.get(0).payload(), StandardCharsets.UTF_8);
            throw new IllegalStateException("cannot index " + payload, new IllegalArgumentException("no " + payload));
        };
    }

    private static Map<String, Object> payload(Object name, Object amount) {
        var payload = new HashMap<String, Object>();
        payload.put("name", name);
        payload.put("amount", amount);
        payload.put("note", MARKER);
        return payload;
    }

    private static void append(ApplicationContext service, String id, Object payload) {
        new TransactionTemplate(service.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status ->
                        service.getBean(Outbox.class).append(OutboxEntry.upsert(Aggregate.of("order", id), payload)));
    }

    private static SinkOverview sink(Operations operations, String name) {
        return operations.overview().sinks().stream()
                .filter(sink -> sink.sink().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static long firstOf(List<StuckEntry> stuck, String sink) {
        return stuck.stream()
                .filter(entry -> entry.sink().equals(sink))
                .findFirst()
                .orElseThrow()
                .entryId();
    }

    private static void sql(TestDatabase database, String statement) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement work = connection.createStatement()) {
            work.execute(statement);
        }
    }

    private static List<String> rows(TestDatabase database, String select) throws SQLException {
        var found = new ArrayList<String>();
        try (Connection connection = database.dataSource().getConnection();
                Statement work = connection.createStatement();
                ResultSet row = work.executeQuery(select)) {
            while (row.next()) {
                found.add(row.getString(1));
            }
        }
        return found;
    }
}
