package dev.dualwrite.spring.context;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message about headers. Never a header's value. */
final class ContextLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.context");

    private ContextLog() {}

    static void headerLeftOut(String reason) {
        LOG.warn("outbox_header_left_out reason=\"{}\" effect=entries_go_without_it", reason);
    }
}
