package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Version;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the held table is told of an entry that was not applied. Immutable.
 *
 * @param attempts made so far, 0 or more
 * @param delay until the next attempt, by the database's clock; only used when backing off
 * @param errorClass the class of the exception, if there was one
 * @param errorMessage for a person; absent for a blocked entry
 */
public record Failure(
        Version version,
        State state,
        int attempts,
        Duration delay,
        @Nullable String errorClass,
        @Nullable String errorMessage) {

    /** Long enough for every cause seen, short enough that a view with many rows stays readable. */
    private static final int MAX_MESSAGE_LENGTH = 2000;

    public Failure {
        if (errorMessage != null) {
            // PostgreSQL text cannot hold NUL, and a message may quote one.
            String text = errorMessage.replace('\u0000', '?');
            errorMessage = text.length() > MAX_MESSAGE_LENGTH ? text.substring(0, MAX_MESSAGE_LENGTH) : text;
        }
    }

    /** Why a held entry is held. */
    public enum State {
        /** Will be tried again after a delay. */
        BACKING_OFF,
        /** Out of attempts or rejected; waits for a person. */
        DEAD,
        /** Waits behind an earlier held entry of its aggregate. */
        BLOCKED;

        /** The word in the column {@code state}. */
        String column() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The entry waits behind another one. */
    public static Failure blocked(Version version) {
        return new Failure(version, State.BLOCKED, 0, Duration.ZERO, null, null);
    }

    /** The entry is tried again. */
    public static Failure backingOff(
            Version version, int attempts, Duration delay, @Nullable String errorClass, String message) {
        return new Failure(version, State.BACKING_OFF, attempts, delay, errorClass, message);
    }

    /** The entry waits for a person. */
    public static Failure dead(Version version, int attempts, @Nullable String errorClass, String message) {
        return new Failure(version, State.DEAD, attempts, Duration.ZERO, errorClass, message);
    }
}
