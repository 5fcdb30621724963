package terpan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.function.Consumer;

/** Turns events into lines on the thread that logs, while their values are what they were, and passes them on. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final LogLayout layout;
    private final Consumer<byte[]> lines;

    LogAppender(LogLayout layout, Consumer<byte[]> lines) {
        this.layout = layout;
        this.lines = lines;
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.accept(layout.line(event));
    }
}
