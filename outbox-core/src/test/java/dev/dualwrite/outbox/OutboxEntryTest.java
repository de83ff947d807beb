package dev.dualwrite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.entry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    void headerWithWhatATextCannotHoldIsRefusedWithoutItsValue() {
        OutboxEntry entry = OutboxEntry.delete(ORDER);

        for (String bad : List.of("s3cret\0", "s3cret\n", "s3cret\u0085", "s3cret\ud83d", "\ude00s3cret")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> entry.header("tenant", bad))
                    .withMessageMatching(
                            "header 'tenant' has a value with (a control character, expected none|half of a"
                                    + " surrogate pair, expected whole characters)");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> entry.header(bad, "v"))
                    .withMessageStartingWith("the name of a header has ");
        }
        assertThat(entry.header("tenant", "東京 😀").headers()).containsEntry("tenant", "東京 😀");
    }

    @Test
    void headersOfTheSurroundingsNeitherReplaceNorFail() {
        var leftOut = new TreeMap<String, String>();
        Map<String, String> surroundings = new HashMap<>(Map.of("own", "other", "tenant", "a", "bad", "s3cret\0"));
        surroundings.put("absent", null);

        OutboxEntry entry = OutboxEntry.delete(ORDER).header("own", "mine").headersIfAbsent(surroundings, leftOut::put);

        assertThat(entry.headers()).containsOnly(entry("own", "mine"), entry("tenant", "a"));
        assertThat(leftOut)
                .containsOnly(entry("bad", "header 'bad' has a value with a control character, expected none"));
    }

    @Test
    void headersOfTheSurroundingsEndAtTheLimit() {
        var leftOut = new TreeMap<String, String>();
        Map<String, String> surroundings = new TreeMap<>();
        for (int i = 10; i < 50; i++) {
            surroundings.put("h" + i, "v");
        }

        OutboxEntry entry = OutboxEntry.delete(ORDER).headersIfAbsent(surroundings, leftOut::put);

        assertThat(entry.headers()).hasSize(32);
        assertThat(leftOut).hasSize(8).containsKey("h49");
    }

    @Test
    void noSurroundingsCostNothing() {
        OutboxEntry entry = OutboxEntry.delete(ORDER);

        assertThat(entry.headersIfAbsent(Map.of(), (name, problem) -> {})).isSameAs(entry);
    }

    @PayloadType(value = "purchase", version = 3)
    private static class Purchase {}

    private static final class PurchaseProxy extends Purchase {}

    @Test
    void classOfThePayloadStatesItsType() {
        OutboxEntry entry = OutboxEntry.upsert(ORDER, new PurchaseProxy());

        OutboxEntry typed = entry.typedBy(new PurchaseProxy());

        assertThat(entry.payloadType()).isEqualTo("order");
        assertThat(typed.payloadType()).isEqualTo("purchase");
        assertThat(typed.schemaVersion()).isEqualTo(3);
        assertThat(entry.typedBy("text")).isSameAs(entry);
    }

    @PayloadType(value = "event", version = 2)
    private interface Event {}

    @PayloadType("other")
    private interface Other {}

    private interface Narrower extends Event {}

    @PayloadType(value = "placed", version = 4)
    private interface Placed extends Event {}

    private record ByInterface(String id) implements Narrower {}

    private record ByTheNearest(String id) implements Placed, Event {}

    private record Torn(String id) implements Event, Other {}

    @PayloadType("own")
    private record Decided(String id) implements Event, Other {}

    // Records have no superclass of their own to state it.
    @Test
    void interfaceOfThePayloadStatesItsType() {
        assertThat(typed(new ByInterface("1"))).isEqualTo("event 2");
        assertThat(typed(new ByTheNearest("1"))).isEqualTo("placed 4");
        assertThat(typed(new Decided("1"))).isEqualTo("own 1");
    }

    @Test
    void interfacesThatStateDifferentTypesAreRefusedByTheirNames() {
        assertThatIllegalStateException()
                .isThrownBy(() -> typed(new Torn("1")))
                .withMessageContaining("Torn has more than one payload type: ")
                .withMessageContaining("Event states 'event' version 2, ")
                .withMessageContaining("Other states 'other' version 1. Next: put @PayloadType on ");
    }

    private static String typed(Object payload) {
        OutboxEntry typed = OutboxEntry.upsert(ORDER, payload).typedBy(payload);
        return typed.payloadType() + ' ' + typed.schemaVersion();
    }

    @Test
    void entryAndClassMayStateTheSameTypeAndNothingElse() {
        OutboxEntry same = OutboxEntry.upsert(ORDER, new Purchase()).payloadType("purchase", 3);
        OutboxEntry other = OutboxEntry.upsert(ORDER, new Purchase()).payloadType("purchase", 2);

        assertThat(same.typedBy(new Purchase())).isSameAs(same);
        assertThatIllegalStateException()
                .isThrownBy(() -> other.typedBy(new Purchase()))
                .withMessageContaining("the entry says payload type 'purchase' version 2, but @PayloadType of ")
                .withMessageContaining("Purchase says 'purchase' version 3. Next: ");
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
