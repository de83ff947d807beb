package dev.dualwrite.spring.console;

import dev.dualwrite.spring.operate.Judgement;
import dev.dualwrite.spring.operate.Operations;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/** The console of a servlet application that asks for one with {@code dualwrite.console.enabled}. */
@AutoConfiguration(afterName = "dev.dualwrite.spring.operate.OperateAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({DispatcherServlet.class, JsonMapper.class})
@ConditionalOnBooleanProperty("dualwrite.console.enabled")
@ConditionalOnBean(Operations.class)
public final class ConsoleAutoConfiguration {

    /** How often whoever watches is told; two statements of milliseconds each, however many watch. */
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Guessed: more people than look after one service; each costs a connection of the web server and no thread. */
    private static final int MOST_STREAMS = 50;

    /** Before the service's own mappings, which may take everything. */
    private static final int ORDER = -100;

    @Bean
    Counts dualwriteConsoleCounts(ObjectProvider<AppliedCount> applied) {
        AppliedCount known = applied.getIfUnique(() -> OptionalDouble::empty);
        return new Counts(known);
    }

    @Bean
    Looks dualwriteConsoleLooks(Operations operations, Judgement judgement, Counts counts) {
        return new Looks(
                operations::overview, judgement::of, new History(counts), Clock.systemUTC(), INTERVAL.dividedBy(2));
    }

    @Bean
    Feed dualwriteConsoleFeed(Looks looks) {
        return new Feed(looks, INTERVAL, MOST_STREAMS);
    }

    @Bean
    SimpleUrlHandlerMapping dualwriteConsoleMapping(
            ConsoleProperties properties, Operations operations, Looks looks, Feed feed) {
        var tokens = new Tokens();
        var console = new ConsoleHandler(new Gate(operations, tokens), new Api(operations, looks, tokens), looks, feed);
        String path = properties.path();
        Map<String, HttpRequestHandler> handlers = new LinkedHashMap<>();
        handlers.put(path, (request, response) -> {
            // Relative, for a proxy's prefix: only with the slash do the page's own addresses lead below it.
            response.setHeader("Location", path.substring(path.lastIndexOf('/') + 1) + "/");
            response.setStatus(302);
        });
        handlers.put(path + "/**", console);
        return new SimpleUrlHandlerMapping(handlers, ORDER);
    }

    /** What the relay in this process has applied. */
    @FunctionalInterface
    interface AppliedCount extends Supplier<OptionalDouble> {}

    /** Where there are metrics, they know. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class MetricsConfiguration {

        @Bean
        AppliedCount dualwriteConsoleAppliedCount(ObjectProvider<MeterRegistry> registry) {
            return () -> {
                MeterRegistry meters = registry.getIfUnique();
                return meters == null ? OptionalDouble.empty() : AppliedMeters.total(meters);
            };
        }
    }
}
