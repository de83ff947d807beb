package dev.dualwrite.spring.transaction;

import static java.util.Objects.requireNonNull;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.transaction.ConfigurableTransactionManager;

/**
 * Attaches the outbox to every transaction manager bean, whoever defined it. Declare it by a static {@code @Bean} method;
 * {@link OutboxTransactions} is asked for when the first transaction manager is ready, not before. Thread-safe.
 */
public final class OutboxTransactionsPostProcessor implements BeanPostProcessor, Ordered {

    private final ObjectProvider<OutboxTransactions> transactions;

    /** A processor for the one bean that the provider gives, if it gives any. */
    public OutboxTransactionsPostProcessor(ObjectProvider<OutboxTransactions> transactions) {
        this.transactions = requireNonNull(transactions, "transactions");
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
            transactions.ifAvailable(outbox -> outbox.attach(manager, beanName));
        }
        return bean;
    }

    /** Late: what other processors and customizers have set up on a manager stays before us. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
