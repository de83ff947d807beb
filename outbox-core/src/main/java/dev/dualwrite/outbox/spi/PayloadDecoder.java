package dev.dualwrite.outbox.spi;

import org.jspecify.annotations.Nullable;

/**
 * Reads payloads that are not JSON, so that sinks, upcasters and projections need not know how they were written. A bean of this
 * type in a relay's process is asked for each payload. Implementations are thread-safe and do no I/O.
 */
public interface PayloadDecoder {

    /** Whether it wrote these bytes, by a mark at their beginning that JSON cannot have. Cheap. */
    boolean recognises(byte[] payload);

    /**
     * The payload as a tree, see {@link PayloadTree}.
     *
     * @throws UnknownSchemaException if a newer process may know the schema; the entry waits
     * @throws Exception if the bytes are broken; the entry is dead
     */
    @Nullable
    Object decode(byte[] payload) throws Exception;

    /** The schema that a payload was written with is not known here. */
    final class UnknownSchemaException extends Exception {

        private static final long serialVersionUID = 1L;

        /** Which schema, what is known, what to do; no payload. */
        public UnknownSchemaException(String message) {
            super(message);
        }
    }
}
