package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.Relay;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One process that relays the outboxes of several databases. */
class FurtherPrimariesIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private final TestDatabase orders = TestDatabases.create();
    private final List<String> ordersCopy = Pod.list();
    private final List<String> billingCopy = Pod.list();

    @Test
    void entriesOfEachPrimaryReachTheirOwnSink() {
        TestDatabase billing = TestDatabases.create();
        Pod.service(billing, "billing-copy")
                .run(billingService -> pod(billing.url()).run(pod -> {
                    Pod.commit(pod, "order-1");
                    Pod.commit(billingService, "bill-1");

                    await().atMost(SOON).until(() -> ordersCopy.size() == 1 && billingCopy.size() == 1);
                    assertThat(ordersCopy).containsExactly("order-1");
                    assertThat(billingCopy).containsExactly("bill-1");
                    assertThat(sinksOf(orders)).containsExactly("orders-copy");
                    assertThat(sinksOf(billing)).containsExactly("billing-copy");
                }));
    }

    @Test
    void furtherPrimaryIsWokenByItsOwnListener() {
        TestDatabase billing = TestDatabases.create();
        Pod.service(billing, "billing-copy")
                .run(billingService -> pod(billing.url())
                        .withPropertyValues("dualwrite.relay.poll-interval=30s")
                        .run(pod -> {
                            await().atMost(SOON).until(() -> lanesOfBilling(pod) == 16);

                            IntStream.range(0, 5).forEach(i -> {
                                Pod.commit(billingService, "bill-" + i);
                                await().atMost(Duration.ofSeconds(6)).until(() -> billingCopy.contains("bill-" + i));
                            });
                        }));
    }

    @Test
    void relayBeanIsTheOneOfTheApplicationsOwnDataSource() {
        TestDatabase billing = TestDatabases.create();
        Pod.service(billing, "billing-copy")
                .run(billingService -> pod(billing.url()).run(pod -> {
                    assertThat(pod).hasSingleBean(Relay.class);
                    await().atMost(SOON).until(() -> lanesOfBilling(pod) == 16);
                    assertThat(pod.getBean(FurtherPrimaries.class).waiting()).isEmpty();
                }));

        await().atMost(SOON).until(() -> Pod.threads("relay").isEmpty());
    }

    @Test
    void primaryThatIsDownStopsNeitherTheStartNorTheOthersAndIsTakenUpWhenItIsThere(@TempDir Path directory)
            throws Exception {
        int port = freePort();
        String url = "jdbc:postgresql://localhost:" + port + "/postgres";
        pod(url).run(pod -> {
            assertThat(pod).hasNotFailed();
            await().atMost(SOON)
                    .until(() -> pod.getBean(FurtherPrimaries.class).waiting().containsKey("billing"));
            Pod.commit(pod, "before");
            await().atMost(SOON).until(() -> ordersCopy.contains("before"));

            try (PostgresServer server = start(port, directory)) {
                install(server);
                append(server, "first");
                await().atMost(SOON).until(() -> billingCopy.contains("first"));
                assertThat(pod.getBean(FurtherPrimaries.class).waiting()).isEmpty();
            }

            Pod.commit(pod, "meanwhile");
            await().atMost(SOON).until(() -> ordersCopy.contains("meanwhile"));

            try (PostgresServer server = start(port, directory)) {
                append(server, "after its return");
                await().atMost(SOON).until(() -> billingCopy.contains("after its return"));
            }
        });
    }

    @Test
    void everyMistakeIsReportedAtOnce() {
        TestDatabase empty = TestDatabases.create();
        TestDatabase newer = TestDatabases.create();
        JdbcClient sql = JdbcClient.create(newer.dataSource());
        sql.sql("CREATE SCHEMA dualwrite").update();
        sql.sql(Schema.script("dualwrite", 4)).update();
        sql.sql("UPDATE dualwrite.control SET schema_version = 99").update();
        Pod.at(orders)
                .withBean("orders-copy", Sink.class, () -> Pod.recording(ordersCopy))
                .withBean("billing-copy", Sink.class, () -> Pod.recording(billingCopy))
                .withPropertyValues(
                        "dualwrite.outbox.sinks=orders-copy",
                        "dualwrite.relay.threads=1000",
                        "dualwrite.relay.primaries.a.sinks=billing-copy,unheard-of",
                        "dualwrite.relay.primaries.b.url=" + empty.url(),
                        "dualwrite.relay.primaries.b.username=postgres",
                        "dualwrite.relay.primaries.b.sinks=billing-copy",
                        "dualwrite.relay.primaries.c.url=" + newer.url(),
                        "dualwrite.relay.primaries.c.username=postgres",
                        "dualwrite.relay.primaries.d.url=jdbc:mysql://localhost/secret-7",
                        "dualwrite.relay.primaries.d.schema=No-Name",
                        "dualwrite.relay.primaries.d.sinks=orders-copy",
                        "dualwrite.relay.primaries.e.url=" + empty.url() + "_not_there",
                        "dualwrite.relay.primaries.e.username=postgres",
                        "dualwrite.relay.primaries.e.sinks=third")
                .withBean("third", Sink.class, () -> Pod.recording(billingCopy))
                .run(pod -> assertThat(mistakes(pod.getStartupFailure()))
                        .satisfiesExactlyInAnyOrder(
                                m -> assertThat(m).contains("primaries.a.url is not set"),
                                m -> assertThat(m).contains("primaries.a.sinks names 'unheard-of'"),
                                m -> assertThat(m)
                                        .contains(
                                                "primaries.b.sinks names 'billing-copy'",
                                                "which dualwrite.relay.primaries.a.sinks names too"),
                                m -> assertThat(m).contains("primaries.b.schema is 'dualwrite'", "is not installed"),
                                m -> assertThat(m).contains("primaries.c.sinks names none"),
                                m -> assertThat(m).contains("primaries.c.schema is 'dualwrite'", "has version 99"),
                                m -> assertThat(m)
                                        .contains("primaries.d.url is not a URL for PostgreSQL")
                                        .doesNotContain("secret-7"),
                                m -> assertThat(m).contains("primaries.d.schema", "'No-Name'"),
                                m -> assertThat(m).contains("primaries.d.sinks names 'orders-copy'", "outbox.sinks"),
                                m -> assertThat(m).contains("primaries.e.url names a database that is not there"),
                                m -> assertThat(m).contains("dualwrite.relay.threads is 1000")));
    }

    private ApplicationContextRunner pod(String billingUrl) {
        return Pod.at(orders)
                .withBean("orders-copy", Sink.class, () -> Pod.recording(ordersCopy))
                .withBean("billing-copy", Sink.class, () -> Pod.recording(billingCopy))
                .withPropertyValues(
                        "dualwrite.relay.primaries.billing.url=" + billingUrl,
                        "dualwrite.relay.primaries.billing.username=postgres",
                        "dualwrite.relay.primaries.billing.password=postgres",
                        "dualwrite.relay.primaries.billing.sinks=billing-copy");
    }

    private static int lanesOfBilling(ApplicationContext pod) {
        Relay relay = pod.getBean(FurtherPrimaries.class).relays().get("billing");
        return relay == null ? 0 : relay.status().lanesHeld();
    }

    private static List<String> sinksOf(TestDatabase database) {
        return JdbcClient.create(database.dataSource())
                .sql("SELECT name FROM dualwrite.sink")
                .query(String.class)
                .list();
    }

    private static List<String> mistakes(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof OutboxConfigurationException)) {
            cause = cause.getCause();
        }
        return ((OutboxConfigurationException) cause).mistakes();
    }

    private static PostgresServer start(int port, Path directory) {
        return PostgresServer.start(PostgresConfig.defaults().withPort(port).keptIn(directory.resolve("data")));
    }

    private static void install(PostgresServer server) {
        JdbcClient sql = JdbcClient.create(source(server));
        sql.sql("CREATE SCHEMA dualwrite").update();
        sql.sql(Schema.script("dualwrite", 4)).update();
    }

    private static void append(PostgresServer server, String id) throws SQLException {
        Map<String, Short> sinks = new ControlStore(source(server), "dualwrite").registerSinks(List.of("billing-copy"));
        var writer =
                new EntryWriter("dualwrite", 4, new Routing(sinks, Set.of("billing-copy"), Map.of()), Pod::bytes, 1000);
        try (Connection connection = source(server).getConnection()) {
            connection.setAutoCommit(false);
            writer.write(connection, writer.encode(List.of(OutboxEntry.upsert(Aggregate.of("bill", id), "payload"))));
            connection.commit();
        }
    }

    private static PGSimpleDataSource source(PostgresServer server) {
        var source = new PGSimpleDataSource();
        source.setUrl(server.url("postgres"));
        source.setUser(server.user());
        source.setPassword(server.password());
        return source;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
