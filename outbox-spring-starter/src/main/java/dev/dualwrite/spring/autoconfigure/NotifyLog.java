package dev.dualwrite.spring.autoconfigure;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message about the NOTIFY after a commit. */
final class NotifyLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.notify");

    private NotifyLog() {}

    static void off() {
        LOG.info("outbox_notify_off reason=no_own_connection effect=relays_elsewhere_poll");
    }

    static void failed(Duration pause, Throwable failure) {
        LOG.warn("outbox_notify_failed retry_in_ms={} error={}", pause.toMillis(), rootOf(failure));
        LOG.debug("outbox_notify_failed", failure);
    }

    static void stillFailing(Duration pause, Throwable failure) {
        LOG.trace("outbox_notify_still_failing retry_in_ms={}", pause.toMillis(), failure);
    }

    static void works() {
        LOG.info("outbox_notify_works_again");
    }

    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
