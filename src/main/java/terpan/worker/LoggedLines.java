package terpan.worker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each line of a worker to a logger of their own, with the names of the worker and its group. */
public final class LoggedLines implements LineObserver {
    /** The logger's name. Its lines are at INFO: what a worker means by one is not known. */
    public static final String LOGGER = "terpan.worker.output";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    @Override
    public void line(String worker, String line) {
        LOG.atInfo()
                .addKeyValue("worker", worker)
                .addKeyValue("group", WorkerPlan.groupOf(worker))
                .log(line);
    }
}
