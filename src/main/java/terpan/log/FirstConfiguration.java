package terpan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.PrintStream;
import java.time.ZoneId;

/** The log before {@link Logs#start} and after its end: warnings and errors to standard error, at once. Found as a service. */
public final class FirstConfiguration extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext loggerContext) {
        attach(loggerContext);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static void attach(LoggerContext context) {
        PrintStream out = System.err;
        Logs.attach(
                context,
                new LogAppender(
                        new TextLayout(ZoneId.systemDefault(), false),
                        line -> out.write(line.text, 0, line.text.length)),
                Level.WARN);
    }
}
