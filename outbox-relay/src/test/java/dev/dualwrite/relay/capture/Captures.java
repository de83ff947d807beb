package dev.dualwrite.relay.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.JpaCaptureAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.JpaStateAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A service on JPA with a relay in it, and a secondary with one table for each aggregate type. */
final class Captures implements AutoCloseable {

    private static final Duration DRAINED = Duration.ofSeconds(60);

    private final TestDatabase primary = TestDatabases.create();
    private final HikariDataSource secondary = new HikariDataSource();
    final JdbcClient ofPrimary = JdbcClient.create(primary.dataSource());
    final JdbcClient ofSecondary;

    Captures() {
        secondary.setDataSource(TestDatabases.create().dataSource());
        secondary.setMaximumPoolSize(8);
        secondary.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        ofSecondary = JdbcClient.create(secondary);
    }

    /** The service; {@code entities} is a class with the annotation EntityScan. */
    ApplicationContextRunner service(Class<?> entities) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        HibernateJpaAutoConfiguration.class,
                        JacksonAutoConfiguration.class,
                        DualwriteAutoConfiguration.class,
                        JpaCaptureAutoConfiguration.class,
                        JpaStateAutoConfiguration.class,
                        RelayAutoConfiguration.class))
                .withUserConfiguration(entities)
                .withPropertyValues(
                        "spring.datasource.url=" + primary.url(),
                        "spring.datasource.username=" + primary.user(),
                        "spring.datasource.password=" + primary.password(),
                        "spring.datasource.hikari.maximum-pool-size=24",
                        // Writers that block each other are part of the test, and a second for each would be its
                        // length.
                        "spring.datasource.hikari.connection-init-sql=SET deadlock_timeout = '20ms'",
                        "spring.jpa.hibernate.ddl-auto=create",
                        "spring.jpa.open-in-view=false",
                        "dualwrite.shard-count=2",
                        "dualwrite.relay.threads=1",
                        "dualwrite.relay.max-attempts=3");
    }

    /** The service with one more sink, of this name: a table with the key in text columns and the state in one of jsonb. */
    ApplicationContextRunner withCopy(ApplicationContextRunner service, String name, int keys) {
        Sink sink = copy(name, keys);
        return service.withBean(name, Sink.class, () -> sink);
    }

    private Sink copy(String name, int keys) {
        List<String> columns =
                IntStream.rangeClosed(1, keys).mapToObj(i -> "k" + i).toList();
        ofSecondary
                .sql("CREATE TABLE \"" + name + "\" ("
                        + columns.stream().map(column -> column + " text").collect(Collectors.joining(", "))
                        + ", state jsonb NOT NULL, dualwrite_version bigint NOT NULL, PRIMARY KEY ("
                        + String.join(", ", columns) + "))")
                .update();
        return sink(name, columns).column("state", "").build();
    }

    JdbcSink.Builder sink(String table, List<String> keys) {
        return JdbcSink.builder(secondary).name(table).table(table).keyColumns(keys.toArray(String[]::new));
    }

    /** Waits until the outbox is empty, and fails if an entry is dead. */
    void awaitDrained() {
        await().atMost(DRAINED)
                .until(() -> !dead().isEmpty() || count("dualwrite.outbox_entry") + count("dualwrite.held_entry") == 0);
        assertThat(dead()).isEmpty();
    }

    /** Each dead entry and why. */
    List<String> dead() {
        return ofPrimary
                .sql("SELECT aggregate_type || ':' || aggregate_id || ' ' || error_message FROM dualwrite.stuck_entries"
                        + " WHERE state = 'dead'")
                .query(String.class)
                .list();
    }

    private long count(String table) {
        return ofPrimary.sql("SELECT count(*) FROM " + table).query(Long.class).single();
    }

    @Override
    public void close() {
        secondary.close();
    }
}
