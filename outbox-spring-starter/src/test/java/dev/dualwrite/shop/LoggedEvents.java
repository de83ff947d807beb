package dev.dualwrite.shop;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the detector logs, until it is closed. */
record LoggedEvents(Logger logger, ListAppender<ILoggingEvent> appender) implements AutoCloseable {

    static LoggedEvents listen() {
        Logger logger = (Logger) LoggerFactory.getLogger("dev.dualwrite.spring.bypass");
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(appender);
        return new LoggedEvents(logger, appender);
    }

    List<String> warnings() {
        return of(Level.WARN);
    }

    List<String> of(Level level) {
        return appender.list.stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    void clear() {
        appender.list.clear();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
