package dev.dualwrite.bench.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the producer does with an entry before it is inserted: routing, and the payload. The codec is the application's; this
 * one turns a text of 300 characters into bytes.
 */
@State(Scope.Benchmark)
public class EncodeBenchmark {

    private static final int SHARDS = 16;
    private static final long MAX_PAYLOAD = 1 << 20;

    private final EntryWriter writer = new EntryWriter(
            "dualwrite",
            SHARDS,
            new Routing(Map.of("copy", (short) 1), Set.of("copy"), Map.of()),
            payload -> payload.toString().getBytes(UTF_8),
            MAX_PAYLOAD);
    private final List<OutboxEntry> entries =
            List.of(OutboxEntry.upsert(MicroEntries.aggregate(4711), (Object) MicroEntries.payload(4711)));

    @Benchmark
    public List<EncodedEntry> encode() {
        return writer.encode(entries);
    }
}
