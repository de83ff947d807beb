package dev.dualwrite.relay.sink.jdbc;

/** This entry cannot be written as it is, today or later; the reason is for a person and holds no payload. */
final class UnfitEntryException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    UnfitEntryException(String reason) {
        // Without a stack: it is an answer, made for each bad entry of a batch.
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
