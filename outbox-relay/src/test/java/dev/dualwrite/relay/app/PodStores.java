package dev.dualwrite.relay.app;

import static org.awaitility.Awaitility.await;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
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
                .sql("CREATE TABLE item (id text PRIMARY KEY, note text NOT NULL)")
                .update();
        atSecondary
                .sql("CREATE TABLE item_copy (id text PRIMARY KEY, note text, dualwrite_version bigint NOT NULL)")
                .update();
    }

    /** All that a pod must be told, as {@code name=value}. */
    List<String> properties() {
        return List.of(
                "spring.datasource.url=" + primary.url(),
                "spring.datasource.username=" + primary.user(),
                "spring.datasource.password=" + primary.password(),
                "dualwrite.sinks.copy.type=jdbc",
                "dualwrite.sinks.copy.url=" + secondary.url(),
                "dualwrite.sinks.copy.username=" + secondary.user(),
                "dualwrite.sinks.copy.password=" + secondary.password(),
                "dualwrite.sinks.copy.table=item_copy",
                "dualwrite.sinks.copy.key-columns=id");
    }

    /** Only once a pod has installed the schema and registered its sink. */
    void capture() {
        atPrimary
                .sql("SELECT dualwrite.capture_table('item', 'copy', 'item', '{id}')")
                .query()
                .singleRow();
    }

    void insert(String id) {
        atPrimary
                .sql("INSERT INTO item (id, note) VALUES (?, ?)")
                .params(id, "note of " + id)
                .update();
    }

    void awaitCopied(String id) {
        await("item " + id + " at the secondary")
                .atMost(SOON)
                .until(() -> atSecondary
                                .sql("SELECT count(*) FROM item_copy WHERE id = ? AND note = ?")
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
}
