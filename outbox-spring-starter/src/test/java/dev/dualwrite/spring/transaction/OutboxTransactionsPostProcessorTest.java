package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.spi.CrashProbe;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;

/** Which transaction managers take part, and what their set-up must not suffer from that. No connection is opened. */
class OutboxTransactionsPostProcessorTest {

    private static final TransactionExecutionListener USERS_OWN = new TransactionExecutionListener() {};

    @Test
    void everyTransactionManagerBeanIsAttachedOnce() {
        try (var context = context()) {
            context.registerBean("orders", JdbcTransactionManager.class, OutboxTransactionsPostProcessorTest::manager);
            context.registerBean("reports", JdbcTransactionManager.class, OutboxTransactionsPostProcessorTest::manager);
            context.refresh();

            for (var manager :
                    context.getBeansOfType(JdbcTransactionManager.class).values()) {
                context.getBean(OutboxTransactions.class).attach(manager);
                assertThat(manager.getTransactionExecutionListeners())
                        .hasSize(1)
                        .hasOnlyElementsOfType(TransactionBoundary.class);
            }
        }
    }

    @Test
    void listenersOfTheUserStayInFrontEvenIfTheirCollectionIsUnmodifiable() {
        try (var context = context()) {
            context.registerBean(JdbcTransactionManager.class, () -> {
                var manager = new JdbcTransactionManager(new DriverManagerDataSource());
                manager.setTransactionExecutionListeners(List.of(USERS_OWN));
                return manager;
            });
            context.refresh();

            assertThat(context.getBean(JdbcTransactionManager.class).getTransactionExecutionListeners())
                    .hasSize(2)
                    .first()
                    .isSameAs(USERS_OWN);
        }
    }

    @Test
    void reactiveTransactionManagerIsLeftAlone() {
        try (var context = context()) {
            context.registerBean(Reactive.class, Reactive::new);
            context.refresh();

            assertThat(context.getBean(Reactive.class).listeners).isEmpty();
        }
    }

    @Test
    void contextWithoutAnOutboxStarts() {
        try (var context = new AnnotationConfigApplicationContext()) {
            context.registerBean(
                    OutboxTransactionsPostProcessor.class,
                    () -> new OutboxTransactionsPostProcessor(context.getBeanProvider(OutboxTransactions.class)));
            context.registerBean(JdbcTransactionManager.class, OutboxTransactionsPostProcessorTest::manager);
            context.refresh();

            assertThat(context.getBean(JdbcTransactionManager.class).getTransactionExecutionListeners())
                    .isEmpty();
        }
    }

    // A bean that is created while the processors are registered misses the ones that come later.
    @Test
    void noBeanIsCreatedTooEarlyForOtherPostProcessors() {
        var seen = new ArrayList<String>();
        try (var context = context()) {
            context.registerBean("orders", JdbcTransactionManager.class, OutboxTransactionsPostProcessorTest::manager);
            context.registerBean(Recorder.class, () -> new Recorder(seen));
            context.refresh();
        }

        assertThat(seen).contains("dataSource", "outboxTransactions", "orders");
    }

    private static JdbcTransactionManager manager() {
        return new JdbcTransactionManager(new DriverManagerDataSource());
    }

    private static AnnotationConfigApplicationContext context() {
        var context = new AnnotationConfigApplicationContext();
        context.registerBean("dataSource", DataSource.class, () -> new DriverManagerDataSource());
        context.registerBean(
                "outboxTransactions",
                OutboxTransactions.class,
                () -> new OutboxTransactions(
                        context.getBean(DataSource.class),
                        () -> {
                            throw new AssertionError("asked for too early");
                        },
                        List::of,
                        CrashProbe.NONE));
        context.registerBean(
                OutboxTransactionsPostProcessor.class,
                () -> new OutboxTransactionsPostProcessor(context.getBeanProvider(OutboxTransactions.class)));
        return context;
    }

    private record Recorder(List<String> seen) implements BeanPostProcessor, Ordered {

        @Override
        public Object postProcessAfterInitialization(Object bean, String beanName) {
            seen.add(beanName);
            return bean;
        }

        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }
    }

    private static final class Reactive implements ConfigurableTransactionManager {

        private Collection<TransactionExecutionListener> listeners = new ArrayList<>();

        @Override
        public void setTransactionExecutionListeners(Collection<TransactionExecutionListener> newListeners) {
            listeners = newListeners;
        }

        @Override
        public Collection<TransactionExecutionListener> getTransactionExecutionListeners() {
            return listeners;
        }
    }
}
