package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.Overview;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at the primary for all who watch: one at a time, and not again while the last one is fresh. Thread-safe. */
final class Looks {

    /** A browser that lost its stream comes back after half a second. */
    private static final byte[] RETRY = "retry: 500\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Supplier<Overview> primary;
    private final History history;
    private final Clock clock;
    private final Json json;
    private final Duration fresh;

    private @Nullable Instant lastAt;
    private @Nullable Map<String, @Nullable Object> last;
    private @Nullable OutboxStoreException failure;

    /**
     * Nothing looked at yet.
     *
     * @param fresh how long a look is good for
     */
    Looks(Supplier<Overview> primary, History history, Clock clock, Duration fresh) {
        this.primary = primary;
        this.history = history;
        this.clock = clock;
        this.fresh = fresh;
        this.json = new Json();
    }

    /**
     * How everything stands; blocks on the primary unless the last look is fresh.
     *
     * @throws OutboxStoreException if the primary cannot be asked
     */
    synchronized Map<String, @Nullable Object> look() {
        Instant now = clock.instant();
        if (lastAt == null || !now.isBefore(lastAt.plus(fresh))) {
            try {
                Overview overview = primary.get();
                last = Answers.look(overview, history.add(clock.instant(), overview));
                failure = null;
            } catch (OutboxStoreException e) {
                failure = e;
            }
            lastAt = clock.instant();
        }
        if (failure != null) {
            throw failure;
        }
        return Objects.requireNonNull(last);
    }

    /** News of how everything stands, or of why that is not known. */
    byte[] news() {
        try {
            return json.event("look", look());
        } catch (OutboxStoreException e) {
            return json.event("trouble", Problems.of(e, false));
        }
    }

    /** What a stream begins with: how soon to come back, what was, and the last look if it is still good. */
    byte[] first() {
        var first = new ByteArrayOutputStream();
        first.writeBytes(RETRY);
        first.writeBytes(json.event("history", history()));
        Map<String, @Nullable Object> recent = recent();
        if (recent != null) {
            first.writeBytes(json.event("look", recent));
        }
        return first.toByteArray();
    }

    private synchronized @Nullable Map<String, @Nullable Object> recent() {
        boolean isGood =
                lastAt != null && failure == null && clock.instant().isBefore(lastAt.plus(fresh.multipliedBy(3)));
        return isGood ? last : null;
    }

    /** What was, for a page that asks instead of listening. */
    List<Map<String, @Nullable Object>> history() {
        return Answers.history(history.points());
    }

    Instant now() {
        return clock.instant();
    }
}
