package dev.dualwrite.bench.drain;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * L3: one COPY of the same rows into an empty table of the same shape. It cannot replace a row, so no sink could work like
 * this: it is what the server takes at most over one connection.
 */
final class Copy implements Contender, AutoCloseable {

    private static final String TABLE = "orders";
    private static final String EXPECTED = "expected";
    private static final String COPY =
            "COPY " + TABLE + " (id, customer, amount, state, note, dualwrite_version) FROM STDIN";

    /** Guessed: many times what the driver's buffer holds. */
    private static final int CHUNK = 1 << 20;

    private final Database database;
    private final Measured measured;
    private final int entries;
    private final long expected;

    Copy(Cluster cluster, Measured measured, int entries) {
        this.database = cluster.createDatabase("copied");
        this.measured = measured;
        this.entries = entries;
        Orders.createTable(database, TABLE);
        Orders.createTable(database, EXPECTED);
        Orders.insert(database, EXPECTED, 1, 0, entries);
        this.expected = Orders.checksum(database, EXPECTED);
        database.run("TRUNCATE " + EXPECTED);
    }

    @Override
    public String name() {
        return "L3 COPY into an empty table";
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        database.run("TRUNCATE " + TABLE);
        database.cluster().checkpoint();
        List<Order> orders = Orders.orders(0, entries);
        Map<Metric, Double> values;
        try (Connection connection = database.pool().getConnection()) {
            CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
            values = measured.of(entries, () -> {
                var chunk = new StringBuilder(2 * CHUNK);
                for (Order order : orders) {
                    append(chunk, order);
                    if (chunk.length() >= CHUNK) {
                        send(copy, chunk);
                    }
                }
                send(copy, chunk);
                copy.endCopy();
            });
        }
        verify();
        return values;
    }

    /** None of the texts holds a character that COPY would want escaped. */
    private static void append(StringBuilder chunk, Order order) {
        chunk.append(order.id())
                .append('\t')
                .append(order.customer())
                .append('\t')
                .append(order.amount())
                .append('\t')
                .append(order.state())
                .append('\t')
                .append(order.note())
                .append("\t1\n");
    }

    private static void send(CopyIn copy, StringBuilder chunk) throws SQLException {
        byte[] bytes = chunk.toString().getBytes(UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        chunk.setLength(0);
    }

    private void verify() {
        long found = Orders.checksum(database, TABLE);
        if (found != expected) {
            throw new IllegalStateException(
                    "after '" + name() + "' the table has checksum " + found + ", expected " + expected);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
