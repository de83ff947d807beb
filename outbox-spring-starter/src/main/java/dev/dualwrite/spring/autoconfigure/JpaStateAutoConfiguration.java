package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.spring.jpa.JpaCapture;
import dev.dualwrite.spring.jpa.JpaStateLoader;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/**
 * States of captured entities, for a relay in the service itself. A loader of the service's own wins for the aggregate types that it
 * names. Nothing is looked up before a relay asks.
 */
@AutoConfiguration(after = JpaCaptureAutoConfiguration.class)
@ConditionalOnClass({EntityManagerFactory.class, SessionFactoryImplementor.class, JsonMapper.class})
@ConditionalOnBean(JpaCapture.class)
public final class JpaStateAutoConfiguration {

    /** That of the relay, which is in another module. */
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    @Bean
    @Lazy
    JpaStateLoader dualwriteJpaStateLoader(
            JpaCapture capture, Means means, ObjectProvider<StateLoader> loaders, ListableBeanFactory beans) {
        return JpaStateLoader.of(
                () -> {
                    // What is captured is known when the last factory was made.
                    var unused = beans.getBeansOfType(EntityManagerFactory.class);
                    return capture.captured();
                },
                means.codec(),
                () -> typesOfOthers(loaders),
                means.timeout());
    }

    /**
     * What every loader of entities uses.
     *
     * @param codec always JSON: a codec of the service's own need not know the trees that a loader makes
     * @param timeout the relay's: what takes longer is of no use to it
     */
    record Means(PayloadCodec codec, Duration timeout) {}

    @Bean
    @Lazy
    Means dualwriteJpaStateMeans(ObjectProvider<JsonMapper> mapper, Environment environment) {
        return new Means(
                new JsonPayloadCodec(
                        mapper.getIfUnique(() -> JsonMapper.builder().build())),
                Binder.get(environment)
                        .bind("dualwrite.relay.sink-timeout", Duration.class)
                        .orElse(DEFAULT_TIMEOUT));
    }

    static Set<String> typesOfOthers(ObjectProvider<StateLoader> loaders) {
        return loaders.stream()
                .filter(loader -> !(loader instanceof JpaStateLoader))
                .flatMap(loader -> loader.aggregateTypes().stream())
                .collect(Collectors.toUnmodifiableSet());
    }
}
