package dev.dualwrite.spring.operate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message of the operator's side of a service. */
final class OperateLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.operate");

    private OperateLog() {}

    static void notMeasured(String reason) {
        LOG.warn("outbox_not_measured reason=\"{}\" effect=health_and_gauges_say_so", reason);
    }

    static void stillNotMeasured(String reason) {
        LOG.trace("outbox_still_not_measured reason=\"{}\"", reason);
    }

    static void measuredAgain() {
        LOG.info("outbox_measured_again");
    }

    static void listenerFailed(RuntimeException failure) {
        LOG.warn("outbox_look_listener_failed", failure);
    }
}
