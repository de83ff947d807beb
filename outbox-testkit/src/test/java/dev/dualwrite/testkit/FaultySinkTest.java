package dev.dualwrite.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultySinkTest {

    private static final Aggregate A = Aggregate.of("order", "a");
    private static final Aggregate B = Aggregate.of("order", "b");
    private static final Aggregate C = Aggregate.of("order", "c");
    private static final ContractEntries ENTRIES = new ContractEntries("order");
    private static final List<ClaimedEntry> BATCH = List.of(upsert(A), upsert(B), upsert(C));

    private final MemoryStore store = new MemoryStore();

    @Test
    void withoutAFaultTheSinkAnswers() throws Exception {
        assertThat(with(Fault.none()).apply(BATCH)).hasSize(3).containsOnly(ApplyResult.applied());
        assertThat(store.held(C)).contains("c");
    }

    @Test
    void faultIsChosenForEachCall() throws Exception {
        Queue<Fault> faults = new ArrayDeque<>(List.of(Fault.deferAll(Duration.ofSeconds(3)), Fault.none()));
        var sink = new FaultySink(store::apply, faults::remove);

        assertThat(sink.apply(BATCH)).hasSize(3).containsOnly(ApplyResult.deferred(Duration.ofSeconds(3)));
        assertThat(store.held(A)).isEmpty();
        assertThat(sink.apply(BATCH)).containsOnly(ApplyResult.applied());
    }

    @Test
    void throwOnApplyDoesNotReachTheStore() {
        var failure = new IOException("refused");

        assertThatThrownBy(() -> with(Fault.throwOnApply(() -> failure)).apply(BATCH))
                .isSameAs(failure);
        assertThat(store.held(A)).isEmpty();
    }

    @Test
    void loseReplyAppliesAndThenBreaksTheConnection() {
        assertThatThrownBy(() -> with(Fault.loseReply()).apply(BATCH)).isInstanceOf(SocketException.class);
        assertThat(store.held(C)).contains("c");
    }

    @Test
    void applyHalfThenThrowAppliesTheFirstHalf() {
        var failure = new IOException("broken");
        var sink = with(Fault.applyHalfThenThrow(() -> failure));

        assertThatThrownBy(() -> sink.apply(BATCH)).isSameAs(failure);

        assertThat(store.held(A)).contains("a");
        assertThat(store.held(B)).contains("b");
        assertThat(store.held(C)).isEmpty();
    }

    @Test
    void hangOnApplyEndsByAnInterrupt() throws Exception {
        var call = new Call(with(Fault.hangOnApply(new CountDownLatch(1))));

        call.thread.interrupt();
        call.thread.join();

        assertThat(call.failure.get()).isInstanceOf(InterruptedException.class);
        assertThat(store.held(A)).isEmpty();
    }

    @Test
    void hangOnApplyWritesLateWhenItsLatchOpens() throws Exception {
        var end = new CountDownLatch(1);
        var call = new Call(with(Fault.hangOnApply(end)));

        end.countDown();
        call.thread.join();

        assertThat(call.failure.get()).isNull();
        assertThat(store.held(A)).contains("a");
    }

    @Test
    void deafHangEndsByItsLatchOnlyAndKeepsTheInterrupt() throws Exception {
        var end = new CountDownLatch(1);
        var interrupted = new AtomicReference<Boolean>();
        Sink sink = entries -> {
            interrupted.set(Thread.currentThread().isInterrupted());
            return store.apply(entries);
        };
        var call = new Call(new FaultySink(sink, () -> Fault.hangDeafOnApply(end)));

        call.thread.interrupt();
        // It has taken the interrupt, and waits again.
        await().until(() -> !call.thread.isInterrupted() && call.thread.getState() == Thread.State.WAITING);
        assertThat(store.held(A)).isEmpty();
        end.countDown();
        call.thread.join();

        assertThat(interrupted).hasValue(true);
        assertThat(store.held(A)).contains("a");
    }

    @Test
    void throttleMakesACallTakeLonger() throws Exception {
        long start = System.nanoTime();

        assertThat(with(Fault.throttle(Duration.ofMillis(50))).apply(BATCH)).containsOnly(ApplyResult.applied());

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatASinkIsLikeIsTheSinksAnswer(boolean answer) {
        Sink log = new Sink() {
            @Override
            public List<ApplyResult> apply(List<ClaimedEntry> entries) {
                return store.apply(entries);
            }

            @Override
            public boolean keepsEveryEntry() {
                return answer;
            }

            @Override
            public boolean takesEncodedPayloads() {
                return answer;
            }
        };

        assertThat(new FaultySink(log, Fault::none).keepsEveryEntry()).isEqualTo(answer);
        assertThat(new FaultySink(log, Fault::none).takesEncodedPayloads()).isEqualTo(answer);
    }

    @Test
    void faultsAreCalledByTheirNames() {
        var end = new CountDownLatch(1);

        assertThat(List.of(
                        Fault.none(),
                        Fault.throwOnApply(IOException::new),
                        Fault.hangOnApply(end),
                        Fault.hangDeafOnApply(end),
                        Fault.throttle(Duration.ofSeconds(1)),
                        Fault.deferAll(Duration.ofSeconds(1)),
                        Fault.loseReply(),
                        Fault.applyHalfThenThrow(IOException::new)))
                .map(Fault::toString)
                .containsExactly(
                        "None",
                        "ThrowOnApply",
                        "HangOnApply",
                        "HangDeafOnApply",
                        "Throttle PT1S",
                        "DeferAll PT1S",
                        "LoseReply",
                        "ApplyHalfThenThrow");
    }

    private FaultySink with(Fault fault) {
        return new FaultySink(store::apply, () -> fault);
    }

    private static ClaimedEntry upsert(Aggregate aggregate) {
        return ENTRIES.upsert(aggregate, 1, aggregate.id().getBytes(UTF_8));
    }

    /** An apply that has begun to wait. */
    private static final class Call {
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final Thread thread;

        Call(Sink sink) {
            this.thread = new Thread(
                    () -> {
                        try {
                            sink.apply(BATCH);
                        } catch (Exception e) {
                            failure.set(e);
                        }
                    },
                    "call");
            thread.start();
            await().until(() -> thread.getState() == Thread.State.WAITING);
        }
    }
}
