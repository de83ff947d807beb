package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.spi.CommitListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message of this package. */
final class TransactionLog {

    private static final Logger LOG = LoggerFactory.getLogger(TransactionLog.class);

    private TransactionLog() {}

    static void commitListenerFailed(CommitListener listener, int entries, RuntimeException e) {
        LOG.warn(
                "outbox_commit_listener_failed listener={} entries={} effect=relay_waits_for_its_next_poll",
                listener.getClass().getName(),
                entries,
                e);
    }

    static void rollbackFailed(ManagedDataSource manager, Exception e) {
        LOG.warn("outbox_rollback_failed transaction_manager={} effect=outcome_unknown", manager, e);
    }
}
