package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A primary with as many entries as is asked for. Entry n is of order (n - 1) modulo the number of orders and has the sequence
 * n, so what must stand in the secondary at any time can be computed.
 */
final class Backlog implements AutoCloseable {

    /** As the service's default. */
    private static final int SHARDS = 16;

    /** With fewer, two entries of one order would meet in a batch of one lane, and the older one is not applied. */
    private static final int FEWEST_ORDERS = 20_000;

    /** Entries of one transaction: short, as the ones of a service are. */
    private static final int SHORT = 10_000;

    private static final String PROTOTYPES = """
            CREATE TABLE prototype AS
            SELECT k, o.id, dualwrite.shard_of('order', o.id, %d) AS shard,
                   convert_to(format('"customer":"customer-%%s","state":"%%s","note":"%%s"}',
                                     k %% 1000, (ARRAY['new', 'paid', 'sent', 'done'])[k %% 4 + 1], repeat('n', 228)),
                              'UTF8') AS rest
            FROM generate_series(0, %d - 1) AS k
            CROSS JOIN LATERAL (SELECT 'order-' || lpad(k::text, 8, '0') AS id) AS o
            """;

    /**
     * The rows of a service, made at a cost that lets millions be made in a minute. The sequence is given: sessions that fill
     * side by side would share it out by chance.
     */
    private static final String FILL = """
            INSERT INTO dualwrite.outbox_entry
                   (sequence, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
            SELECT n.before + p.k + 1, ?, p.shard, 1, 'U', 'order', p.id,
                   convert_to('{"amount":' || n.before + p.k + 1 || ',', 'UTF8') || p.rest
            FROM prototype p
            CROSS JOIN (SELECT ?::bigint AS before) AS n
            WHERE p.k >= ? AND p.k < ?
            """;

    /**
     * What is settled in a lane is all up to its first entry that is left: order is what the relay promises. Materialised, else
     * the dead entries of a lane would be passed once for each of its orders.
     */
    private static final String SETTLED = """
            WITH settled AS MATERIALIZED (
                SELECT l.shard, coalesce((SELECT min(e.sequence)
                                          FROM dualwrite.outbox_entry e
                                          WHERE e.sink_id = l.sink_id AND e.shard = l.shard) - 1, ?) AS up_to
                FROM dualwrite.lane l
                WHERE l.sink_id = ?
            ), newest AS (
                SELECT p.id, p.k, s.up_to, p.k + 1 + (s.up_to - p.k - 1) / o.orders * o.orders AS sequence, o.orders
                FROM settled s
                JOIN prototype p ON p.shard = s.shard
                CROSS JOIN (SELECT count(*) AS orders FROM prototype) AS o
                WHERE s.up_to > p.k
            )
            """;

    private static final String DIGEST_OF_SETTLED = SETTLED + """
            SELECT coalesce(sum(hashtextextended(concat_ws('|', n.id, n.sequence,
                                                           c.epoch * 281474976710656 + n.sequence), 0) % 1000000007), 0)
                   + count(*)
            FROM newest n
            CROSS JOIN dualwrite.control c
            WHERE n.sequence > ?
            """;

    private static final String COUNT_OF_SETTLED = SETTLED + """
            SELECT coalesce(sum((n.sequence - n.k - 1) / n.orders + 1), 0)
            FROM newest n
            """;

    /** One look into the index for each lane, behind what is dead there. */
    private static final String LANES_WITH_ENTRIES = """
            SELECT count(*)
            FROM dualwrite.lane l
            CROSS JOIN LATERAL (SELECT 1
                                FROM dualwrite.outbox_entry e
                                WHERE e.sink_id = l.sink_id AND e.shard = l.shard AND e.sequence > ?
                                ORDER BY e.sequence
                                LIMIT 1) AS e
            """;

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Database primary;
    private final short sinkId;
    private final Copy copy;
    private final int orders;
    private long filled;
    private long passed;

