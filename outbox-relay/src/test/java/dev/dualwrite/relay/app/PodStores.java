package dev.dualwrite.relay.app;

import static org.awaitility.Awaitility.await;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An empty primary and a secondary with one table, and a person at psql who changes a captured table of the primary. */
final class PodStores {

    /** Long: a cold JVM may start beside four others on two cores. */
    static final Duration SOON = Duration.ofSeconds(60);

    private final TestDatabase primary = TestDatabases.create();
    private final TestDatabase secondary = TestDatabases.create();
    private final JdbcClient atPrimary = JdbcClient.create(primary.dataSource());
    private final JdbcClient atSecondary = JdbcClient.create(secondary.dataSource());

    PodStores() {
        atPrimary
                .sql("CREATE TABLE orders (id text PRIMARY KEY, note text NOT NULL)")
                .update();
        atSecondary
                .sql("CREATE TABLE orders_copy (id text PRIMARY KEY, note text, dualwrite_version bigint NOT NULL)")
                .update();
    }

    /** All that a pod must be told, as {@code name=value}. */
    List<String> properties() {
        return List.of(
                "spring.datasource.url=" + primary.url(),
                "spring.datasource.username=" + primary.user(),
                "spring.datasource.password=" + primary.password(),
                "dualwrite.sinks.orders-copy.type=jdbc",
                "dualwrite.sinks.orders-copy.url=" + secondary.url(),
                "dualwrite.sinks.orders-copy.username=" + secondary.user(),
                "dualwrite.sinks.orders-copy.password=" + secondary.password(),
                "dualwrite.sinks.orders-copy.table=orders_copy",
                "dualwrite.sinks.orders-copy.key-columns=id");
    }

    /** What is left to tell a pod that has deploy/kubernetes/relay.yaml and the secrets. */
    List<String> places() {
        return List.of(
                "spring.datasource.url=" + primary.url(),
                "dualwrite.sinks.orders-copy.url=" + secondary.url(),
                // No service has installed the schema here.
                "dualwrite.schema.mode=migrate");
    }

    /** The files of the Secret that deploy/kubernetes/secret.example.yaml describes. */
    void writeSecrets(Path directory) throws IOException {
        Files.writeString(directory.resolve("spring.datasource.username"), primary.user());
        Files.writeString(directory.resolve("spring.datasource.password"), primary.password());
        Files.writeString(directory.resolve("dualwrite.sinks.orders-copy.username"), secondary.user());
        Files.writeString(directory.resolve("dualwrite.sinks.orders-copy.password"), secondary.password());
    }

    /** Only once a pod has installed the schema and registered its sink. */
    void capture() {
        atPrimary
                .sql("SELECT dualwrite.capture_table('orders', 'orders-copy', 'order', '{id}')")
                .query()
                .singleRow();
    }

    void insert(String id) {
        atPrimary
                .sql("INSERT INTO orders (id, note) VALUES (?, ?)")
                .params(id, "note of " + id)
                .update();
    }

    void awaitCopied(String id) {
        await("order " + id + " at the secondary")
                .atMost(SOON)
                .until(() -> atSecondary
                                .sql("SELECT count(*) FROM orders_copy WHERE id = ? AND note = ?")
                                .params(id, "note of " + id)
                                .query(Long.class)
                                .single()
                        == 1);
    }

    /** Lanes that some relay holds. */
    long heldLanes() {
        return atPrimary
                .sql("SELECT count(*) FROM dualwrite.shards WHERE holder IS NOT NULL")
                .query(Long.class)
                .single();
    }

    /** Acts of people that are on record. */
    long acts() {
        return atPrimary
                .sql("SELECT count(*) FROM dualwrite.audit")
                .query(Long.class)
                .single();
    }
}
