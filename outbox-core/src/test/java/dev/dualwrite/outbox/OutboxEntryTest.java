package dev.dualwrite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OutboxEntryTest {

    private static final Aggregate ORDER = new Aggregate("order", "1");

    @Test
    void upsertCarriesAPayloadWhoseLogicalTypeIsTheAggregateType() {
        OutboxEntry entry = OutboxEntry.upsert(ORDER, "state");

        assertThat(entry.operation()).isEqualTo(Operation.UPSERT);
        assertThat(entry.payload().get()).isEqualTo("state");
        assertThat(entry.payloadType()).isEqualTo("order");
        assertThat(entry.schemaVersion()).isEqualTo(1);
        assertThat(entry.sinks()).isEmpty();
        assertThat(entry.headers()).isEmpty();
    }

    @Test
    void deletionCarriesNone() {
        OutboxEntry entry = OutboxEntry.delete(ORDER);

        assertThat(entry.operation()).isEqualTo(Operation.DELETE);
        assertThat(entry.payload()).isNull();
    }

    @Test
    void supplierIsNotAskedBeforeTheEnd() {
        var asked = new AtomicInteger();
        Supplier<?> supplier = asked::incrementAndGet;

        OutboxEntry entry = OutboxEntry.upsert(ORDER, supplier).to("copy").header("a", "b");
        assertThat(asked).hasValue(0);

        assertThat(entry.payload().get()).isEqualTo(1);
    }

    @Test
    void changeGivesANewEntryAndKeepsTheRest() {
        OutboxEntry first = OutboxEntry.upsert(ORDER, "state");
        OutboxEntry changed =
                first.to("copy", "search").payloadType("order-v2", 2).header("trace", "1");

        assertThat(first.sinks()).isEmpty();
        assertThat(first.headers()).isEmpty();
        assertThat(first.schemaVersion()).isEqualTo(1);
        assertThat(changed.sinks()).containsExactly("copy", "search");
        assertThat(changed.payloadType()).isEqualTo("order-v2");
        assertThat(changed.schemaVersion()).isEqualTo(2);
        assertThat(changed.headers()).containsEntry("trace", "1");
        assertThat(changed.aggregate()).isEqualTo(ORDER);
    }

    @Test
    void collectionsOfAnEntryCannotBeChanged() {
        OutboxEntry entry = OutboxEntry.delete(ORDER).to("copy").header("a", "b");

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> entry.sinks().add("search"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> entry.headers().put("c", "d"));
    }

    @Test
    void sameSinkTwiceIsOneSink() {
        assertThat(OutboxEntry.delete(ORDER).to("copy", "copy").sinks()).containsExactly("copy");
    }

    @Test
    void limitsAreChecked() {
        OutboxEntry entry = OutboxEntry.upsert(ORDER, "state");

        assertThatIllegalArgumentException().isThrownBy(entry::to);
        assertThatIllegalArgumentException().isThrownBy(() -> entry.payloadType("", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> entry.payloadType("t".repeat(201), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> entry.payloadType("t", 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry.payloadType("t", 32_768))
                .withMessage("schemaVersion is 32768, expected 1 to 32767");
        assertThatIllegalArgumentException().isThrownBy(() -> entry.header("", "v"));
        assertThatIllegalArgumentException().isThrownBy(() -> entry.header("n", "v".repeat(1001)));
    }

    @Test
    void thirtyThirdHeaderIsRefusedAndANewValueOfOneIsNot() {
        OutboxEntry entry = OutboxEntry.delete(ORDER);
        for (int i = 0; i < 32; i++) {
            entry = entry.header("h" + i, "v");
        }
        OutboxEntry full = entry;

        assertThat(full.header("h31", "w").headers()).hasSize(32).containsEntry("h31", "w");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full.header("h32", "v"))
                .withMessage("entry has 33 headers, expected at most 32");
    }

    @Test
    void nullPayloadIsRefusedAtTheCall() {
        assertThatNullPointerException()
                .isThrownBy(() -> OutboxEntry.upsert(ORDER, (Object) null))
                .withMessage("payload");
        assertThatNullPointerException().isThrownBy(() -> OutboxEntry.upsert(null, "state"));
    }

    @Test
    void textNamesTheAggregateAndNotThePayload() {
        assertThat(OutboxEntry.upsert(ORDER, "secret")).hasToString("UPSERT order:1");
    }

    @Test
    void operationCodesComeBackAndUnknownOnesAreRefused() {
        assertThat(Operation.ofCode('U')).isEqualTo(Operation.UPSERT);
        assertThat(Operation.ofCode('D')).isEqualTo(Operation.DELETE);
        assertThat(Operation.values())
                .allSatisfy(o -> assertThat(Operation.ofCode(o.code())).isEqualTo(o));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operation.ofCode('X'))
                .withMessageContaining("'X'");
    }
}
