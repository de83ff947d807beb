package dev.dualwrite.spring.console;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every log message of the console. */
final class ConsoleLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.dualwrite.spring.console");

    private ConsoleLog() {}

    static void newsFailed(RuntimeException failure) {
        LOG.warn("outbox_console_news_failed effect=pages_are_told_so", failure);
    }
}
