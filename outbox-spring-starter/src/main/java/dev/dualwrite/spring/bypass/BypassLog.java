package dev.dualwrite.spring.bypass;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message about changes past the capture. Statements are shown without their literals. */
final class BypassLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.bypass");

    private BypassLog() {}

    static void bypassed(Bypass bypass) {
        LOG.warn(
                "outbox_capture_bypassed table={} entity={} place={} effect=secondary_is_not_told statement={}",
                bypass.tables(),
                bypass.entities(),
                bypass.place(),
                bypass.shape());
    }

    static void blind(String reason) {
        LOG.warn("outbox_capture_bypass_blind reason={} effect=bypasses_are_not_seen", reason);
    }

    static void allowed(String place, String reason) {
        LOG.info("outbox_capture_bypass_allowed place={} reason={}", place, reason);
    }
}
