package dev.dualwrite.relay.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Services and relay pods as users have them, and what they do. */
final class Pod {

    private Pod() {}

    static ApplicationContextRunner at(TestDatabase database) {
        return at(database.url(), database.user(), database.password());
    }

    static ApplicationContextRunner at(String url, String user, String password) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        JacksonAutoConfiguration.class,
                        DualwriteAutoConfiguration.class,
                        RelayAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + url,
                        "spring.datasource.username=" + user,
                        "spring.datasource.password=" + password,
                        "spring.datasource.hikari.maximum-pool-size=3",
                        "dualwrite.relay.lease-duration=4s",
                        "dualwrite.relay.sink-timeout=1s");
    }

    /** A service whose entries others relay. */
    static ApplicationContextRunner service(TestDatabase database, String sink) {
        return at(database).withPropertyValues("dualwrite.relay.enabled=false", "dualwrite.outbox.sinks=" + sink);
    }

    static void commit(ApplicationContext service, String id) {
        new TransactionTemplate(service.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> service.getBean(Outbox.class)
                        .append(OutboxEntry.upsert(Aggregate.of("order", id), "payload of " + id)));
    }

    /** A sink that writes down the aggregates that come. */
    static Sink recording(List<String> applied) {
        return entries -> entries.stream()
                .map(entry -> {
                    applied.add(entry.aggregate().id());
                    return ApplyResult.applied();
                })
                .toList();
    }

    static List<String> list() {
        return new CopyOnWriteArrayList<>();
    }

    static byte[] bytes(Object payload) {
        return payload.toString().getBytes(UTF_8);
    }

    static List<String> threads(String part) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("outbox-") && name.contains(part))
                .toList();
    }
}
