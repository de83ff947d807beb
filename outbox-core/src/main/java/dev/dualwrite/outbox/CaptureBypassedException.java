package dev.dualwrite.outbox;

/**
 * A statement was about to change a table whose changes are captured, in a way that no capture sees. It was not sent, so the
 * transaction holds nothing of it; unchecked, so that it makes a declarative transaction roll back. Immutable.
 */
public final class CaptureBypassedException extends OutboxException {

    private static final long serialVersionUID = 1L;

    public CaptureBypassedException(String message) {
        super(message, null);
    }
}
