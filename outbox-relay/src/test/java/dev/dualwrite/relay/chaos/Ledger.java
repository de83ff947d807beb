package dev.dualwrite.relay.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The writers' own tables and how they write: the domain row locked first, a line of the ledger with the row's next revision,
 * an entry; all in the caller's transaction. So the revisions are the commit order of an aggregate, as the primary has it.
 * Thread-safe.
 */
final class Ledger {

    static final int AGGREGATES = 110;

    /** The last ones, which only long transactions change, so that nobody waits for their row locks. */
    static final int OF_LONG_TRANSACTIONS = 10;

    static final String[] TABLES = {
        "CREATE TABLE domain (id int PRIMARY KEY, revision bigint NOT NULL, deleted boolean NOT NULL)",
        "CREATE TABLE ledger (id int, revision bigint, token text NOT NULL, deleted boolean NOT NULL,"
                + " PRIMARY KEY (id, revision))",
        "INSERT INTO domain SELECT id, 0, true FROM generate_series(1, " + AGGREGATES + ") AS id",
    };

    static final String TYPE = "thing";

    /** What a writer asked for, whether or not it came to be. */
    record Attempt(String aggregate, long sequence, String token, boolean deleted) {}

    private final EntryWriter entries;
    private final Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
    private final AtomicLong tokens = new AtomicLong();

    Ledger(short sinkId) {
        var routing = new Routing(Map.of("copy", sinkId), Set.of("copy"), Map.of());
        entries = new EntryWriter(
                "dualwrite",
                Primary.SHARDS,
                routing,
                payload -> payload.toString().getBytes(UTF_8),
                1_000_000);
    }

    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    /** Writes these aggregates, in this order, and leaves the end of the transaction to the caller. */
    void write(Connection connection, List<Integer> ids, Choice deletions) throws SQLException {
        var written = new ArrayList<OutboxEntry>();
        var tokenOf = new HashMap<String, String>();
        for (int id : ids) {
            String token = "t" + tokens.incrementAndGet();
            boolean deleted = writeRow(connection, id, token, deletions);
            var aggregate = Aggregate.of(TYPE, id);
            tokenOf.put(aggregate.id(), token);
            written.add(
                    deleted
                            ? OutboxEntry.delete(aggregate)
                            : OutboxEntry.upsert(aggregate, "{\"token\":\"" + token + "\"}"));
        }
        entries.write(connection, entries.encode(written));
        rememberAttempts(connection, tokenOf);
    }

    /** Whether to delete, asked for an aggregate that exists. */
    @FunctionalInterface
    interface Choice {
        boolean take();
    }

    private static boolean writeRow(Connection connection, int id, String token, Choice deletions) throws SQLException {
        long revision;
        boolean deleted;
        try (PreparedStatement lock =
                connection.prepareStatement("SELECT revision, deleted FROM domain WHERE id = ? FOR UPDATE")) {
            lock.setInt(1, id);
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                revision = row.getLong(1) + 1;
                // What does not exist can only come back.
                deleted = !row.getBoolean(2) && deletions.take();
            }
        }
        try (PreparedStatement write = connection.prepareStatement("""
                WITH changed AS (UPDATE domain SET revision = ?, deleted = ? WHERE id = ? RETURNING id, revision, deleted)
                INSERT INTO ledger (id, revision, token, deleted)
                SELECT id, revision, ?, deleted FROM changed
                """)) {
            write.setLong(1, revision);
            write.setBoolean(2, deleted);
            write.setInt(3, id);
            write.setString(4, token);
            write.executeUpdate();
        }
        return deleted;
    }

    /** Before the commit: it may succeed without an answer. A deletion is known at the secondary by its number alone. */
    private void rememberAttempts(Connection connection, Map<String, String> tokenOf) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT aggregate_id, sequence, operation = 'D'
                FROM dualwrite.outbox_entry
                WHERE xid = pg_current_xact_id()
                """);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String id = row.getString(1);
                attempts.add(new Attempt(id, row.getLong(2), tokenOf.get(id), row.getBoolean(3)));
            }
        }
    }
}
