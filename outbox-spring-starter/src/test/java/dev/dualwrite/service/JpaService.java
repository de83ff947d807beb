package dev.dualwrite.service;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.Table;
import java.util.Map;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.annotation.Transactional;

/** A service on JPA that saves one order when it starts, and one more afterwards. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EntityScan(basePackageClasses = JpaService.class)
public class JpaService {

    /** Starts and stops it; answers what was seen in its context. */
    public static Map<String, String> run(String... arguments) {
        return Services.run(JpaService.class, arguments, context -> {
            Orders orders = context.getBean(Orders.class);
            orders.save("2");
            Services.expectFailure(() -> orders.saveAndFail("3"));
        });
    }

    @Bean
    Orders orders(Outbox outbox) {
        return new Orders(outbox);
    }

    @Bean
    ApplicationRunner firstOrder(Orders orders) {
        return arguments -> orders.save("1");
    }

    /** A domain row. */
    @Entity(name = "Order")
    @Table(name = "orders")
    public static class OrderRow {

        @Id
        private String id;

        private String status;

        protected OrderRow() {}

        OrderRow(String id) {
            this.id = id;
            this.status = "NEW";
        }

        /** For the payload. */
        public String getId() {
            return id;
        }

        /** For the payload. */
        public String getStatus() {
            return status;
        }
    }

    /** Domain row and entry, in one transaction. */
    @Transactional
    public static class Orders {

        @PersistenceContext
        private EntityManager entities;

        private final Outbox outbox;

        Orders(Outbox outbox) {
            this.outbox = outbox;
        }

        /** Saves an order. */
        public void save(String id) {
            OrderRow order = new OrderRow(id);
            entities.persist(order);
            outbox.append(OutboxEntry.upsert(new Aggregate("order", id), order));
        }

        /** Saves an order, then rolls back. */
        public void saveAndFail(String id) {
            save(id);
            throw new IllegalStateException("order " + id + " is refused");
        }
    }
}
