package dev.dualwrite.shop;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.spring.bypass.CaptureBypass;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionTemplate;

/** A running service with entities that are captured, and everything of it that a test uses. */
record Shop(ConfigurableApplicationContext context, EntityManager entities) implements AutoCloseable {

    static final List<String> TABLES = List.of(
            "orders",
            "line",
            "label",
            "order_tags",
            "order_stops",
            "order_notes",
            "orders_label",
            "orders_ranked",
            "article",
            "article_words",
            "customer",
            "customer_note",
            "payment",
            "card_payment");

    static Shop start(TestDatabase database, String... properties) {
        String[] all = Stream.concat(
                        Stream.of(
                                "spring.datasource.url=" + database.url(),
                                "spring.datasource.username=" + database.user(),
                                "spring.datasource.password=" + database.password(),
                                "spring.datasource.hikari.maximum-pool-size=4",
                                "spring.flyway.enabled=false",
                                "spring.liquibase.enabled=false",
                                "spring.jpa.hibernate.ddl-auto=create-only",
                                "spring.jpa.properties.hibernate.hbm2ddl.create_namespaces=true",
                                "spring.jpa.properties.hibernate.jdbc.batch_size=20",
                                "dualwrite.outbox.sinks=copy",
                                // It lives on beside tests that count threads.
                                "dualwrite.relay.notify=false"),
                        Stream.of(properties))
                .map(property -> "--" + property)
                .toArray(String[]::new);
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Service.class)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .properties("spring.main.banner-mode=off")
                .run(all);
        return new Shop(
                context,
                SharedEntityManagerCreator.createSharedEntityManager(context.getBean(EntityManagerFactory.class)));
    }

    JdbcTemplate jdbc() {
        return context.getBean(JdbcTemplate.class);
    }

    JdbcClient client() {
        return context.getBean(JdbcClient.class);
    }

    DataSource dataSource() {
        return context.getBean(DataSource.class);
    }

    CaptureBypass bypass() {
        return context.getBean(CaptureBypass.class);
    }

    void inTransaction(Runnable work) {
        context.getBean(TransactionTemplate.class).executeWithoutResult(status -> work.run());
    }

    @Override
    public void close() {
        context.close();
    }

    /** Everything is Boot's and ours, unless it is to have an EntityManagerFactory of its own. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Service {

        /** Its classes are not known before it is there. */
        @Bean
        @ConditionalOnBooleanProperty("shop.own-factory")
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            var factory = new LocalContainerEntityManagerFactoryBean();
            factory.setDataSource(dataSource);
            factory.setPackagesToScan(Shop.class.getPackageName());
            factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
            factory.getJpaPropertyMap()
                    .putAll(Map.of(
                            "hibernate.hbm2ddl.auto", "create-only",
                            "hibernate.hbm2ddl.create_namespaces", "true",
                            "hibernate.jdbc.batch_size", "20"));
            return factory;
        }
    }
}
