package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.BufferingOutbox;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** A small service with an outbox, in a Spring context of its own. */
final class TestService implements AutoCloseable {

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final List<Integer> commits = Collections.synchronizedList(new ArrayList<>());
    private volatile CommitListener commitListener = commits::add;
    private volatile CrashProbe probe = CrashProbe.NONE;

    private TestService() {}

    static TestService start(TestOutbox database, DataSource dataSource, Class<?>... configurations) {
        var service = new TestService();
        service.context.registerBean("dataSource", DataSource.class, () -> dataSource, d -> d.setPrimary(true));
        service.context.registerBean(TestOutbox.class, () -> database);
        service.context.registerBean(
                OutboxTransactions.class,
                () -> new OutboxTransactions(
                        dataSource,
                        database::writer,
                        () -> List.of(n -> service.commitListener.committed(n)),
                        window -> service.probe.reached(window)));
        service.context.register(Binding.class);
        service.context.register(configurations);
        service.context.refresh();
        return service;
    }

    void reset() {
        commits.clear();
        commitListener = commits::add;
        probe = CrashProbe.NONE;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    JdbcTemplate jdbc() {
        return bean(JdbcTemplate.class);
    }

    /** Appends per commit, as the relay's wake-up is told. */
    List<Integer> commits() {
        return List.copyOf(commits);
    }

    void onCommit(CommitListener listener) {
        commitListener = listener;
    }

    void onCrashWindow(CrashProbe newProbe) {
        probe = newProbe;
    }

    TransactionTemplate transaction() {
        return transaction(TransactionDefinition.PROPAGATION_REQUIRED);
    }

    TransactionTemplate transaction(int propagation) {
        return transaction("transactionManager", propagation);
    }

    TransactionTemplate transaction(String manager, int propagation) {
        var template = new TransactionTemplate(bean(manager, PlatformTransactionManager.class));
        template.setPropagationBehavior(propagation);
        return template;
    }

    TransactionTemplate requiresNew() {
        return transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    TransactionTemplate nested() {
        return transaction(TransactionDefinition.PROPAGATION_NESTED);
    }

    TransactionTemplate readOnly() {
        TransactionTemplate template = transaction();
        template.setReadOnly(true);
        return template;
    }

    /** Appends an entry for the aggregate "thing:1". */
    void append(String payload) {
        append("1", payload);
    }

    void append(String id, String payload) {
        bean(Outbox.class).append(OutboxEntry.upsert(new Aggregate("thing", id), (Object) payload));
    }

    void append(Supplier<?> payload) {
        bean(Outbox.class).append(OutboxEntry.upsert(new Aggregate("thing", "1"), payload));
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    static class Binding {

        @Bean
        static OutboxTransactionsPostProcessor postProcessor(ObjectProvider<OutboxTransactions> transactions) {
            return new OutboxTransactionsPostProcessor(transactions);
        }

        @Bean
        Outbox outbox(OutboxTransactions transactions, TestOutbox database) {
            return new BufferingOutbox(transactions, database.routing());
        }

        @Bean
        JdbcTemplate jdbcTemplate(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class Jdbc {

        @Bean
        JdbcTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class Jpa {

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            var factory = new LocalContainerEntityManagerFactoryBean();
            factory.setDataSource(dataSource);
            factory.setPackagesToScan(TestService.class.getPackageName());
            factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
            factory.getJpaPropertyMap().put("hibernate.hbm2ddl.auto", "create");
            return factory;
        }

        @Bean
        JpaTransactionManager transactionManager(LocalContainerEntityManagerFactoryBean factory) {
            return new JpaTransactionManager(factory.getObject());
        }
    }
}
