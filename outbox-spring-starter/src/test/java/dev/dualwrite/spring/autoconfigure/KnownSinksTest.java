package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.spi.Sink;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class KnownSinksTest {

    private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

    @Test
    void keysOfTheConfigurationAreNames() {
        assertThat(sinks(
                        Map.of("dualwrite.sinks.orders-copy.type", "jdbc", "dualwrite.sinks.search.max-attempts", "3"),
                        Map.of()))
                .containsExactly("orders-copy", "search");
    }

    @Test
    void keyInBracketsKeepsItsDots() {
        assertThat(sinks(Map.of("dualwrite.sinks[eu.orders].type", "jdbc"), Map.of()))
                .containsExactly("eu.orders");
    }

    @Test
    void sinkOfAFurtherPrimaryIsNotOneOfTheOutboxHere() {
        assertThat(sinks(
                        Map.of(
                                "dualwrite.sinks.orders-copy.type", "jdbc",
                                "dualwrite.sinks.billing-copy.type", "jdbc",
                                "dualwrite.relay.primaries.billing.sinks[0]", "billing-copy"),
                        Map.of()))
                .containsExactly("orders-copy");
    }

    @Test
    void beansAreKnownByTheirNamesAndNotCreated() {
        var definition = new RootBeanDefinition(Sink.class, () -> {
            throw new IllegalStateException("created");
        });
        beans.registerBeanDefinition("audit", definition);

        assertThat(sinks(Map.of("dualwrite.sinks.copy.type", "jdbc"), Map.of())).containsExactly("audit", "copy");
    }

    @Test
    void variableThatSetsAPasswordIsNoSinkOfItsOwn() {
        assertThat(sinks(
                        Map.of("dualwrite.sinks.orders-copy.type", "jdbc"),
                        Map.of(
                                "DUALWRITE_SINKS_ORDERSCOPY_PASSWORD",
                                "p",
                                "DUALWRITE_SINKS_ORDERS_COPY_PASSWORD",
                                "p")))
                .containsExactly("orders-copy");
    }

    @Test
    void sinkConfiguredByVariablesAloneIsKnownByItsType() {
        assertThat(sinks(Map.of(), Map.of("DUALWRITE_SINKS_COPY_TYPE", "jdbc", "DUALWRITE_SINKS_COPY_URL", "jdbc:x")))
                .containsExactly("copy");
    }

    @Test
    void noConfigurationIsNoSink() {
        assertThat(sinks(Map.of(), Map.of())).isEqualTo(Set.of());
    }

    private Set<String> sinks(Map<String, Object> written, Map<String, Object> variables) {
        var environment = new StandardEnvironment();
        MutablePropertySources sources = environment.getPropertySources();
        List.copyOf(sources.stream().toList()).forEach(source -> sources.remove(source.getName()));
        sources.addLast(new SystemEnvironmentPropertySource("systemEnvironment", variables));
        sources.addLast(new MapPropertySource("file", written));
        return KnownSinks.of(environment, beans);
    }
}
