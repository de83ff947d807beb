package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * L5: the thread that committed at the primary upserts the row at the secondary: one statement that commits by itself, without an
 * outbox, a version or a guard. No way that leaves the committing thread can be faster. A crash between the two loses the order.
 */
final class SynchronousWay implements Way {

    private final Stores stores;
    private final Arrivals arrivals = new Arrivals();
    private final WallClock clock = new WallClock();

    SynchronousWay(Stores stores) {
        this.stores = stores;
    }

    @Override
    public String name() {
        return "L5 synchronous";
    }

    @Override
    public Arrivals arrivals() {
        return arrivals;
    }

    @Override
    public long write(long number) throws SQLException {
        Order order = Orders.order(number);
        execute(stores.primary(), OrderWrites.INSERT, order);
        long committed = clock.micros();
        execute(stores.secondary(), OrderWrites.UPSERT, order);
        arrivals.visible(order.id(), clock.micros());
        return committed;
    }

    private static void execute(Database database, String sql, Order order) throws SQLException {
        try (Connection connection = database.pool().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            Object[] parameters = OrderWrites.parameters(order);
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        }
    }

    @Override
    public Database primary() {
        return stores.primary();
    }

    @Override
    public Database secondary() {
        return stores.secondary();
    }

    @Override
    public void close() {
        stores.close();
    }
}
