package dev.dualwrite.service;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.Map;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** A service on plain JDBC that saves one order when it starts, and one more afterwards. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class JdbcService {

    /** Starts and stops it; answers what was seen in its context. */
    public static Map<String, String> run(String... arguments) {
        return Services.run(JdbcService.class, arguments, context -> {
            Orders orders = context.getBean(Orders.class);
            orders.save("2");
            Services.expectFailure(() -> orders.saveAndFail("3"));
        });
    }

    @Bean
    Orders orders(JdbcTemplate jdbc, Outbox outbox) {
        return new Orders(jdbc, outbox);
    }

    @Bean
    ApplicationRunner firstOrder(Orders orders) {
        return arguments -> orders.save("1");
    }

    /** Domain row and entry, in one transaction. */
    @Transactional
    public static class Orders {

        private final JdbcTemplate jdbc;
        private final Outbox outbox;

        Orders(JdbcTemplate jdbc, Outbox outbox) {
            this.jdbc = jdbc;
            this.outbox = outbox;
        }

        /** Saves an order. */
        public void save(String id) {
            jdbc.update("INSERT INTO orders (id, status) VALUES (?, 'NEW')", id);
            outbox.append(OutboxEntry.upsert(new Aggregate("order", id), Map.of("id", id, "status", "NEW")));
        }

        /** Saves an order, then rolls back. */
        public void saveAndFail(String id) {
            save(id);
            throw new IllegalStateException("order " + id + " is refused");
        }
    }
}
