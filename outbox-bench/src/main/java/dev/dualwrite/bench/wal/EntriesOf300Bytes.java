package dev.dualwrite.bench.wal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Appends entries as a service does, with a payload of 300 bytes, an id of 16 and no headers. */
final class EntriesOf300Bytes {

    static final int PAYLOAD = 300;

    private final Database database;
    private final EntryWriter writer;

    EntriesOf300Bytes(Database database, short sinkId, int shards) {
        this.database = database;
        this.writer = new EntryWriter(
                "dualwrite",
                shards,
                new Routing(Map.of(Relays.SINK, sinkId), Set.of(Relays.SINK), Map.of()),
                byte[].class::cast,
                PAYLOAD);
    }

    /** Appends so many, in transactions of so many. */
    void append(int entries, int perTransaction) throws Exception {
        try (Connection connection = database.pool().getConnection()) {
            connection.setAutoCommit(false);
            for (int from = 0; from < entries; from += perTransaction) {
                writer.write(connection, entries(from, Math.min(entries, from + perTransaction)));
                connection.commit();
            }
            connection.setAutoCommit(true);
        }
    }

    private List<EncodedEntry> entries(int from, int to) {
        List<OutboxEntry> entries = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            entries.add(OutboxEntry.upsert(new Aggregate("order", "order-%010d".formatted(i)), payload(i)));
        }
        return writer.encode(entries);
    }

    private static byte[] payload(int i) {
        return ("%-" + PAYLOAD + "s").formatted("{\"number\":" + i + "}").getBytes(US_ASCII);
    }
}
