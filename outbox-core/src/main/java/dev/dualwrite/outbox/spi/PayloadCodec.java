package dev.dualwrite.outbox.spi;

/**
 * Turns payload objects into the bytes that an entry carries. Implementations are thread-safe and do no I/O. A bean of this
 * type replaces the JSON codec of the starter.
 */
@FunctionalInterface
public interface PayloadCodec {

    /**
     * The bytes of a payload.
     *
     * @throws RuntimeException if it cannot be written; the transaction then rolls back, with the aggregate named
     */
    byte[] encode(Object payload);
}
