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

    static void actNotAnswered(RuntimeException failure) {
        LOG.warn("outbox_act_not_answered", failure);
    }

    static void lookNotAnswered(RuntimeException failure) {
        LOG.debug("outbox_look_not_answered", failure);
    }

    static void watchBroken(Error failure) {
        LOG.error("outbox_watch_broken effect=health_and_gauges_are_not_measured_any_more", failure);
    }

    static void listenerFailed(RuntimeException failure) {
        LOG.warn("outbox_look_listener_failed", failure);
    }
}
