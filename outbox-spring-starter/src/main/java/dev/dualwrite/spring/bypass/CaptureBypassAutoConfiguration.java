package dev.dualwrite.spring.bypass;

import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * The detector of changes that go past the capture of entities, and the way to allow one. The DataSource of a service that captures
 * no entity is left as it is.
 */
@AutoConfiguration(afterName = "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration")
@ConditionalOnClass(DataSource.class)
@ConditionalOnBean(DataSource.class)
public final class CaptureBypassAutoConfiguration {

    @Bean
    CaptureBypass dualwriteCaptureBypass() {
        return new CaptureBypass();
    }

    @Bean
    @Lazy(false)
    DataSourceWatch dualwriteDataSourceWatch(
            CaptureBypass allowed, ObjectProvider<CapturedTables> tables, Environment environment) {
        return new DataSourceWatch(allowed, tables, WatchedBean.modeOf(environment));
    }

    @Bean
    static DataSourceWatchPostProcessor dualwriteDataSourceWatchPostProcessor(
            ConfigurableListableBeanFactory beans, Environment environment, ObjectProvider<DataSourceWatch> watch) {
        var entities = new CapturedEntities(beans, environment, CapturedEntities.ANNOTATIONS);
        return new DataSourceWatchPostProcessor(new WatchedBean(beans, environment, entities), watch);
    }
}
