package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.sink.StartupCheck;
import dev.dualwrite.spring.autoconfigure.OutboxInstallation;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Mistakes are reported all at once, and a start that fails leaves nothing behind. */
class ConfigurationReportIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestDatabase primary = TestDatabases.create();
    private final TestDatabase secondary = TestDatabases.create();

    @Test
    void mistakesOfEveryKindStandInOneReport() {
        sql(secondary)
                .sql("CREATE TABLE copy (id text, dualwrite_version integer)")
                .update();
        withSink("copy", "copy")
                .withPropertyValues(
                        "dualwrite.shard-count=5000",
                        "dualwrite.relay.threads=1000",
                        "dualwrite.retention.audit=23h",
                        "dualwrite.sinks.other.type=jdbc",
                        "dualwrite.sinks.other.url=" + secondary.url(),
                        "dualwrite.sinks.strange.type=tape",
                        "dualwrite.relay.primaries.billing.sinks=unheard-of")
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SimpleCommandLinePropertySource(
                                "--dualwrite.relay.poll-intervall=1s", "--dualwrite.sinks.copy.tabel=x")))
                .run(pod -> {
                    assertThat(mistakes(pod.getStartupFailure()))
                            .satisfiesExactlyInAnyOrder(
                                    m -> assertThat(m).contains("dualwrite.shard-count is 5000"),
                                    m -> assertThat(m).contains("dualwrite.relay.threads is 1000"),
                                    m -> assertThat(m).contains("dualwrite.retention.audit is PT23H, expected 1d"),
                                    m -> assertThat(m)
                                            .contains(
                                                    "dualwrite.relay.poll-intervall is no property",
                                                    "did you mean dualwrite.relay.poll-interval?"),
                                    m -> assertThat(m)
                                            .contains(
                                                    "dualwrite.sinks.copy.tabel is no property",
                                                    "did you mean dualwrite.sinks.copy.table?"),
                                    m -> assertThat(m).contains("dualwrite.sinks.other.table is not set"),
                                    m -> assertThat(m).contains("dualwrite.sinks.other.key-columns is not set"),
                                    m -> assertThat(m).contains("dualwrite.sinks.strange.type is tape"),
                                    m -> assertThat(m).contains("primaries.billing.url is not set"),
                                    m -> assertThat(m).contains("primaries.billing.sinks names 'unheard-of'"),
                                    // What the secondary of the sink whose properties are right shows.
                                    m -> assertThat(m).contains("dualwrite.sinks.copy.key-columns", "nullable"),
                                    m -> assertThat(m).contains("dualwrite.sinks.copy.key-columns", "unique"),
                                    m -> assertThat(m).contains("dualwrite.sinks.copy.version-column", "integer"));
                    assertThat(schemas()).isZero();
                });
    }

    @Test
    void mistakesAtAllSecondariesStandInOneReportAndLeaveNoSinkBehind() {
        withSink("copy", "missing")
                .withBean("own", Sink.class, () -> new Unfit())
                .run(pod -> {
                    assertThat(mistakes(pod.getStartupFailure()))
                            .satisfiesExactlyInAnyOrder(
                                    m -> assertThat(m).contains("no table 'missing'"),
                                    m -> assertThat(m).contains("does not fit"));
                    assertThat(sinks()).isEmpty();
                });
    }

    @Test
    void relayThatCannotConnectLeavesNoSinkBehind() {
        sql(secondary)
                .sql("CREATE TABLE copy (id text PRIMARY KEY, dualwrite_version bigint NOT NULL)")
                .update();
        withSink("copy", "copy")
                .withPropertyValues("dualwrite.relay.url=jdbc:postgresql://localhost:1/orders?password=secret")
                .run(pod -> {
                    assertThat(pod.getStartupFailure()).rootCause().isInstanceOf(ConnectException.class);
                    assertThat(pod.getStartupFailure()).hasStackTraceContaining("localhost:1/orders");
                    assertThat(sinks()).isEmpty();
                });
    }

    @Test
    void startWithoutMistakesRegistersTheSinks() {
        sql(secondary)
                .sql("CREATE TABLE copy (id text PRIMARY KEY, dualwrite_version bigint NOT NULL)")
                .update();
        withSink("copy", "copy").run(pod -> {
            assertThat(pod).hasNotFailed();
            assertThat(sinks()).containsExactly("copy");
        });
    }

    @Test
    void tableThatABeanOfTheServiceCreatesIsThereWhenItIsLookedFor() {
        withSink("copy", "copy")
                .withBean("service", Service.class)
                .withBean(
                        "tables",
                        Integer.class,
                        () -> sql(secondary)
                                .sql("CREATE TABLE copy (id text PRIMARY KEY, dualwrite_version bigint NOT NULL)")
                                .update())
                .run(pod -> assertThat(pod).hasNotFailed());
    }

    @Test
    void sinkThatAppendsItselfIsNoObstacle() {
        Pod.at(primary).withBean("own", Appending.class).run(pod -> {
            assertThat(pod).hasNotFailed();
            Pod.commit(pod, "1");
            await().atMost(SOON)
                    .until(() -> pod.getBean(Appending.class).applied.get() == 1);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "search, dualwrite.sinks.search.topic",
        "ordersCopy, dualwrite.sinks.orders-copy.topic",
        "orders.copy, dualwrite.sinks[orders.copy].topic"
    })
    void whatASinkBeanReadsUnderItsNameIsItsOwn(String bean, String property) {
        Pod.at(primary)
                .withBean(bean, Sink.class, () -> Pod.recording(Pod.list()))
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SimpleCommandLinePropertySource("--" + property + "=x")))
                .run(pod -> assertThat(pod).hasNotFailed());
    }

    @Test
    void sessionsOfTheRelayCarryItsName() {
        Pod.at(primary)
                .withBean("own", Sink.class, () -> Pod.recording(Pod.list()))
                .run(pod -> await().atMost(SOON).until(() -> sessions("dualwrite-relay") > 0));
    }

    @Test
    void nameThatTheUserGaveHisSessionsStays() {
        Pod.at(primary)
                .withBean("own", Sink.class, () -> Pod.recording(Pod.list()))
                .withPropertyValues(
                        "dualwrite.relay.url=" + primary.url() + (primary.url().contains("?") ? "&" : "?")
                                + "ApplicationName=orders",
                        "dualwrite.relay.username=" + primary.user(),
                        "dualwrite.relay.password=" + primary.password())
                .run(pod -> {
                    await().atMost(SOON).until(() -> sessions("orders") > 0);
                    assertThat(sessions("dualwrite-relay")).isZero();
                });
    }

    private ApplicationContextRunner withSink(String name, String table) {
        String prefix = "dualwrite.sinks." + name;
        return Pod.at(primary)
                .withPropertyValues(
                        prefix + ".type=jdbc",
                        prefix + ".url=" + secondary.url(),
                        prefix + ".username=" + secondary.user(),
                        prefix + ".password=" + secondary.password(),
                        prefix + ".table=" + table,
                        prefix + ".key-columns=id");
    }

    private long schemas() {
        return sql(primary)
                .sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'dualwrite'")
                .query(Long.class)
                .single();
    }

    private List<String> sinks() {
        return sql(primary)
                .sql("SELECT name FROM dualwrite.sink")
                .query(String.class)
                .list();
    }

    private long sessions(String name) {
        return sql(primary)
                .sql(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ?")
                .param(name)
                .query(Long.class)
                .single();
    }

    private static JdbcClient sql(TestDatabase database) {
        return JdbcClient.create(database.dataSource());
    }

    private static List<String> mistakes(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof OutboxConfigurationException)) {
            cause = cause.getCause();
        }
        return ((OutboxConfigurationException) cause).mistakes();
    }

    /** What a service is: it needs the outbox. */
    record Service(Outbox outbox) {}

    /** A sink of the user's that finds its store unfit. */
    private static final class Unfit implements Sink, StartupCheck {
        @Override
        public List<ApplyResult> apply(List<ClaimedEntry> entries) {
            throw new IllegalStateException("never validated");
        }

        @Override
        public void validate() {
            throw new OutboxConfigurationException(List.of("the index of sink 'own' does not fit"));
        }
    }

    /** A sink of the user's that has to do with the outbox. */
    static final class Appending implements Sink {

        private final AtomicInteger applied = new AtomicInteger();

        Appending(Outbox outbox, OutboxInstallation installation) {
            assertThat(outbox).isNotNull();
            assertThat(installation).isNotNull();
        }

        @Override
        public List<ApplyResult> apply(List<ClaimedEntry> entries) {
            applied.addAndGet(entries.size());
            return entries.stream().map(entry -> ApplyResult.applied()).toList();
        }
    }
}
