package dev.dualwrite.outbox;

import org.jspecify.annotations.Nullable;

/** A payload could not be written or read, or is larger than allowed; at append it makes the transaction roll back. */
public final class PayloadCodecException extends OutboxException {

    private static final long serialVersionUID = 1L;

    private final transient Aggregate aggregate;

    public PayloadCodecException(Aggregate aggregate, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.aggregate = aggregate;
    }

    public Aggregate aggregate() {
        return aggregate;
    }
}
