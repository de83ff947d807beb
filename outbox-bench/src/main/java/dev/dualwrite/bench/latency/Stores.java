package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;

/** The two databases of one way, each with an empty table of orders. */
record Stores(Database primary, Database secondary) implements AutoCloseable {

    static Stores create(Group.Bench bench, String name) {
        var stores = new Stores(
                bench.primary().createDatabase("latency_" + name),
                bench.secondary().createDatabase("latency_" + name));
        Orders.createTable(stores.primary, OrderWrites.TABLE);
        Orders.createTable(stores.secondary, OrderWrites.TABLE);
        return stores;
    }

    @Override
    public void close() {
        primary.close();
        secondary.close();
    }
}
