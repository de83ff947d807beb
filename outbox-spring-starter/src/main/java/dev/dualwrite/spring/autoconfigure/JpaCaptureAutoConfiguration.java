package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration.CheckedConfiguration;
import dev.dualwrite.spring.bypass.CapturedTables;
import dev.dualwrite.spring.jpa.CaptureProperties;
import dev.dualwrite.spring.jpa.JpaCapture;
import dev.dualwrite.spring.jpa.JpaCapturePostProcessor;
import dev.dualwrite.spring.transaction.OutboxTransactions;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;

/**
 * Capture of entities, where there are Hibernate and spring-orm. A service that captures none pays one look at its metamodel, and
 * one statement, at startup.
 */
@AutoConfiguration(after = DualwriteAutoConfiguration.class)
@ConditionalOnClass({EntityManagerFactory.class, SessionFactoryImplementor.class, EntityManagerFactoryInfo.class})
@ConditionalOnBean(OutboxTransactions.class)
@EnableConfigurationProperties(CaptureProperties.class)
public final class JpaCaptureAutoConfiguration {

    @Bean
    JpaCapture dualwriteJpaCapture(
            OutboxTransactions transactions, CaptureProperties properties, CheckedConfiguration configuration) {
        return new JpaCapture(transactions, properties, configuration.settings().sinks());
    }

    @Bean
    static JpaCapturePostProcessor dualwriteJpaCapturePostProcessor(ObjectProvider<JpaCapture> capture) {
        return new JpaCapturePostProcessor(capture);
    }

    /** What the search for bypasses has to know. */
    @Bean
    @ConditionalOnMissingBean
    CapturedTables dualwriteCapturedTables(JpaCapture capture) {
        return CapturedTables.of(
                capture.captured().stream().map(each -> each.model().tables()).toList());
    }

    /** Looks when every factory is there, also in a context whose beans are lazy. */
    @Bean
    BeforeRegistration dualwriteJpaCaptureCheck(
            JpaCapture capture,
            ListableBeanFactory beans,
            CheckedConfiguration configuration,
            ObjectProvider<StateLoader> loaders) {
        return () -> {
            if (!beans.getBeansOfType(EntityManagerFactory.class).isEmpty()) {
                // A relay elsewhere loads in its own way.
                boolean loadsHere = beans.getBeanNamesForType(NearbyRelay.class, true, false).length > 0;
                capture.check(
                        configuration.dataSource(),
                        configuration.settings().schema(),
                        loadsHere
                                ? capture.loadingMistakes(() -> JpaStateAutoConfiguration.typesOfOthers(loaders))
                                : List.of(),
                        () -> AnnotatedClasses.in(beans));
            }
        };
    }
}
