package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.PayloadCodecException;
import dev.dualwrite.outbox.PayloadType;
import dev.dualwrite.outbox.Routing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EntryWriterTest {

    @PayloadType("purchase")
    private record Purchase(String id) {}

    @Test
    void payloadThatCannotBeWrittenIsNamedByTheTypeThatItsClassStates() {
        var writer = new EntryWriter(
                "dualwrite",
                4,
                new Routing(Map.of("copy", (short) 1), Set.of("copy"), Map.of()),
                payload -> {
                    throw new IllegalArgumentException("no form for it");
                },
                1000);
        var entry = OutboxEntry.upsert(new Aggregate("order", "1"), new Purchase("1"));

        assertThatExceptionOfType(PayloadCodecException.class)
                .isThrownBy(() -> writer.encode(List.of(entry)))
                .withMessageContaining("(type purchase) cannot be serialised");
    }
}
