package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.store.Database;

/** What transactions left in the database, and whether that is right. */
final class Books {

    private static final String SOLD = "SELECT sum(sold)::bigint FROM stock";
    private static final String ENTRIES = "SELECT count(*) FROM dualwrite.outbox_entry";

    private final Database database;
    private long sold;

    Books(Database database) {
        this.database = database;
    }

    /** Begins anew: as a table that a relay keeps empty, and none that grows from one measurement to the next. */
    void open() {
        database.run("TRUNCATE dualwrite.outbox_entry, orders, order_line, plain");
        database.run("VACUUM stock");
        sold = database.number(SOLD);
    }

    /** Every transaction must have sold one piece and appended its entries, no more and no less. */
    void verify(String contender, long transactions, int entriesEach) {
        long nowSold = database.number(SOLD) - sold;
        long entries = database.number(ENTRIES);
        if (nowSold != transactions || entries != transactions * entriesEach) {
            throw new IllegalStateException(contender + ": " + transactions + " transactions sold " + nowSold
                    + " and appended " + entries + " entries, expected " + transactions + " and "
                    + transactions * entriesEach);
        }
    }
}
