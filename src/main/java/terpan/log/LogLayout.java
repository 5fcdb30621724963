package terpan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/** The shape of a log line. Thread-safe: called by whoever logs. */
sealed interface LogLayout permits TextLayout, JsonLayout {
    /** The event as one line, with its line feed; for text the lines of a stack trace follow, indented. */
    byte[] line(ILoggingEvent event);

    /** The stack trace as text, or the empty string. */
    static String stackTrace(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null ? "" : ThrowableProxyUtil.asString(thrown);
    }
}
