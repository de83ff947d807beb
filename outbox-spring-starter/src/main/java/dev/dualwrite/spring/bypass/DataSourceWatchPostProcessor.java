package dev.dualwrite.spring.bypass;

import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/** Puts the watched DataSource in the place of the outbox's own, where something is captured through entities. Thread-safe. */
final class DataSourceWatchPostProcessor implements BeanPostProcessor, Ordered {

    private final WatchedBean watched;
    private final ObjectProvider<DataSourceWatch> watch;

    DataSourceWatchPostProcessor(WatchedBean watched, ObjectProvider<DataSourceWatch> watch) {
        this.watched = watched;
        this.watch = watch;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean instanceof DataSource dataSource && watched.is(beanName)
                ? watch.getObject().watch(dataSource)
                : bean;
    }

    /** Late: what other processors have made of a DataSource stays within. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
