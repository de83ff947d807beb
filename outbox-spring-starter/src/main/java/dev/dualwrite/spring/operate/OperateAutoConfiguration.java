package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.OperatorStore;
import java.time.Clock;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.util.ClassUtils;

/** The operator's side of a service that has an outbox; a bean of the service's own replaces each of these. */
@AutoConfiguration(
        afterName = {
            "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration"
        })
@ConditionalOnBean(OperatorStore.class)
public final class OperateAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(OperatorAccess.class)
    OperatorAccess dualwriteOperatorAccess(OperateProperties properties, BeanFactory beans) {
        OperateProperties.Operator operator = properties.operator();
        return isSecured(beans)
                ? new SecurityAccess(operator.role(), operator.viewerRole())
                : new UnsecuredAccess(operator.allowUnsecuredWrites());
    }

    @Bean
    @ConditionalOnMissingBean
    Redaction dualwriteRedaction(OperateProperties properties) {
        return new Redaction(properties.operator().visibleFields());
    }

    @Bean
    @ConditionalOnMissingBean
    Operations dualwriteOperations(OperatorStore store, OperatorAccess access, Redaction redaction) {
        return new Operations(store, access, redaction);
    }

    /** One look for all who ask. */
    @Bean
    @ConditionalOnMissingBean
    OutboxWatch dualwriteOutboxWatch(OperatorStore store, OperateProperties properties) {
        return new OutboxWatch(store::overview, properties.metrics().interval(), Clock.systemUTC());
    }

    /** The library alone guards nothing, and may be there for its password encoders only: its filter chain must be there. */
    private static boolean isSecured(BeanFactory beans) {
        return ClassUtils.isPresent(
                        "org.springframework.security.core.context.SecurityContextHolder",
                        OperateAutoConfiguration.class.getClassLoader())
                && (beans.containsBean("springSecurityFilterChain")
                        || beans.containsBean("springSecurityWebFilterChainFilter"));
    }
}
