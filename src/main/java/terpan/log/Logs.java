package terpan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.FileDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;

/**
 * The log: set up by code, for reading a configuration file costs more than the whole start. Lines are made by whoever logs and
 * written by one thread, so that no loop waits for a disk or a terminal. One per process.
 */
public final class Logs implements AutoCloseable {
    private final LoggerContext context;
    private final LogWriter writer;
    private final List<String> always;

    private Logs(LoggerContext context, LogWriter writer, List<String> always) {
        this.context = context;
        this.writer = writer;
        this.always = always;
    }

    /**
     * Begins to log as the settings say.
     *
     * @param always the loggers whose lines are written from INFO up whatever the level is: those of what others say
     * @throws IOException the log file can not be opened; the message says which and why
     */
    public static Logs start(Settings.Log settings, List<String> always) throws IOException {
        LineSink sink = LineSink.open("log file", settings.file(), FileDescriptor.err);
        boolean terminal = settings.file().isEmpty() && Terminal.isStandardError();
        return start(
                sink, layout(settings.format(), terminal, System.getenv()), Level.toLevel(settings.level()), always);
    }

    static Logs start(LineSink sink, LogLayout layout, Level level, List<String> always) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogWriter writer = new LogWriter(sink);
        attach(context, new LogAppender(layout, writer::offer), level);
        Logs logs = new Logs(context, writer, always);
        logs.level(level.levelStr);
        return logs;
    }

    static LogLayout layout(Settings.LogFormat format, boolean terminal, Map<String, String> environment) {
        boolean text = switch (format) {
            case TEXT -> true;
            case JSON -> false;
            case AUTO -> terminal;
        };
        boolean colours = terminal && Terminal.wantsColours(environment);
        return text ? new TextLayout(ZoneId.systemDefault(), colours) : new JsonLayout();
    }

    /** From here on only errors are told: for a command whose workers are meant to end. */
    public static void tellErrorsAlone() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
    }

    /** Puts this appender in the place of whatever was there. */
    static void attach(LoggerContext context, LogAppender appender, Level level) {
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        appender.setContext(context);
        appender.start();
        root.setLevel(level);
        root.addAppender(appender);
    }

    /** Another level from now on: trace, debug, info, warn or error. */
    public void level(String name) {
        Level level = Level.toLevel(name);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level);
        Level least = level.isGreaterOrEqual(Level.INFO) ? Level.INFO : null;
        always.forEach(logger -> context.getLogger(logger).setLevel(least));
    }

    /** Opens the file by its name again, soon; for a rotation that renamed it. */
    public void reopen() {
        writer.reopen();
    }

    /** Waits until what was logged so far is written; false: it is not, or not within that time. */
    public boolean flush(Duration most) {
        return writer.flush(most.toMillis());
    }

    /** Lines lost since the start. */
    public long dropped() {
        return writer.dropped();
    }

    /** Writes what is there; what is logged after this goes to standard error, from warnings up. */
    @Override
    public void close() {
        writer.close();
        always.forEach(name -> context.getLogger(name).setLevel(null));
        FirstConfiguration.attach(context);
    }
}
