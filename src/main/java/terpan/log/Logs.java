package terpan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogService;
import terpan.config.LogSettings;

/**
 * The log: set up by code, for reading a configuration file costs more than the whole start. Lines are made by whoever logs and
 * written by one thread, so that no loop waits for a disk or a terminal. One per process.
 */
public final class Logs implements AutoCloseable {
    private final LoggerContext context;
    private final LogWriter writer;
    private final LogAppender appender;
    private final List<String> always;

    private final LogMemory memory;

    private Logs(LoggerContext context, LogWriter writer, LogAppender appender, LogMemory memory, List<String> always) {
        this.memory = memory;
        this.context = context;
        this.writer = writer;
        this.appender = appender;
        this.always = always;
    }

    /**
     * Begins to log as the settings say.
     *
     * @param always the loggers whose lines are written from INFO up whatever the level is: those of what others say
     * @throws IOException the log file can not be opened; the message says which and why
     */
    public static Logs start(LogSettings settings, List<String> always) throws IOException {
        Logs logs = start(open(settings), layout(settings), Level.toLevel(settings.level()), always);
        logs.appender.layout(layout(settings), isJournal(settings));
        return logs;
    }

    private static LineSink open(LogSettings settings) throws IOException {
        return LineSink.open(LineSink.Place.ofLog(settings));
    }

    private static boolean isJournal(LogSettings settings) {
        return settings.to().filter(LogService.Journald.class::isInstance).isPresent();
    }

    private static LogLayout layout(LogSettings settings) {
        if (settings.to().isPresent() && settings.format() != LogSettings.Format.JSON) {
            return TextLayout.bare();
        }
        boolean terminal = settings.file().isEmpty() && settings.to().isEmpty() && Terminal.isStandardError();
        return layout(settings.format(), terminal, System.getenv());
    }

    static Logs start(LineSink sink, LogLayout layout, Level level, List<String> always) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogWriter writer = new LogWriter(sink);
        LogMemory memory = new LogMemory(always);
        LogAppender appender = new LogAppender(layout, writer::offer, memory::keep);
        attach(context, appender, level);
        Logs logs = new Logs(context, writer, appender, memory, always);
        logs.level(level.levelStr);
        return logs;
    }

    static LogLayout layout(LogSettings.Format format, boolean terminal, Map<String, String> environment) {
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

    /**
     * Lines are written as other settings say from now on.
     *
     * @param before those that are in effect
     * @throws IOException the log file can not be opened, and all stays as it was; the message says which and why
     */
    public void become(LogSettings before, LogSettings now) throws IOException {
        if (!before.sameLog(now)) {
            writer.change(open(now));
        }
        appender.layout(layout(now), isJournal(now));
        level(now.level());
    }

    /**
     * Whether the files of these settings can be written.
     *
     * @throws IOException one can not; the message says which and why
     */
    public static void check(LogSettings settings) throws IOException {
        LineSink.check(LineSink.Place.ofLog(settings));
        if (settings.access()) {
            LineSink.check(LineSink.Place.ofAccessLog(settings));
        }
    }

    private void level(String name) {
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

    /** The last lines. */
    public LogMemory memory() {
        return memory;
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
