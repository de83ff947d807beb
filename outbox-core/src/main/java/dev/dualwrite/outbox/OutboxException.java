package dev.dualwrite.outbox;

import org.jspecify.annotations.Nullable;

/**
 * The root of what Dualwrite throws when something outside the calling code is at fault. It never extends an exception of
 * a transaction framework: some of those skip the rollback.
 */
public abstract sealed class OutboxException extends RuntimeException
        permits ActRefusedException,
                CaptureBypassedException,
                OutboxConfigurationException,
                OutboxStoreException,
                PayloadCodecException {

    private static final long serialVersionUID = 1L;

    OutboxException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
