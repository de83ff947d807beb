package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;

/**
 * A contender's table at the secondary, and what must stand in it at the end. It holds half as many orders more than are
 * moved. Of those that are moved half are new to it, and half are replaced.
 */
public final class Secondary implements AutoCloseable {

    public static final String TABLE = "orders";

    /** Of the orders that are moved, before they were; a deletion finds them by it. */
    private static final int NEVER_MOVED = -1;

    private final Database database;
    private final int moved;
    private final long expected;
    private long lastVersion;

    /** In a new database of that name; so many orders are moved each time. */
    public Secondary(Cluster cluster, String name, int moved) {
        this.database = cluster.createDatabase(name);
        this.moved = moved;
        Orders.createTable(database, TABLE);
        Orders.insert(database, TABLE, NEVER_MOVED, 0, moved);
        Orders.insert(database, TABLE, 0, moved, moved + moved / 2);
        database.run("VACUUM ANALYZE " + TABLE);
        this.expected = Orders.checksum(database, TABLE);
    }

    /** Where the table is. */
    public Database database() {
        return database;
    }

    /** Takes away half of the orders that are moved, with what that leaves behind. */
    public void reset() {
        lastVersion = database.number("SELECT greatest(max(dualwrite_version), 0) FROM " + TABLE);
        database.run("DELETE FROM " + TABLE + " WHERE dualwrite_version <> 0 AND hashtext(id) % 2 = 0");
        database.run("VACUUM " + TABLE);
        database.cluster().checkpoint();
    }

    /** A version that none of the rows has reached. */
    long nextVersion() {
        return lastVersion + 1;
    }

    /** What was measured must have come to the right end: every order is there, and was written now. */
    public void verify(String contender) {
        long found = Orders.checksum(database, TABLE);
        long written = database.number("SELECT count(*) FROM " + TABLE + " WHERE dualwrite_version > " + lastVersion);
        if (found != expected || written != moved) {
            throw new IllegalStateException(
                    "after '" + contender + "' the secondary is not what was appended: checksum " + found
                            + ", expected " + expected + "; " + written + " orders written, expected " + moved);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
