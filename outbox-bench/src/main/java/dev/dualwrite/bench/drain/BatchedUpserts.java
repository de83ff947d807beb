package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/** L2: one connection that upserts the same rows, a thousand a statement, out of memory: no outbox, no guard, no settle. */
final class BatchedUpserts implements Contender, AutoCloseable {

    private static final String UPSERT = """
            INSERT INTO orders (id, customer, amount, state, note, dualwrite_version)
            SELECT * FROM unnest(?::text[], ?::text[], ?::numeric[], ?::text[], ?::text[], ?::bigint[])
            ON CONFLICT (id) DO UPDATE
            SET customer = EXCLUDED.customer, amount = EXCLUDED.amount, state = EXCLUDED.state, note = EXCLUDED.note,
                dualwrite_version = EXCLUDED.dualwrite_version
            """;

    private final Secondary secondary;
    private final Measured measured;
    private final int entries;

    BatchedUpserts(Cluster cluster, Measured measured, int entries) {
        this.secondary = new Secondary(cluster, "upserts", entries);
        this.measured = measured;
        this.entries = entries;
    }

    @Override
    public String name() {
        return "L2 batched upserts";
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        secondary.reset();
        List<Order> orders = Orders.orders(0, entries);
        Long[] versions = LongStream.range(0, entries)
                .mapToObj(i -> secondary.nextVersion() + i)
                .toArray(Long[]::new);
        Map<Metric, Double> values;
        try (Connection connection = secondary.database().pool().getConnection();
                PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            values = measured.of(entries, () -> {
                for (int from = 0; from < entries; from += Relays.BATCH) {
                    int to = Math.min(entries, from + Relays.BATCH);
                    List<Order> batch = orders.subList(from, to);
                    upsert.setArray(1, texts(connection, batch, Order::id));
                    upsert.setArray(2, texts(connection, batch, Order::customer));
                    upsert.setArray(3, texts(connection, batch, Order::amount));
                    upsert.setArray(4, texts(connection, batch, Order::state));
                    upsert.setArray(5, texts(connection, batch, Order::note));
                    upsert.setArray(6, connection.createArrayOf("int8", Arrays.copyOfRange(versions, from, to)));
                    upsert.executeUpdate();
                }
            });
        }
        secondary.verify(name());
        return values;
    }

    private static Array texts(Connection connection, List<Order> orders, Function<Order, String> column)
            throws SQLException {
        return connection.createArrayOf("text", orders.stream().map(column).toArray(String[]::new));
    }

    @Override
    public void close() {
        secondary.close();
    }
}
