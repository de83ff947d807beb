package dev.dualwrite.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AppendBufferTest {

    private final AppendBuffer buffer = new AppendBuffer();

    @Test
    void entriesComeOutInTheOrderOfTheirAppendAndOnlyOnce() {
        OutboxEntry first = entry(1);
        OutboxEntry second = entry(2);
        buffer.add(first);
        buffer.add(second);

        assertThat(buffer.drain()).containsExactly(first, second);
        assertThat(buffer.drain()).isEmpty();
        assertThat(buffer.isEmpty()).isTrue();
        assertThat(buffer.appended()).isEqualTo(2);
    }

    @Test
    void capturedAggregateIsWrittenOnceWithItsLastEntry() {
        var aggregate = new Aggregate("order", "1");
        OutboxEntry last = OutboxEntry.delete(aggregate);
        OutboxEntry appended = entry(1);
        buffer.add(appended);
        buffer.capture(OutboxEntry.reference(aggregate));
        OutboxEntry elsewhere = OutboxEntry.reference(aggregate).to("archive");
        buffer.capture(elsewhere);

        buffer.capture(last);

        assertThat(buffer.appended()).isEqualTo(3);
        assertThat(buffer.drain()).containsExactly(appended, last, elsewhere);
    }

    @Test
    void captureAfterASavepointLeavesTheOneBeforeItAlone() {
        var aggregate = new Aggregate("order", "1");
        OutboxEntry before = OutboxEntry.reference(aggregate);
        buffer.capture(before);
        buffer.savepoint("s");
        buffer.capture(OutboxEntry.delete(aggregate));

        buffer.rollbackTo("s");
        buffer.capture(OutboxEntry.reference(new Aggregate("order", "2")));

        assertThat(buffer.drain()).hasSize(2).first().isSameAs(before);
    }

    @Test
    void captureAfterTheWriteIsRefused() {
        var aggregate = new Aggregate("order", "1");
        buffer.capture(OutboxEntry.reference(aggregate));
        buffer.seal();

        assertThatIllegalStateException()
                .isThrownBy(() -> buffer.capture(OutboxEntry.reference(aggregate)))
                .withMessageContaining("comes too late");
    }

    @Test
    void rolledBackSavepointTakesWhatCameAfterIt() {
        OutboxEntry before = entry(1);
        buffer.add(before);
        buffer.savepoint("s");
        buffer.add(entry(2));
        buffer.add(entry(3));

        buffer.rollbackTo("s");

        assertThat(buffer.appended()).isEqualTo(1);
        assertThat(buffer.drain()).containsExactly(before);
    }

    @Test
    void savepointCanBeRolledBackToTwice() {
        buffer.savepoint("s");
        buffer.add(entry(1));
        buffer.rollbackTo("s");
        buffer.add(entry(2));

        buffer.rollbackTo("s");

        assertThat(buffer.isEmpty()).isTrue();
        assertThat(buffer.appended()).isZero();
    }

    @Test
    void outerSavepointTakesWhatAnInnerOneKept() {
        OutboxEntry kept = entry(1);
        buffer.add(kept);
        buffer.savepoint("outer");
        buffer.add(entry(2));
        buffer.savepoint("inner");
        buffer.add(entry(3));

        buffer.rollbackTo("inner");
        buffer.rollbackTo("outer");

        assertThat(buffer.drain()).containsExactly(kept);
    }

    @Test
    void savepointThatTheBufferNeverSawTakesEverything() {
        buffer.add(entry(1));

        buffer.rollbackTo("unknown");

        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void savepointsAreToldApartByIdentity() {
        String one = new String("s");
        String other = new String("s");
        buffer.add(entry(1));
        buffer.savepoint(one);
        buffer.add(entry(2));
        buffer.savepoint(other);
        buffer.add(entry(3));

        buffer.rollbackTo(other);

        assertThat(buffer.appended()).isEqualTo(2);
    }

    @Test
    void sealedBufferRefusesAndSaysWhen() {
        buffer.seal();

        assertThatIllegalStateException()
                .isThrownBy(() -> buffer.add(entry(1)))
                .withMessageContaining("'DELETE order:1'")
                .withMessageContaining("before its commit begins");
    }

    private static OutboxEntry entry(int id) {
        return OutboxEntry.delete(Aggregate.of("order", id));
    }

    @Test
    void contextIsAddedToWhatIsAppendedAndToWhatIsCapturedEachTime() {
        var asked = new AtomicInteger();
        var aware = new AppendBuffer(entry -> entry.header("n", "" + asked.incrementAndGet()));
        OutboxEntry captured = OutboxEntry.reference(new Aggregate("order", "1"));

        aware.add(OutboxEntry.delete(new Aggregate("order", "2")));
        aware.capture(captured);
        aware.capture(captured);

        assertThat(aware.drain()).extracting(entry -> entry.headers().get("n")).containsExactly("1", "3");
    }
}
