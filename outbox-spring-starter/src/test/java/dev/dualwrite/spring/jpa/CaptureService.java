package dev.dualwrite.spring.jpa;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.JpaCaptureAutoConfiguration;
import dev.dualwrite.spring.transaction.CountingDataSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.SessionFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A service with some entities and an outbox with the sinks "copy" and "archive", as Boot puts it together. */
final class CaptureService implements AutoCloseable {

    private final HikariDataSource pool;
    private final CountingDataSource counted;
    private final JdbcTemplate outside;
    private final ConfigurableApplicationContext context;
    private final EntityManager entities;

    private CaptureService(TestDatabase database, List<String> arguments, Class<?>... entityClasses) {
        pool = new HikariDataSource();
        pool.setDataSource(database.dataSource());
        pool.setMaximumPoolSize(8);
        pool.setMinimumIdle(0);
        counted = new CountingDataSource(pool);
        outside = new JdbcTemplate(database.dataSource());
        var application = new SpringApplication(Service.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setLogStartupInfo(false);
        // Those that are no entities are configurations.
        application.addPrimarySources(Arrays.stream(entityClasses)
                .filter(type -> type.isAnnotationPresent(Configuration.class))
                .toList());
        application.addInitializers(c -> {
            var beans = (GenericApplicationContext) c;
            beans.registerBean("dataSource", javax.sql.DataSource.class, () -> counted);
            beans.registerBean(
                    PersistenceManagedTypes.class,
                    () -> PersistenceManagedTypes.of(Arrays.stream(entityClasses)
                            .filter(type -> !type.isAnnotationPresent(Configuration.class))
                            .map(Class::getName)
                            .toArray(String[]::new)));
        });
        try {
            context = application.run(arguments.toArray(String[]::new));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        entities = SharedEntityManagerCreator.createSharedEntityManager(factory());
    }

    static CaptureService start(Class<?>... entities) {
        return start(TestDatabases.create(), List.of(), entities);
    }

    static CaptureService start(TestDatabase database, List<String> more, Class<?>... entities) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--spring.jpa.hibernate.ddl-auto=update",
                "--spring.jpa.open-in-view=false",
                "--spring.jpa.properties.hibernate.jdbc.batch_size=50",
                "--spring.jpa.properties.hibernate.order_inserts=true",
                "--dualwrite.outbox.sinks=copy",
                "--dualwrite.aggregates.unused.sinks=archive"));
        arguments.addAll(more);
        return new CaptureService(database, arguments, entities);
    }

    EntityManagerFactory factory() {
        return context.getBean(EntityManagerFactory.class);
    }

    SessionFactory sessions() {
        return factory().unwrap(SessionFactory.class);
    }

    /** Statements that were executed so far. */
    int executed() {
        return counted.executed();
    }

    CountingDataSource dataSource() {
        return counted;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Looks from outside of any transaction. */
    JdbcTemplate outside() {
        return outside;
    }

    TransactionTemplate transaction() {
        return new TransactionTemplate(bean(PlatformTransactionManager.class));
    }

    /** Works in a transaction. */
    void change(Consumer<EntityManager> work) {
        transaction().executeWithoutResult(status -> work.accept(entities));
    }

    /** Works in a transaction, and tells which entries that has left, each as its operation, aggregate, and sink. */
    List<String> captured(Consumer<EntityManager> work) {
        forget();
        change(work);
        return entries();
    }

    void forget() {
        outside.update("DELETE FROM dualwrite.outbox_entry");
    }

    List<String> entries() {
        return outside.queryForList("""
                SELECT operation::text || ' ' || aggregate_type || ':' || aggregate_id
                       || CASE WHEN s.name = 'copy' THEN '' ELSE ' to ' || s.name END
                FROM dualwrite.outbox_entry JOIN dualwrite.sink s USING (sink_id)
                ORDER BY sequence
                """, String.class);
    }

    @Override
    public void close() {
        context.close();
        pool.close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        TransactionAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        JacksonAutoConfiguration.class,
        DualwriteAutoConfiguration.class,
        JpaCaptureAutoConfiguration.class
    })
    static class Service {}
}
