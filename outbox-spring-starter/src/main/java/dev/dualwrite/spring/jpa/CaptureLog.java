package dev.dualwrite.spring.jpa;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message of this package. */
final class CaptureLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.jpa");

    private CaptureLog() {}

    static void keyAction(String constraint, String table, String references) {
        LOG.warn(
                "outbox_capture_key_action constraint={} table={} references={} effect=secondary_is_not_told",
                constraint,
                table,
                references);
    }
}
