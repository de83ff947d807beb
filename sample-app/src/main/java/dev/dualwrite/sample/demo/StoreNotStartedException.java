package dev.dualwrite.sample.demo;

/** An embedded database of the demo did not start. */
final class StoreNotStartedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoreNotStartedException(String store, Exception cause) {
        super("the embedded " + store + " did not start: " + cause.getMessage(), cause);
    }
}
