package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The operator's side of a service that has an outbox; a bean of the service's own replaces each of these. */
@AutoConfiguration(
        afterName = "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration",
        beforeName = "org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration")
@ConditionalOnBean(OperatorStore.class)
public final class OperateAutoConfiguration {

    /** One that failed or waited for a connection; between two more distant ones anything may have gone on. Guessed. */
    private static final Duration LOOK_MISSED = Duration.ofMinutes(2);

    private static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

    /** The name of the bean, which the method that makes it has not. */
    static final String REACTIVE_CHAIN =
            "org.springframework.security.config.annotation.web.reactive.WebFluxSecurityConfiguration.WebFilterChainFilter";

    @Bean
    @ConditionalOnMissingBean(OperatorAccess.class)
    OperatorAccess dualwriteOperatorAccess(OperateProperties properties, BeanFactory beans) {
        OperateProperties.Operator operator = properties.operator();
        return isSecured(beans)
                ? new SecurityAccess(operator.role(), operator.viewerRole())
                : new UnsecuredAccess(operator.allowUnsecuredWrites(), operator.allowedHosts());
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

    /** One judgement for health and console. */
    @Bean
    @ConditionalOnMissingBean
    Judgement dualwriteJudgement(
            OperateProperties properties, ObjectProvider<Routing> routing, Environment environment) {
        Set<String> sinks = routing.stream()
                .flatMap(known -> known.sinkIds().keySet().stream())
                .collect(Collectors.toSet());
        var findings = new Findings(properties.health().lagBudget(), unheldFor(environment), sinks);
        return new Judgement(findings, properties.metrics().interval().plus(LOOK_MISSED));
    }

    /** What the relays of other processes have is not known here: a shorter lease only makes this one say it later. */
    private static Duration unheldFor(Environment environment) {
        Duration lease = Binder.get(environment)
                .bind("dualwrite.relay.lease-duration", Duration.class)
                .orElse(DEFAULT_LEASE);
        return (lease.compareTo(DEFAULT_LEASE) < 0 ? DEFAULT_LEASE : lease).multipliedBy(2);
    }

    /** The library alone guards nothing, and may be there for its password encoders only: its filter chain must be there. */
    private static boolean isSecured(BeanFactory beans) {
        return ClassUtils.isPresent(
                        "org.springframework.security.core.context.SecurityContextHolder",
                        OperateAutoConfiguration.class.getClassLoader())
                && (beans.containsBean("springSecurityFilterChain") || beans.containsBean(REACTIVE_CHAIN));
    }

    /** Where there is an actuator, and the endpoint is exposed over HTTP or JMX. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
    static class EndpointConfiguration {

        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnAvailableEndpoint
        DualwriteEndpoint dualwriteEndpoint(Operations operations) {
            return new DualwriteEndpoint(operations);
        }

        @Bean
        @ConditionalOnBean(DualwriteEndpoint.class)
        @ConditionalOnMissingBean
        @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
        DualwriteWebExtension dualwriteWebExtension(DualwriteEndpoint endpoint, ObjectProvider<RequestHost> host) {
            return new DualwriteWebExtension(endpoint, host.getIfAvailable(() -> () -> null));
        }

        @Bean
        @ConditionalOnBean(DualwriteEndpoint.class)
        KnownFields dualwriteKnownFields() {
            return new KnownFields();
        }
    }

    /** Where the host of a request can be seen. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass(ServletRequestAttributes.class)
    static class ServletConfiguration {

        @Bean
        RequestHost dualwriteRequestHost() {
            return new ServletRequestHost();
        }
    }

    /** Where there is health; off by {@code management.health.dualwrite.enabled=false}. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, HealthEndpointGroupsPostProcessor.class})
    @ConditionalOnEnabledHealthIndicator("dualwrite")
    static class HealthConfiguration {

        /** A contributor must not be named like a group. */
        private static final String CONTRIBUTOR = "dualwriteOutbox";

        private static final String GROUP = "dualwrite";

        @Bean
        @ConditionalOnMissingBean(name = "dualwriteOutboxHealthIndicator")
        HealthIndicator dualwriteOutboxHealthIndicator(OutboxWatch watch, Judgement judgement) {
            return new OutboxHealthIndicator(watch, judgement);
        }

        @Bean
        static HealthEndpointGroupsPostProcessor dualwriteHealthGroup() {
            return groups -> OutboxHealthGroups.with(groups, GROUP, CONTRIBUTOR);
        }
    }
}
