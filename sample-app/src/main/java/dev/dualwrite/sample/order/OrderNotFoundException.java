package dev.dualwrite.sample.order;

/** There is no order of this id, or no longer. */
final class OrderNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OrderNotFoundException(long id) {
        super("there is no order " + id);
    }
}
