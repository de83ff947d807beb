package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.Overview;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** One look for all who ask. */
@ExtendWith(OutputCaptureExtension.class)
class OutboxWatchTest {

    private static final Overview EMPTY = new Overview(List.of(), List.of());

    private final AtomicInteger looks = new AtomicInteger();
    private final BlockingQueue<Supplier<Overview>> answers = new ArrayBlockingQueue<>(10);
    private final BlockingQueue<Look> told = new ArrayBlockingQueue<>(10);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final OutboxWatch watch = new OutboxWatch(this::answer, Duration.ofMillis(1), clock());

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void healthIsNoReasonToLookBeforeItIsProbed() throws InterruptedException {
        var health =
                new OutboxHealthIndicator(watch, new Findings(Duration.ofMinutes(5), Duration.ofMinutes(1), Set.of()));
        watch.listen(told::add);
        assertThat(looks).hasValue(0);

        answers.add(() -> EMPTY);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void healthIsUnknownWhereThePrimaryCannotBeLookedAt() throws InterruptedException {
        var health =
                new OutboxHealthIndicator(watch, new Findings(Duration.ofMinutes(5), Duration.ofMinutes(1), Set.of()));
        watch.listen(told::add);
        answers.add(() -> {
            throw new IllegalStateException("connection refused");
        });

        assertThat(health.health()).satisfies(found -> {
            assertThat(found.getStatus()).isEqualTo(Status.UNKNOWN);
            assertThat(found.getDetails().get("problem"))
                    .isEqualTo("the primary could not be looked at: connection refused");
        });
        // Told after it was logged: else that line would stand in the output of the next test.
        assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void everyLookIsTold() throws InterruptedException {
        watch.onLook(told::add);
        answers.add(() -> EMPTY);

        Look look = told.poll(10, TimeUnit.SECONDS);

        assertThat(look).isEqualTo(new Look(Instant.EPOCH, EMPTY, null));
        assertThat(watch.latest()).contains(EMPTY);
        assertThat(looks).hasValueLessThanOrEqualTo(2);
    }

    @Test
    void probeDoesNotWaitForADatabaseThatDoesNotAnswer() {
        assertThat(watch.latest()).isEmpty();
        assertThat(watch.firstOrLast()).isEmpty();
    }

    @Test
    void outageIsToldOnceAndSoIsItsEnd(CapturedOutput output) throws InterruptedException {
        watch.onLook(told::add);
        for (int i = 0; i < 3; i++) {
            answers.add(() -> {
                throw new IllegalStateException("connection refused\nDetail: a whole row");
            });
        }
        answers.add(() -> EMPTY);

        Look first = told.poll(10, TimeUnit.SECONDS);
        assertThat(first.overview()).isNull();
        assertThat(first.failure()).isEqualTo("connection refused");
        for (int i = 0; i < 3; i++) {
            told.poll(10, TimeUnit.SECONDS);
        }
        watch.close();

        assertThat(output.getAll()).containsOnlyOnce("outbox_not_measured").doesNotContain("a whole row");
        assertThat(watch.latest()).contains(EMPTY);
    }

    @Test
    void whatWasSeenTooLongAgoIsNotKnownAnyMore() throws InterruptedException {
        watch.onLook(told::add);
        answers.add(() -> EMPTY);
        told.poll(10, TimeUnit.SECONDS);

        now.set(Instant.EPOCH.plusSeconds(61));

        assertThat(watch.latest()).isEmpty();
        assertThat(watch.last().orElseThrow().failure()).startsWith("no look at the primary has come back since 1970");
    }

    @Test
    void lookIsOfTheTimeWhenItEnded() throws InterruptedException {
        watch.onLook(told::add);
        answers.add(() -> {
            now.set(Instant.EPOCH.plusSeconds(9));
            return EMPTY;
        });

        assertThat(told.poll(10, TimeUnit.SECONDS).at()).isEqualTo(Instant.EPOCH.plusSeconds(9));
    }

    @Test
    void errorThatEndsTheLooksIsSaidAndWhatWasSeenBeforeIsNotKnownAnyMore(CapturedOutput output)
            throws InterruptedException {
        watch.onLook(told::add);
        answers.add(() -> EMPTY);
        assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
        answers.add(() -> {
            throw new NoClassDefFoundError("gone");
        });

        await().until(() -> output.getAll().contains("outbox_watch_broken"));
        assertThat(watch.latest()).isEmpty();
        assertThat(watch.last().orElseThrow().failure()).contains("NoClassDefFoundError");
    }

    @Test
    void listenerThatFailsStopsNeitherTheLooksNorTheOthers(CapturedOutput output) throws InterruptedException {
        watch.onLook(look -> {
            throw new IllegalStateException("listener");
        });
        watch.onLook(told::add);
        answers.add(() -> EMPTY);
        answers.add(() -> EMPTY);

        assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(output.getAll()).contains("outbox_look_listener_failed");
    }

    private Overview answer() {
        looks.incrementAndGet();
        try {
            return answers.take().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("closed", e);
        }
    }

    private Clock clock() {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }
}
