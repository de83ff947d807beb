package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;

/**
 * A table at the secondary with every order of a {@link Backlog} in it, so that every entry updates a row: its size is the same
 * for all that are compared, and stays so.
 */
record Copy(Database secondary, String table) {

    /** Orders as they were before any entry. */
    private static final String FILL = """
            INSERT INTO %s (id, customer, amount, state, note)
            SELECT 'order-' || lpad(k::text, 8, '0'), 'customer-' || k %% 1000, 0, 'old', repeat('n', 228)
            FROM generate_series(0, ? - 1) AS k
            """;

    private static final String DIGEST = """
            SELECT coalesce(sum(hashtextextended(concat_ws('|', id, amount, dualwrite_version), 0) %% 1000000007), 0)
                   + count(*)
            FROM %s
            WHERE dualwrite_version > 0
            """;

    static Copy create(Database secondary, String table, int orders) {
        Orders.createTable(secondary, table);
        secondary.sql().sql(FILL.formatted(table)).param(orders).update();
        secondary.run("VACUUM ANALYZE " + table);
        return new Copy(secondary, table);
    }

    /** A number that tells which entry each order has from; comparable with {@link Backlog#digestOfSettled}. */
    long digest() {
        return secondary.number(DIGEST.formatted(table));
    }
}
