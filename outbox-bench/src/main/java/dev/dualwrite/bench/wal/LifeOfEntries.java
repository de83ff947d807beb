package dev.dualwrite.bench.wal;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.Relay;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Entries from their append to their settle, and what that wrote into the log. They go to a sink that only says that it has
 * applied them: what a secondary writes is its own affair.
 */
final class LifeOfEntries implements AutoCloseable {

    /** One lane, so that batches are as large as they may be. Sixteen write two bytes more, for splits of the index. */
    private static final int SHARDS = 1;

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Database primary;
    private final short sinkId;
    private final LogReader log;
    private final int entries;

    LifeOfEntries(Cluster cluster, String database, int entries) {
        this.primary = cluster.createDatabase(database);
        this.sinkId = primary.installOutbox(SHARDS, Relays.SINK);
        this.log = new LogReader(primary);
        this.entries = entries;
        // Vacuum is left out.
        primary.run("ALTER TABLE dualwrite.outbox_entry SET (autovacuum_enabled = off)");
    }

    /** A benchmark that measures at another level than it says would not be noticed. */
    void checkLevel(String expected) {
        String level = primary.sql().sql("SHOW wal_level").query(String.class).single();
        if (!level.equals(expected)) {
            throw new IllegalStateException("wal_level is " + level + ", expected " + expected);
        }
    }

    /** What entries wrote that were appended so many in a transaction; blocks until all are settled. */
    LogUse use(int perTransaction) throws Exception {
        long begin = log.position();
        new EntriesOf300Bytes(primary, sinkId, SHARDS).append(entries, perTransaction);
        drain();
        return LogUse.of(entries, log.between(begin, log.position()));
    }

    private void drain() throws Exception {
        Relay relay = Relays.relay(primary, sinkId, batch -> Collections.nCopies(batch.size(), ApplyResult.applied()));
        relay.start();
        while (relay.status().applied() < entries || unsettled() > 0) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        relay.stop();
    }

    private long unsettled() {
        return primary.number("SELECT count(*) FROM (SELECT FROM dualwrite.outbox_entry LIMIT 1) AS e");
    }

    @Override
    public void close() {
        primary.close();
    }
}
