package dev.dualwrite.relay.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * A service with little to do: twenty times a second it changes or deletes one of its rows, each with an entry, in one
 * transaction. Its table has the columns that the secondary's has, so the two can be compared.
 */
final class LightLoad implements AutoCloseable {

    static final String TABLE = "CREATE TABLE item (key text PRIMARY KEY, token text NOT NULL, note text NOT NULL)";

    private static final String TYPE = "item";
    private static final int ITEMS = 5000;
    private static final Duration INTERVAL = Duration.ofMillis(50);

    /** So many entries of this size do not fit into the heap of a pod. */
    private static final int NOTE_LENGTH = 16_000;

    private final Connection connection;
    private final EntryWriter entries;
    private final Random random;
    private final Pace pace;
    private final Thread thread = new Thread(this::run, "light-load");
    private final AtomicLong appended = new AtomicLong();
    private volatile boolean stopped;
    private volatile @Nullable Exception failure;

    /** Where the sink of that name is registered already. */
    LightLoad(Connection connection, String sink, Random random, Pace pace) {
        this.connection = connection;
        this.random = random;
        this.pace = pace;
        var control = new ControlStore(new SingleConnectionDataSource(connection, true), "dualwrite");
        int shards = control.read().orElseThrow().shardCount();
        var routing = new Routing(control.registerSinks(List.of(sink)), Set.of(sink), Map.of());
        entries = new EntryWriter(
                "dualwrite", shards, routing, payload -> payload.toString().getBytes(UTF_8), 1_000_000);
    }

    void start() {
        thread.start();
    }

    long appended() {
        return appended.get();
    }

    /** Throws what ended it before, if anything did. */
    void stop() throws Exception {
        stopped = true;
        thread.join();
        Exception ended = failure;
        if (ended != null) {
            throw new IllegalStateException("the load ended early, after " + appended + " entries", ended);
        }
    }

    private void run() {
        try {
            connection.setAutoCommit(false);
            while (!stopped) {
                change(Integer.toString(random.nextInt(ITEMS)));
                appended.incrementAndGet();
                pace.pause(INTERVAL);
            }
        } catch (SQLException | RuntimeException e) {
            failure = e;
        }
    }

    private void change(String key) throws SQLException {
        boolean deleted = random.nextInt(10) == 0;
        String token = "t" + appended;
        String note = Character.toString('a' + random.nextInt(26)).repeat(NOTE_LENGTH);
        try (PreparedStatement write = connection.prepareStatement(
                deleted
                        ? "DELETE FROM item WHERE key = ?"
                        : "INSERT INTO item (key, token, note) VALUES (?, ?, ?)"
                                + " ON CONFLICT (key) DO UPDATE SET token = EXCLUDED.token, note = EXCLUDED.note")) {
            write.setString(1, key);
            if (!deleted) {
                write.setString(2, token);
                write.setString(3, note);
            }
            write.executeUpdate();
        }
        var aggregate = Aggregate.of(TYPE, key);
        String payload = "{\"token\":\"" + token + "\",\"note\":\"" + note + "\"}";
        entries.write(
                connection,
                entries.encode(
                        List.of(deleted ? OutboxEntry.delete(aggregate) : OutboxEntry.upsert(aggregate, payload))));
        connection.commit();
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        stopped = true;
        thread.join();
        connection.close();
    }
}
