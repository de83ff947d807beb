package dev.dualwrite.bench.store;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The orders that every contender moves: an id of 14 characters, and some 300 bytes as JSON. The same number is always the
 * same order, whether Java or the server makes it. Their ids follow each other in no order, as those of orders that change
 * do: so every contender meets the pages of its tables and indexes in no order either.
 */
public final class Orders {

    /** The server's way to make order i of a series; aggregate id and payload. */
    private static final String FILL = """
            INSERT INTO dualwrite.outbox_entry
                   (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
            SELECT ?, dualwrite.shard_of('order', o.id, c.shard_count), 1, 'U', 'order', o.id,
                   convert_to(format('{"customer":"customer-%s","amount":%s.%s,"state":"%s","note":"%s"}',
                                     o.i % 1000, o.i / 100, lpad((o.i % 100)::text, 2, '0'),
                                     (ARRAY['new', 'paid', 'sent', 'done'])[o.i % 4 + 1], repeat('n', 228)),
                              'UTF8')
            FROM (SELECT n / ? AS i, 'order-' || lpad((n / ? * 6180341 % 10000019)::text, 8, '0') AS id
                  FROM generate_series(?::bigint, ?::bigint) AS n
                  ORDER BY n) AS o
            CROSS JOIN dualwrite.control c
            """;

    // Two primes: i * STEP modulo IDS is another number for each i below IDS, and close ones are far apart.
    private static final long STEP = 6_180_341;
    private static final long IDS = 10_000_019;

    /** Orders from i on, as rows of the secondary's table. */
    private static final String ROWS = """
            INSERT INTO %s (id, customer, amount, state, note, dualwrite_version)
            SELECT 'order-' || lpad((i * 6180341 %% 10000019)::text, 8, '0'), 'customer-' || i %% 1000,
                   ((i / 100)::text || '.' || lpad((i %% 100)::text, 2, '0'))::numeric,
                   (ARRAY['new', 'paid', 'sent', 'done'])[i %% 4 + 1], repeat('n', 228), ?
            FROM generate_series(?::bigint, ?::bigint) AS i
            """;

    private static final String TABLE = """
            CREATE TABLE %s (
                id text PRIMARY KEY,
                customer text NOT NULL,
                amount numeric NOT NULL,
                state text NOT NULL,
                note text,
                dualwrite_version bigint NOT NULL DEFAULT 0
            )
            """;

    private static final String CHECKSUM = """
            SELECT coalesce(sum(hashtextextended(concat_ws('|', id, customer, amount, state, note), 0) %% 1000000007), 0)
                   + count(*)
            FROM %s
            """;

    private static final String NOTE = "n".repeat(228);
    private static final List<String> STATES = List.of("new", "paid", "sent", "done");

    private Orders() {}

    /** One order, as its columns. */
    public record Order(String id, String customer, String amount, String state, String note) {}

    public static Order order(long i) {
        return new Order(
                "order-%08d".formatted(i * STEP % IDS),
                "customer-" + i % 1000,
                i / 100 + "." + "%02d".formatted(i % 100),
                STATES.get((int) (i % 4)),
                NOTE);
    }

    /** Orders from the first (inclusive) to the last (exclusive). */
    public static List<Order> orders(int from, int to) {
        return IntStream.range(from, to).mapToObj(Orders::order).toList();
    }

    /** Creates the table that holds them at the secondary. */
    public static void createTable(Database secondary, String table) {
        secondary.run(TABLE.formatted(table));
    }

    /** Inserts orders from the first (inclusive) to the last (exclusive) at the secondary. */
    public static void insert(Database secondary, String table, long version, long from, long to) {
        secondary.sql().sql(ROWS.formatted(table)).params(version, from, to - 1).update();
    }

    /** A number that is the same for tables with the same orders, whatever their versions are. */
    public static long checksum(Database secondary, String table) {
        return secondary.number(CHECKSUM.formatted(table));
    }

    /** Appends entries in one transaction: the orders from 0 on, each once. */
    public static void fill(Database primary, short sink, long entries) {
        fill(primary, sink, entries, 1);
    }

    /** The same with so many entries in a row for each order. */
    public static void fill(Database primary, short sink, long entries, long entriesPerOrder) {
        primary.sql()
                .sql(FILL)
                .params(sink, entriesPerOrder, entriesPerOrder, 0, entries - 1)
                .update();
    }
}
