package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.sample.OrderClient;
import dev.dualwrite.sample.Orders;
import dev.dualwrite.sample.Stores;
import dev.dualwrite.sample.Stores.Document;
import dev.dualwrite.sample.crash.Traffic.Tracked;
import dev.dualwrite.sample.order.OrderRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Two fresh databases, each on a server of its own that outlives every process of the sample app, and what is checked on
 * them.
 */
final class Scene {

    static final String REFUSED = "refused";

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final AtomicInteger CREATED = new AtomicInteger();

    /** Every effect on the secondary, in the order in which they came about. */
    private static final String RECORD_EFFECTS = """
            CREATE TABLE effect (
                n bigint GENERATED ALWAYS AS IDENTITY, operation text, id bigint, version bigint, dualwrite_version bigint);
            CREATE FUNCTION record_effect() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' THEN
                        INSERT INTO effect (operation, id) VALUES (TG_OP, OLD.id);
                    ELSE
                        INSERT INTO effect (operation, id, version, dualwrite_version)
                        VALUES (TG_OP, NEW.id, NEW.version, NEW.dualwrite_version);
                    END IF;
                    RETURN NULL;
                END $$;
            CREATE TRIGGER record_effect AFTER INSERT OR UPDATE OR DELETE ON order_documents
                FOR EACH ROW EXECUTE FUNCTION record_effect();
            """;

    private static final String WRONG_EFFECTS = """
            SELECT id || ': ' || seen_before || ' then ' || seen
            FROM (SELECT id, operation, version, dualwrite_version,
                         lag(operation) OVER w AS operation_before,
                         lag(version) OVER w AS version_before,
                         lag(dualwrite_version) OVER w AS dualwrite_version_before,
                         concat_ws(' ', lag(operation) OVER w, lag(version) OVER w, lag(dualwrite_version) OVER w) AS seen_before,
                         concat_ws(' ', operation, version, dualwrite_version) AS seen
                  FROM effect
                  WINDOW w AS (PARTITION BY id ORDER BY n)) e
            WHERE operation_before = 'DELETE'
               OR version <= version_before
               OR dualwrite_version <= dualwrite_version_before
            """;

    private final Stores stores;
    private final List<String> arguments;
    private final List<Traffic> traffic = new ArrayList<>();

    private Scene(Stores stores, List<String> arguments) {
        this.stores = stores;
        this.arguments = arguments;
    }

    static Scene create() {
        int number = CREATED.incrementAndGet();
        String primary = Servers.PRIMARY.createDatabase("orders_" + number);
        String secondary = Servers.SECONDARY.createDatabase("documents_" + number);
        return new Scene(
                new Stores(Stores.client(primary), Stores.client(secondary)),
                List.of(
                        "--spring.datasource.url=" + primary,
                        "--spring.datasource.username=postgres",
                        "--spring.datasource.password=postgres",
                        "--sample.secondary.url=" + secondary,
                        "--sample.secondary.username=postgres",
                        "--sample.secondary.password=postgres",
                        "--server.port=0",
                        "--sample.seed-orders=100",
                        "--sample.load.rate=0",
                        // So that a test does not wait long for the lease of a dead process, or for a backoff.
                        "--dualwrite.relay.lease-duration=2s",
                        "--dualwrite.relay.sink-timeout=1s",
                        "--dualwrite.relay.initial-backoff=200ms",
                        "--dualwrite.relay.max-backoff=200ms",
                        "--dualwrite.relay.max-attempts=1000"));
    }

    /** Two for all tests: a start costs seconds. Only processes of the app are killed, so nothing need reach the disk. */
    private static final class Servers {
        static final PostgresServer PRIMARY =
                PostgresServer.start(PostgresConfig.defaults().withSetting("fsync", "off"));
        static final PostgresServer SECONDARY =
                PostgresServer.start(PostgresConfig.defaults().withSetting("fsync", "off"));

        private Servers() {}
    }

    Stores stores() {
        return stores;
    }

    SampleProcess start(String... jvmOptions) throws IOException {
        return SampleProcess.start(List.of(jvmOptions), arguments);
    }

    /** From now on the secondary refuses the orders of the customer {@link #REFUSED}. */
    void refuse() {
        stores.secondary()
                .sql(
                        "ALTER TABLE order_documents ADD CONSTRAINT refused CHECK (customer NOT LIKE 'refused%') NOT VALID")
                .update();
    }

    void refuseNoMore() {
        stores.secondary()
                .sql("ALTER TABLE order_documents DROP CONSTRAINT refused")
                .update();
    }

    Traffic traffic(SampleProcess process, long seed) throws Exception {
        OrderClient client = process.client();
        if (traffic.isEmpty()) {
            // The first start has made the table.
            stores.secondary().sql(RECORD_EFFECTS).update();
        }
        Traffic started = new Traffic("traffic-" + traffic.size(), client, seed).start();
        traffic.add(started);
        return started;
    }

    void awaitDrained(SampleProcess process) {
        await().atMost(LIMIT).until(() -> stores.backlog() == 0);
        assertThat(stores.primary()
                        .sql("SELECT loaded FROM demo_data")
                        .query(Integer.class)
                        .single())
                .as("sample data%s", process.describe())
                .isEqualTo(100);
    }

    /** Nothing lost, nothing twice in effect, both stores equal. */
    void check() {
        assertThat(stores.secondaryDocuments()).isEqualTo(stores.primaryDocuments());
        Map<String, Document> documents = stores.primaryDocuments().stream()
                .collect(Collectors.toMap(d -> d.customer().replaceAll(" revision \\d+$", "#"), d -> d, (a, b) -> a));
        Map<String, Tracked> orders = new HashMap<>();
        traffic.forEach(t -> orders.putAll(t.orders()));
        assertThat(orders).isNotEmpty();
        orders.forEach((customer, order) -> check(order, documents.get(customer + "#")));
        assertThat(stores.secondary().sql(WRONG_EFFECTS).query(String.class).list())
                .as("effects at the secondary that came twice, in the wrong order, or after a deletion")
                .isEmpty();
    }

    private static void check(Tracked order, Document found) {
        int state = found == null
                ? Traffic.ABSENT
                : Integer.parseInt(found.customer().replaceAll("^.* revision ", ""));
        if (order.isPending) {
            assertThat(state)
                    .as("state of %s, whose last write got no answer", order.customer)
                    .isIn(order.acknowledged, order.pending);
        } else {
            assertThat(state).as("acknowledged state of %s", order.customer).isEqualTo(order.acknowledged);
        }
        if (found != null) {
            OrderRequest whole = Orders.revision(order.customer, state);
            assertThat(found.status()).isEqualTo(whole.status().name());
            assertThat(found.lineCount()).isEqualTo(whole.lines().size());
            assertThat(found.totalCents())
                    .isEqualTo(whole.lines().stream()
                            .mapToLong(line -> line.quantity() * line.unitPriceCents())
                            .sum());
            assertThat(found.version()).isEqualTo(state);
        }
    }
}
