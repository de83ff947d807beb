package dev.dualwrite.relay.alerts;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.wire.TcpProxy;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A primary, a second store, a service and its relay pods, on wires that can be cut; and Prometheus, which scrapes them all. */
final class Stage implements AutoCloseable {

    /** How the names of people begin who have the rights of an operator. */
    static final String OPERATOR = "operator_of_";

    static final Duration LIMIT = Duration.ofSeconds(40);

    /** What it takes to cut a program off, and let it through again. */
    record Wire(TcpProxy proxy) {

        void cut() {
            proxy.refuse(true);
            proxy.cut();
        }

        void mend() {
            proxy.refuse(false);
        }
    }

    private final TestDatabase primary = TestDatabases.create();
    private final TestDatabase secondary = TestDatabases.create();
    private final List<TcpProxy> proxies = new ArrayList<>();
    private final Map<String, ConfigurableApplicationContext> pods = new LinkedHashMap<>();
    private final ConfigurableApplicationContext service;

    final JdbcTemplate atPrimary = new JdbcTemplate(primary.dataSource());
    final JdbcTemplate atSecondary = new JdbcTemplate(secondary.dataSource());
    final Wire serviceToPrimary = wire(primary);
    final Wire podToPrimary = wire(primary);
    final Wire podToSecondary = wire(secondary);

    Stage() {
        atSecondary.execute(
                "CREATE TABLE orders_copy (id text PRIMARY KEY, status text, dualwrite_version bigint NOT NULL"
                        + " DEFAULT 0)");
        service = start(
                MeasuredProgram.class,
                serviceToPrimary,
                "dualwrite.relay.enabled=false",
                "dualwrite.outbox.sinks=copy");
    }

    private Wire wire(TestDatabase database) {
        var proxy = new TcpProxy(0, Integer.parseInt(database.url().replaceFirst(".*:(\\d+)/.*", "$1")));
        proxies.add(proxy);
        return new Wire(proxy);
    }

    /** A pod that carries the sink {@code copy}, whose settings are those of a test that does not wait. */
    void startPod(String name, String... more) {
        var properties = new ArrayList<>(List.of(
                "dualwrite.sinks.copy.type=jdbc",
                "dualwrite.sinks.copy.url=" + through(podToSecondary, secondary),
                "dualwrite.sinks.copy.username=" + secondary.user(),
                "dualwrite.sinks.copy.password=" + secondary.password(),
                "dualwrite.sinks.copy.table=orders_copy",
                "dualwrite.sinks.copy.key-columns=id",
                "dualwrite.relay.batch-size=50",
                "dualwrite.relay.initial-backoff=100ms",
                "dualwrite.relay.max-backoff=100ms"));
        properties.addAll(List.of(more));
        pods.put(name, start(MeasuredProgram.class, podToPrimary, properties.toArray(String[]::new)));
    }

    /** A pod without the sink {@code copy}. */
    void startPodOfAnotherSink(String name) {
        pods.put(
                name,
                start(
                        MeasuredProgram.class,
                        podToPrimary,
                        "dualwrite.sinks.other.type=jdbc",
                        "dualwrite.sinks.other.url=" + through(podToSecondary, secondary),
                        "dualwrite.sinks.other.username=" + secondary.user(),
                        "dualwrite.sinks.other.password=" + secondary.password(),
                        "dualwrite.sinks.other.table=orders_copy",
                        "dualwrite.sinks.other.key-columns=id"));
    }

    /** A pod whose sink {@code copy} throws a Java error on every call. */
    void startPodThatBreaks(String name) {
        pods.put(name, start(BreakingProgram.class, podToPrimary));
    }

    /** Ends every pod, and mends every wire. */
    void clear() {
        List.of(serviceToPrimary, podToPrimary, podToSecondary).forEach(Wire::mend);
        List.copyOf(pods.keySet()).forEach(this::stopPod);
    }

    /** Ends a pod, or what is left of it. */
    void stopPod(String name) {
        ConfigurableApplicationContext pod = pods.remove(name);
        if (pod != null) {
            pod.close();
        }
    }

