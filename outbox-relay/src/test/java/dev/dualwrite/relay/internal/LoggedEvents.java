package dev.dualwrite.relay.internal;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the relay writes to its log while this is open. */
public final class LoggedEvents implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.dualwrite.relay");
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };

    public LoggedEvents() {
        appender.start();
        logger.addAppender(appender);
    }

    /** The messages of one event, in order; the same text at DEBUG with a stack trace does not count. */
    public List<String> of(String event) {
        return events.stream()
                .filter(logged -> logged.getThrowableProxy() == null)
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.startsWith(event + " "))
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        appender.stop();
    }
}
