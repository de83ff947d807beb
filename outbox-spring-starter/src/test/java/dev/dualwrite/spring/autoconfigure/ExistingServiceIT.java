package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.service.JdbcService;
import dev.dualwrite.service.JpaService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A service that runs today starts unchanged once the starter is added: with all of Boot's own auto-configurations. */
class ExistingServiceIT {

    private static final String[] JPA = {
        "spring-boot-data-jpa",
        "spring-boot-hibernate",
        "spring-boot-jpa",
        "spring-data-jpa",
        "spring-orm",
        "hibernate-core",
        "jakarta.persistence-api"
    };
    private static final String[] ACTUATOR = {
        "spring-boot-actuator",
        "spring-boot-actuator-autoconfigure",
        "spring-boot-health",
        "spring-boot-micrometer-metrics",
        "micrometer-core"
    };
    private static final String FLYWAY = "spring-boot-flyway";
    private static final String LIQUIBASE = "spring-boot-liquibase";
    private static final String SINK = "dualwrite.outbox.sinks=copy";

    private final Sql sql = new Sql(TestDatabases.create());

    @Test
    void serviceWithItsOwnFlywayKeepsIt() throws Exception {
        Map<String, String> seen = ClassPath.without(LIQUIBASE).run(JdbcService.class, sql.arguments(SINK));

        assertThat(seen).containsEntry("flyway", "[flyway]");
        assertThat(sql.tables("public")).containsExactly("flyway_schema_history", "orders", "refunds");
        assertThat(sql.query("SELECT script FROM flyway_schema_history ORDER BY installed_rank"))
                .containsExactly("V1__orders.sql", "V2__refunds.sql");
        assertThat(sql.query("SELECT script FROM dualwrite.dualwrite_schema_history"))
                .containsExactlyElementsOf(Schema.ALL_FILES);
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void flywayOfTheServiceMayUseOurSchemaSinceItComesFirst() throws Exception {
        ClassPath.without(LIQUIBASE)
                .run(
                        JdbcService.class,
                        sql.arguments(
                                SINK, "spring.flyway.locations=classpath:db/migration,classpath:db/uses-dualwrite"));

        assertThat(sql.query("SELECT shards FROM known_shards")).containsExactly("16");
    }

    @Test
    void flywayOfTheServiceMayInstallOurSchemaInModeNoneSinceItComesFirstThere() throws Exception {
        createOrders();

        ClassPath.without(LIQUIBASE)
                .run(
                        JdbcService.class,
                        sql.arguments(
                                SINK,
                                "dualwrite.schema.mode=none",
                                "spring.flyway.locations=classpath:dev/dualwrite/schema/postgresql",
                                "spring.flyway.init-sqls=CREATE SCHEMA IF NOT EXISTS dualwrite",
                                "spring.flyway.placeholders.schema=dualwrite",
                                "spring.flyway.placeholders.shardCount=8",
                                "spring.flyway.baseline-on-migrate=true",
                                "spring.flyway.baseline-version=0"));

        assertThat(sql.query("SELECT shard_count FROM dualwrite.control")).containsExactly("8");
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithLiquibaseKeepsIt() throws Exception {
        Map<String, String> seen = ClassPath.without(FLYWAY).run(JdbcService.class, sql.arguments(SINK));

        assertThat(seen).containsEntry("flyway", "[]");
        assertThat(seen.get("beans")).contains("liquibase");
        assertThat(sql.tables("public")).containsExactly("databasechangelog", "databasechangeloglock", "orders");
        assertThat(sql.query("SELECT id FROM databasechangelog")).containsExactly("orders");
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithNeitherDoesNotComeUnderFlywayBecauseOfUs() throws Exception {
        createOrders();

        Map<String, String> seen = ClassPath.without(FLYWAY, LIQUIBASE).run(JdbcService.class, sql.arguments(SINK));

        assertThat(seen).containsEntry("flyway", "[]");
        assertThat(sql.tables("public")).containsExactly("orders");
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceOnJpaStartsAndAppends() throws Exception {
        createOrders();

        Map<String, String> seen = ClassPath.without(FLYWAY, LIQUIBASE).run(JpaService.class, sql.arguments(SINK));

        assertThat(seen).containsEntry("transactionManager", "JpaTransactionManager");
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithoutJpaStartsAndAppends() throws Exception {
        createOrders();

        Map<String, String> seen =
                ClassPath.without(with(JPA, FLYWAY, LIQUIBASE)).run(JdbcService.class, sql.arguments(SINK));

        assertThat(seen).containsEntry("transactionManager", "JdbcTransactionManager");
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithoutActuatorStarts() throws Exception {
        createOrders();

        ClassPath.without(with(ACTUATOR, FLYWAY, LIQUIBASE)).run(JdbcService.class, sql.arguments(SINK));

        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithoutTheRelayStarts() throws Exception {
        createOrders();
        ClassPath starterAlone = ClassPath.without(FLYWAY, LIQUIBASE);

        starterAlone.run(JdbcService.class, sql.arguments(SINK));

        assertThat(starterAlone.has("dev.dualwrite.relay.Relay")).isFalse();
        ordersAndTheirEntriesAreThere();
    }

    @Test
    void serviceWithoutJacksonsAutoConfigurationStarts() throws Exception {
        createOrders();

        ClassPath.without(FLYWAY, LIQUIBASE, "spring-boot-jackson").run(JdbcService.class, sql.arguments(SINK));

        ordersAndTheirEntriesAreThere();
    }

    private void createOrders() throws SQLException {
        sql.execute("CREATE TABLE orders (id text PRIMARY KEY, status text NOT NULL)");
    }

    private void ordersAndTheirEntriesAreThere() throws SQLException {
        assertThat(sql.query("SELECT id FROM orders ORDER BY id")).containsExactly("1", "2");
        assertThat(sql.query("""
                        SELECT concat_ws(' ', s.name, e.operation, e.aggregate_type, e.aggregate_id,
                                         convert_from(e.payload, 'UTF8')::jsonb)
                        FROM dualwrite.outbox_entry e
                        JOIN dualwrite.sink s USING (sink_id)
                        ORDER BY e.sequence
                        """))
                .containsExactly(
                        "copy U order 1 {\"id\": \"1\", \"status\": \"NEW\"}",
                        "copy U order 2 {\"id\": \"2\", \"status\": \"NEW\"}");
    }

    private static String[] with(String[] artifacts, String... more) {
        var all = new ArrayList<>(List.of(artifacts));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
