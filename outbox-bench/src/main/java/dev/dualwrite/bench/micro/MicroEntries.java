package dev.dualwrite.bench.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The orders of the other benchmarks, as they are before the insert and after the claim. */
public final class MicroEntries {

    /** As many as the relay claims at once. */
    public static final int BATCH = 1000;

    private static final String TYPE = "order";

    private MicroEntries() {}

    /** A batch, as claimed, of so many entries for each order, in the order of their versions. */
    public static List<ClaimedEntry> batch(int entriesPerOrder) {
        return IntStream.range(0, BATCH)
                .mapToObj(i -> claimed(i, i % (BATCH / entriesPerOrder)))
                .toList();
    }

    static Aggregate aggregate(int order) {
        return new Aggregate(TYPE, Orders.order(order).id());
    }

    static String payload(int order) {
        Order o = Orders.order(order);
        return "{\"customer\":\"%s\",\"amount\":%s,\"state\":\"%s\",\"note\":\"%s\"}"
                .formatted(o.customer(), o.amount(), o.state(), o.note());
    }

    private static ClaimedEntry claimed(int place, int order) {
        return new ClaimedEntry(
                new Version(place + 1L),
                0,
                aggregate(order),
                Operation.UPSERT,
                payload(order).getBytes(UTF_8),
                TYPE,
                1,
                Map.of(),
                Instant.EPOCH);
    }
}
