package dev.dualwrite.relay.payload;

/** A payload that cannot go on as it is, whoever tries. The message quotes nothing of it. */
final class UnfitPayloadException extends Exception {

    private static final long serialVersionUID = 1L;

    UnfitPayloadException(String message) {
        super(message);
    }
}
