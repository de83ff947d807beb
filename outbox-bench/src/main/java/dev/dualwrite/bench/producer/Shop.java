package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import java.math.BigDecimal;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The domain of a service that sells: its tables, and what it does in a transaction. Neighbouring numbers take different rows
 * of stock, so that transactions that run at the same time do not wait for each other. Thread-safe.
 */
final class Shop {

    private static final int SKUS = 10_000;

    // Half full, so that an update finds room on its page, as in a table that vacuum keeps in order.
    private static final String TABLES = """
            CREATE TABLE stock (sku int PRIMARY KEY, sold bigint NOT NULL) WITH (fillfactor = 50);
            INSERT INTO stock SELECT n, 0 FROM generate_series(0, %d) AS n;
            CREATE TABLE orders (
                id text PRIMARY KEY,
                customer text NOT NULL,
                amount numeric NOT NULL,
                state text NOT NULL,
                note text
            );
            CREATE TABLE order_line (
                order_id text NOT NULL REFERENCES orders,
                line int NOT NULL,
                sku int NOT NULL,
                quantity int NOT NULL,
                PRIMARY KEY (order_id, line)
            );
            CREATE TABLE plain (id bigint PRIMARY KEY, body bytea NOT NULL)
            """;

    private static final String INSERT_ORDER =
            "INSERT INTO orders (id, customer, amount, state, note) VALUES (?, ?, ?, ?, ?)";
    private static final String INSERT_LINE =
            "INSERT INTO order_line (order_id, line, sku, quantity) VALUES (?, ?, ?, ?)";
    private static final String INSERT_PLAIN = "INSERT INTO plain (id, body) VALUES (?, ?)";
    private static final String SELL = "UPDATE stock SET sold = sold + 1 WHERE sku = ?";

    /** As many bytes as the JSON of an order. */
    private static final int BODY = 300;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    Shop(Service service) {
        this.jdbc = service.jdbc();
        this.transactions = service.transactions();
    }

    static void createTables(Database database) {
        database.run(TABLES.formatted(SKUS - 1));
    }

    /** What is done inside a transaction, with the number of an order. */
    @FunctionalInterface
    interface Work {
        void run(long number);
    }

    /** The bare domain transaction, typical: four statements. */
    Work typical() {
        return number -> transactions.executeWithoutResult(status -> order(Orders.order(number), number));
    }

    /** The bare domain transaction, thin: one statement. */
    Work thin() {
        return number -> transactions.executeWithoutResult(status -> sell(number));
    }

    /** The typical transaction, and the plainest insert of as many bytes as an entry has: what any fifth statement costs. */
    Work typicalAndPlain() {
        byte[] body = new byte[BODY];
        return number -> transactions.executeWithoutResult(status -> {
            order(Orders.order(number), number);
            jdbc.update(INSERT_PLAIN, number, body);
        });
    }

    /** The typical transaction, and entries for aggregates of a type. */
    Work typical(Outbox outbox, String type, int entries) {
        return number -> transactions.executeWithoutResult(status -> {
            Order order = Orders.order(number);
            order(order, number);
            for (int i = 0; i < entries; i++) {
                append(outbox, type, i == 0 ? order : Orders.order(number + i));
            }
        });
    }

    /** The thin transaction, and one entry. */
    Work thin(Outbox outbox, String type) {
        return number -> transactions.executeWithoutResult(status -> {
            sell(number);
            append(outbox, type, Orders.order(number));
        });
    }

    private void order(Order order, long number) {
        jdbc.update(
                INSERT_ORDER,
                order.id(),
                order.customer(),
                new BigDecimal(order.amount()),
                order.state(),
                order.note());
        jdbc.update(INSERT_LINE, order.id(), 1, sku(number), 1);
        jdbc.update(INSERT_LINE, order.id(), 2, sku(number + 1), 2);
        sell(number);
    }

    private void sell(long number) {
        if (jdbc.update(SELL, sku(number)) != 1) {
            throw new IllegalStateException("sku " + sku(number) + " is not in stock");
        }
    }

    /** As a service appends: an object, which the starter writes as JSON. */
    private static void append(Outbox outbox, String type, Order order) {
        outbox.append(OutboxEntry.upsert(new Aggregate(type, order.id()), order));
    }

    private static int sku(long number) {
        return (int) (number % SKUS);
    }
}
