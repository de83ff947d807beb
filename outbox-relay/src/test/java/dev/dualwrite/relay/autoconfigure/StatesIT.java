package dev.dualwrite.relay.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** References of a service are applied as the states that its beans, or the tables of its configuration, give. */
class StatesIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private final TestDatabase orders = TestDatabases.create();
    private final TestDatabase billing = TestDatabases.create();
    private final List<String> ordersCopy = Pod.list();
    private final List<String> billingCopy = Pod.list();

    /** A bean that loads two types. */
    private record Loader(Set<String> aggregateTypes) implements StateLoader {
        @Override
        public Map<Aggregate, State> load(List<Aggregate> aggregates) {
            return aggregates.stream()
                    .collect(Collectors.toMap(a -> a, a -> new State(("bean " + a).getBytes(UTF_8), a.type(), 1)));
        }
    }

    @Test
    void statesComeFromThePrimaryOfTheEntryAndFromABeanFirst() {
        table(orders, "of orders");
        table(billing, "of billing");
        Pod.service(billing, "billing-copy")
                .run(billingService -> Pod.at(orders)
                        .withBean("orders-copy", Sink.class, () -> recording(ordersCopy))
                        .withBean("billing-copy", Sink.class, () -> recording(billingCopy))
                        .withBean(StateLoader.class, () -> new Loader(Set.of("both", "bean")))
                        .withPropertyValues(
                                "dualwrite.outbox.sinks=orders-copy",
                                "dualwrite.aggregates.thing.state.table=thing",
                                "dualwrite.aggregates.thing.state.key-columns=id",
                                "dualwrite.aggregates.both.state.table=thing",
                                "dualwrite.aggregates.both.state.key-columns=id",
                                "dualwrite.relay.primaries.billing.url=" + billing.url(),
                                "dualwrite.relay.primaries.billing.username=" + billing.user(),
                                "dualwrite.relay.primaries.billing.password=" + billing.password(),
                                "dualwrite.relay.primaries.billing.sinks=billing-copy")
                        .run(pod -> {
                            assertThat(pod).hasNotFailed();
                            commit(pod, "thing", "both", "bean");
                            commit(billingService, "thing", "both", "bean");

                            await().atMost(SOON).until(() -> ordersCopy.size() == 3 && billingCopy.size() == 2);
                            assertThat(ordersCopy)
                                    .containsExactlyInAnyOrder(
                                            "{\"id\":1,\"name\":\"of orders\"}", "bean both:1", "bean bean:1");
                            assertThat(billingCopy)
                                    .containsExactly(
                                            "{\"id\":1,\"name\":\"of billing\"}", "{\"id\":1,\"name\":\"of billing\"}");
                            // Beans know nothing of a further primary.
                            await().atMost(SOON).until(() -> held(billing).contains("'bean'"));
                        }));
    }

    @Test
    void twoBeansForOneTypeStopTheStart() {
        Pod.at(orders)
                .withBean("orders-copy", Sink.class, () -> recording(ordersCopy))
                .withBean("one", StateLoader.class, () -> new Loader(Set.of("thing")))
                .withBean("two", StateLoader.class, () -> new Loader(Set.of("thing")))
                .run(pod -> assertThat(pod)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("aggregate type 'thing' has two StateLoaders"));
    }

    private static void table(TestDatabase database, String name) {
        JdbcClient sql = JdbcClient.create(database.dataSource());
        sql.sql("CREATE TABLE thing (id integer PRIMARY KEY, name text)").update();
        sql.sql("INSERT INTO thing VALUES (1, ?)").param(name).update();
    }

    private static String held(TestDatabase database) {
        return String.join(
                "\n",
                JdbcClient.create(database.dataSource())
                        .sql("SELECT error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .list());
    }

    private static void commit(ApplicationContext service, String... types) {
        new TransactionTemplate(service.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            for (String type : types) {
                service.getBean(Outbox.class).append(OutboxEntry.reference(new Aggregate(type, "1")));
            }
        });
    }

    private static Sink recording(List<String> applied) {
        return entries -> entries.stream()
                .map(entry -> {
                    applied.add(new String(entry.payload(), UTF_8));
                    return ApplyResult.applied();
                })
                .toList();
    }
}
