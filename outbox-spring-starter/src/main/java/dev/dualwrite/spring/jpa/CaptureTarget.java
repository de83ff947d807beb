package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.spi.AppendBuffer;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Where the entries of a session's changes go. */
@FunctionalInterface
interface CaptureTarget {

    /**
     * The buffer of the transaction that a session takes part in.
     *
     * @throws RuntimeException if there is none: the change would be committed without its entry
     */
    AppendBuffer of(SharedSessionContractImplementor session);
}
