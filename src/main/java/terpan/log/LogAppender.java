package terpan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.function.Consumer;

/** Turns events into lines on the thread that logs, while their values are what they were, and passes them on. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private volatile LogLayout layout;

    /** Whether whoever takes the lines wants their pairs as fields of journald. */
    private volatile boolean journal;

    private final Consumer<Logged> lines;
    private final Consumer<ILoggingEvent> memory;

    LogAppender(LogLayout layout, Consumer<Logged> lines) {
        this(layout, lines, event -> {});
    }

    /**
     * One that is not begun.
     *
     * @param memory is given each event, too
     */
    LogAppender(LogLayout layout, Consumer<Logged> lines, Consumer<ILoggingEvent> memory) {
        this.layout = layout;
        this.lines = lines;
        this.memory = memory;
    }

    /** Lines look like this from now on. */
    void layout(LogLayout other, boolean withFields) {
        layout = other;
        journal = withFields;
    }

    @Override
    protected void append(ILoggingEvent event) {
        byte[] fields = journal ? JournalReceiver.fields(event) : Logged.NOTHING;
        lines.accept(new Logged(layout.line(event), Logged.severity(event.getLevel()), event.getTimeStamp(), fields));
        memory.accept(event);
    }
}