    private ConfigurableApplicationContext start(Class<?> program, Wire wire, String... more) {
        var properties = new ArrayList<>(List.of(
                "spring.main.banner-mode=off",
                "spring.datasource.url=" + through(wire, primary),
                "spring.datasource.username=" + primary.user(),
                "spring.datasource.password=" + primary.password(),
                "spring.datasource.hikari.maximum-pool-size=4",
                "spring.datasource.hikari.connection-timeout=1000",
                "dualwrite.relay.lease-duration=4s",
                "dualwrite.relay.sink-timeout=2s",
                "dualwrite.relay.shutdown-timeout=2s",
                "dualwrite.metrics.interval=1s"));
        properties.addAll(List.of(more));
        return new SpringApplicationBuilder(program)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .run(properties.stream().map("--"::concat).toArray(String[]::new));
    }

    private static String through(Wire wire, TestDatabase database) {
        return database.url().replaceFirst(":\\d+/", ":" + wire.proxy().port() + "/");
    }

    /** A person with the rights of an operator and no others. */
    JdbcTemplate operatorAtPrimary() {
        String name = OPERATOR + primary.name();
        atPrimary.execute("CREATE ROLE " + name + " LOGIN");
        atPrimary.execute("GRANT USAGE ON SCHEMA dualwrite TO " + name);
        atPrimary.execute(
                "GRANT SELECT ON dualwrite.stuck_entries, dualwrite.backlog, dualwrite.shards, dualwrite.relays,"
                        + " dualwrite.sinks, dualwrite.audit TO " + name);
        atPrimary.execute(
                "GRANT EXECUTE ON FUNCTION dualwrite.requeue_all(text, text, integer), dualwrite.pause_sink(text, text),"
                        + " dualwrite.resume_sink(text, text) TO " + name);
        var person = new PGSimpleDataSource();
        person.setUrl(primary.url());
        person.setUser(name);
        return new JdbcTemplate(person);
    }

    Connection connectToPrimary() throws SQLException {
        return primary.dataSource().getConnection();
    }

    /** The service appends one change for each id, in one transaction. */
    void append(String... ids) {
        new TransactionTemplate(service.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            for (String id : ids) {
                service.getBean(Outbox.class)
                        .append(OutboxEntry.upsert(Aggregate.of("order", id), Map.of("id", id, "status", "NEW")));
            }
        });
    }

    void append(String prefix, int count) {
        append(IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new));
    }

    Scrape scrape() {
        Scrape scrape = Scrape.of(text(service), "orders", "service:8080");
        for (var pod : pods.entrySet()) {
            scrape = scrape.and(Scrape.of(text(pod.getValue()), "orders-relay", pod.getKey() + ":8080"));
        }
        return scrape;
    }

    private static String text(ConfigurableApplicationContext program) {
        return program.getBean(PrometheusMeterRegistry.class).scrape();
    }

    /** The first scrape that shows it. */
    Scrape await(String what, Predicate<Scrape> shown) {
        var found = new ArrayList<Scrape>();
        Awaitility.await()
                .dontCatchUncaughtExceptions()
                .alias(what)
                .atMost(LIMIT)
                .until(() -> {
                    Scrape scrape = scrape();
                    found.add(scrape);
                    return shown.test(scrape);
                });
        return found.get(found.size() - 1);
    }

    /** Until everything is well, and every process has seen it. */
    Scrape awaitWell() {
        return await(
                "all is well",
                scrape -> all(scrape, 1, "dualwrite_primary_measured")
                        && all(scrape, 1, "dualwrite_sink_state", "\"running\"")
                        && all(scrape, 0, "dualwrite_shards_unheld")
                        && all(scrape, 0, "dualwrite_backlog_entries"));
    }

    /** Whether each series that holds these parts has this value, and there is one. */
    static boolean all(Scrape scrape, double value, String... parts) {
        List<Double> values = scrape.values(parts);
        return !values.isEmpty() && values.stream().allMatch(one -> one == value);
    }

    static boolean is(Scrape scrape, double value, String... parts) {
        return scrape.value(parts) == value;
    }

    @Override
    public void close() throws IOException {
        pods.values().forEach(ConfigurableApplicationContext::close);
        service.close();
        for (TcpProxy proxy : proxies) {
            proxy.close();
        }
    }
}
