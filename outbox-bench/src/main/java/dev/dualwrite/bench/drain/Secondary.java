package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;

/** The table that every contender fills, and what must stand in it at the end. */
final class Secondary implements AutoCloseable {

    static final String TABLE = "orders";

    private final Database database;
    private final int orders;
    private final long expected;

    Secondary(Cluster cluster, int orders) {
        this.database = cluster.createDatabase("drain_copy");
        this.orders = orders;
        Orders.createTable(database, TABLE);
        Orders.createTable(database, "template");
        insertAll("template");
        this.expected = Orders.checksum(database, "template");
    }

    Database database() {
        return database;
    }

    /** Half of the orders are there, in an older state, and the other half is not. */
    void reset() {
        database.run("TRUNCATE " + TABLE);
        database.run("INSERT INTO " + TABLE + " SELECT id, customer, 0, 'old', note FROM template ORDER BY id LIMIT "
                + orders / 2);
        database.run("VACUUM ANALYZE " + TABLE);
        database.cluster().checkpoint();
    }

    void empty() {
        database.run("TRUNCATE " + TABLE);
        database.cluster().checkpoint();
    }

    /** What was measured must have come to the right end. */
    void verify(String contender) {
        long found = Orders.checksum(database, TABLE);
        if (found != expected) {
            throw new IllegalStateException("after '" + contender + "' the secondary differs from what was appended:"
                    + " checksum " + found + ", expected " + expected);
        }
    }

    private void insertAll(String table) {
        database.sql().sql("INSERT INTO " + table + """
                         SELECT 'order-' || lpad(i::text, 8, '0'), 'customer-' || i % 1000, i / 100 + (i % 100) / 100.0,
                                (ARRAY['new', 'paid', 'sent', 'done'])[i % 4 + 1], repeat('n', 228)
                         FROM generate_series(0, ? - 1) AS i
                        """).param(orders).update();
        // As the payloads have it: two digits behind the point.
        database.run("UPDATE " + table + " SET amount = amount::numeric(20, 2)");
    }

    @Override
    public void close() {
        database.close();
    }
}
