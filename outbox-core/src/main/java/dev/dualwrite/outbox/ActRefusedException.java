package dev.dualwrite.outbox;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An act of a person was refused, and nothing was changed: the message says what was seen and what was wanted, in words for that
 * person. What failed because the database could not be asked is an {@link OutboxStoreException} instead.
 */
public final class ActRefusedException extends OutboxException {

    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final @Nullable String hint;

    public ActRefusedException(Kind kind, String message, @Nullable String hint) {
        this(kind, message, hint, null);
    }

    public ActRefusedException(Kind kind, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.hint = hint;
    }

    /** Who has to change something. */
    public enum Kind {
        /** What was asked for makes no sense, whatever the state of things: correct it. */
        INVALID,
        /** Whoever asked may not do it. */
        FORBIDDEN,
        /** There is no such entry or sink. */
        NOT_FOUND,
        /** It makes sense, but not as things stand: look again. */
        CONFLICT
    }

    public Kind kind() {
        return kind;
    }

    /** What to do next; empty if nobody knows. */
    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }
}
