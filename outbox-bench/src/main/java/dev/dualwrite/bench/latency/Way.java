package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;

/** A way from the primary to the secondary. Thread-safe, but for what {@link Arrivals} confines to one thread. */
interface Way extends AutoCloseable {

    /** As it stands in the report. */
    String name();

    Arrivals arrivals();

    /**
     * Writes one order to the primary, and sees to it that it goes to the secondary.
     *
     * @return when the commit at the primary was answered
     */
    long write(long order) throws Exception;

    Database primary();

    Database secondary();

    /** Both databases must hold what was written, and the same. */
    default void verify() {
        long found = secondary().number("SELECT count(*) FROM " + OrderWrites.TABLE);
        if (found != arrivals().total()) {
            throw new IllegalStateException(name() + ": the secondary has " + found + " orders, expected "
                    + arrivals().total());
        }
        long here = Orders.checksum(primary(), OrderWrites.TABLE);
        long there = Orders.checksum(secondary(), OrderWrites.TABLE);
        if (here != there) {
            throw new IllegalStateException(
                    name() + ": the stores differ: checksum " + there + " at the secondary, expected " + here);
        }
    }

    @Override
    void close() throws Exception;
}
