package terpan.worker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes each line of a worker to a logger of their own, with the names of the worker and its group, and the request's id where it is known. */
public final class LoggedLines implements LineObserver {
    /** The logger's name. Its lines are at INFO, for what a worker means by one is not known; but for these of our own. */
    public static final String LOGGER = "terpan.worker.output";

    /** Begins a line of our launcher's for the front alone, of an application that raised: number, method, path, traceback; or a hyphen, id, method, path, traceback. Behind number or hyphen may stand a slash and a trace's id. */
    public static final String RAISED = "terpan: raised: ";

    /** Begins a line of the shipped Python's that is for whoever looks for it. */
    private static final String DEBUG = "terpan: debug: ";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    /** The group of the worker of that name. */
    public static String groupOf(String worker) {
        return WorkerPlan.groupOf(worker);
    }

    @Override
    public void line(WorkerLine line) {
        LoggingEventBuilder event = LOG.atLevel(line.text().startsWith(DEBUG) ? Level.DEBUG : Level.INFO)
                .addKeyValue("worker", line.worker())
                .addKeyValue("group", WorkerPlan.groupOf(line.worker()));
        (line.request().isEmpty() ? event : event.addKeyValue("request", line.request())).log(line.text());
    }
}