    /** An empty one with an empty copy. */
    Backlog(Cluster cluster, String name, Database secondary, int wantedOrders) {
        this.primary = cluster.createDatabase(name);
        this.sinkId = primary.installOutbox(SHARDS, Relays.SINK);
        this.orders = Math.max(FEWEST_ORDERS, wantedOrders);
        this.copy = Copy.create(secondary, name, orders);
        primary.run(PROTOTYPES.formatted(SHARDS, orders));
        primary.run("ALTER TABLE prototype ADD PRIMARY KEY (k)");
        primary.run("VACUUM ANALYZE prototype");
    }

    Database primary() {
        return primary;
    }

    short sinkId() {
        return sinkId;
    }

    Copy copy() {
        return copy;
    }

    /** Appends so many entries in large transactions, side by side on all processors; relays must be paused. */
    void fill(long entries) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService fillers = Executors.newFixedThreadPool(threads);
        try {
            long end = filled + entries;
            var next = new AtomicLong(filled);
            List<Future<?>> ends = new ArrayList<>();
            Callable<?> filler = () -> {
                // Whole series of orders, but for the first and the last piece.
                for (long from = next.getAndUpdate(this::endOfSeries); from < end; ) {
                    insert(from, Math.min(end, endOfSeries(from)));
                    from = next.getAndUpdate(this::endOfSeries);
                }
                return null;
            };
            for (int i = 0; i < threads; i++) {
                ends.add(fillers.submit(filler));
            }
            for (Future<?> ended : ends) {
                ended.get();
            }
            filled = end;
        } finally {
            fillers.shutdownNow();
        }
        primary.sql()
                .sql("SELECT setval('dualwrite.entry_sequence', ?)")
                .param(filled)
                .query()
                .singleRow();
    }

    private long endOfSeries(long from) {
        return from / orders * orders + orders;
    }

    private void insert(long from, long to) {
        long before = from / orders * orders;
        primary.sql()
                .sql(FILL)
                .params(sinkId, before, from - before, to - before)
                .update();
    }

    /** Appends so many entries in short transactions, as a service does; relays may run. */
    void append(long entries) {
        long end = filled + entries;
        while (filled < end) {
            long to = Math.min(Math.min(end, filled + SHORT), endOfSeries(filled));
            // The number is drawn after the transaction id, as by the column's default: floors rest on that.
            primary.sql()
                    .sql("WITH filled AS (" + FILL + " RETURNING sequence)"
                            + " SELECT setval('dualwrite.entry_sequence', max(sequence)) FROM filled")
                    .params(sinkId, filled / orders * orders, filled % orders, filled % orders + to - filled)
                    .query()
                    .singleRow();
            filled = to;
        }
    }

    /** Waits until the last entries, so many, are settled. */
    void awaitSettled(long last) {
        while (primary.sql()
                        .sql(LANES_WITH_ENTRIES)
                        .param(filled - last)
                        .query(Long.class)
                        .single()
                > 0) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    /** What was appended until now went nowhere. */
    void passed() {
        passed = filled;
    }

    void pause() {
        primary.sql()
                .sql("SELECT dualwrite.pause_sink(?, 'between slices')")
                .param(Relays.SINK)
                .query()
                .singleRow();
    }

    void resume() {
        primary.sql()
                .sql("SELECT dualwrite.resume_sink(?, 'a slice')")
                .param(Relays.SINK)
                .query()
                .singleRow();
    }

    /**
     * Compares what is left with what the secondary holds and with what the relay counted; the relay must be at rest.
     *
     * @throws IllegalStateException if an entry was lost, or came twice, or in the wrong order
     */
    void verify(long drained) {
        long settled = primary.sql()
                .sql(COUNT_OF_SETTLED)
                .params(filled, sinkId)
                .query(Long.class)
                .single();
        long expected = primary.sql()
                .sql(DIGEST_OF_SETTLED)
                .params(filled, sinkId, passed)
                .query(Long.class)
                .single();
        long found = copy.digest();
        if (settled != drained || found != expected) {
            throw new IllegalStateException("in '" + primary.name() + "' " + settled + " of " + filled
                    + " entries are settled, the relay counted " + drained + "; the secondary's digest is " + found
                    + ", expected " + expected);
        }
    }

    @Override
    public void close() {
        primary.close();
    }
}
