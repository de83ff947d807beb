package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.store.Orders.Order;
import java.math.BigDecimal;

/** The statements that write one order, and the payload that carries it. */
final class OrderWrites {

    static final String TABLE = "orders";

    /** At the primary. */
    static final String INSERT =
            "INSERT INTO orders (id, customer, amount, state, note) VALUES (?, ?, ?::numeric, ?, ?)";

    /** At the secondary, by whoever needs no version. */
    static final String UPSERT = INSERT + """
             ON CONFLICT (id) DO UPDATE
            SET customer = EXCLUDED.customer, amount = EXCLUDED.amount, state = EXCLUDED.state, note = EXCLUDED.note
            """;

    private OrderWrites() {}

    /** What an entry carries: all but the id. */
    record Payload(String customer, BigDecimal amount, String state, String note) {
        static Payload of(Order order) {
            return new Payload(order.customer(), new BigDecimal(order.amount()), order.state(), order.note());
        }
    }

    static Object[] parameters(Order order) {
        return new Object[] {order.id(), order.customer(), order.amount(), order.state(), order.note()};
    }
}
