package dev.dualwrite.relay.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.relay.internal.LoggedEvents;
import dev.dualwrite.relay.payload.PayloadChain;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Payloads that a sink does not know are told, once for each type and version. */
class TellsUnknownTest {

    private final LoggedEvents logged = new LoggedEvents();

    @AfterEach
    void close() {
        logged.close();
    }

    @Test
    void unknownTypeIsToldOnceAndNotWithEveryEntry() throws Exception {
        Sink sink = new TellsUnknown(
                "copy",
                new PayloadChain(List.of(), new Upcasters(List.of()), KnownPayloads.only(Map.of("order", 2)), null)
                        .around(entries -> applied(entries.size())));

        for (int id = 1; id <= 50; id++) {
            sink.apply(List.of(entry(id, "order", 2), entry(id, "refund", 1), entry(id, "order", 3)));
        }

        assertThat(logged.of("payload_unknown"))
                .containsExactly(
                        "payload_unknown sink=copy payload_type=refund schema_version=1 reason=\"payload type is 'refund',"
                                + " this sink knows [order]\"",
                        "payload_unknown sink=copy payload_type=order schema_version=3 reason=\"schema version of payload"
                                + " type 'order' is 3, this sink knows it up to 2\"");
    }

    @Test
    void resultsArePassedOnAsTheyAre() throws Exception {
        List<ApplyResult> results = List.of(ApplyResult.unknown("what is that"), ApplyResult.applied());
        Sink sink = new TellsUnknown("copy", entries -> results);

        assertThat(sink.apply(List.of(entry(1, "order", 1), entry(2, "order", 1))))
                .isSameAs(results);
    }

    private static List<ApplyResult> applied(int count) {
        return Collections.nCopies(count, ApplyResult.applied());
    }

    private static ClaimedEntry entry(long version, String payloadType, int schemaVersion) {
        return new ClaimedEntry(
                new Version(version),
                0,
                Aggregate.of("order", version),
                Operation.UPSERT,
                new byte[0],
                payloadType,
                schemaVersion,
                Map.of(),
                Instant.EPOCH);
    }
}
