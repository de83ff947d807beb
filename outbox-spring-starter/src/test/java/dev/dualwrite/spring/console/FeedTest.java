package dev.dualwrite.spring.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.Overview;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Who is told news, and for how long. */
class FeedTest {

    private final CountDownLatch inLook = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final AtomicInteger looks = new AtomicInteger();
    private final Feed feed = new Feed(
            new Looks(
                    this::look,
                    (overview, at) -> Map.of(),
                    new History(new Counts(OptionalDouble::empty)),
                    Clock.systemUTC(),
                    Duration.ZERO),
            Duration.ofMillis(1),
            10);

    @AfterEach
    void stop() {
        answer.countDown();
        feed.stop();
    }

    @Test
    void pageThatJoinsAfterARestartIsToldThoughAnOldLookIsUnderWay() throws Exception {
        feed.start();
        feed.add(stream());
        assertThat(inLook.await(10, TimeUnit.SECONDS)).isTrue();

        feed.stop();
        feed.start();
        feed.add(stream());
        answer.countDown();

        await().untilAsserted(() -> assertThat(looks).hasValueGreaterThan(3));
    }

    private Overview look() {
        looks.incrementAndGet();
        inLook.countDown();
        try {
            answer.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Overview(List.of(), List.of());
    }

    private EventStream stream() throws IOException {
        var request = new MockHttpServletRequest();
        var response = new MockHttpServletResponse() {
            @Override
            public ServletOutputStream getOutputStream() {
                return new Ready();
            }
        };
        request.setAsyncSupported(true);
        return new EventStream(new MockAsyncContext(request, response), new byte[0], Instant.MAX, feed::remove);
    }

    /** A browser that takes everything. */
    private static final class Ready extends ServletOutputStream {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            // What is offered is written at once.
        }

        @Override
        public void write(int b) {
            // Nobody reads it.
        }
    }
}
