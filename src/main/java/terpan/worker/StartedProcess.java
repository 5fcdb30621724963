package terpan.worker;

import java.util.List;
import java.util.Optional;

/** A worker's process that was started for us by a command, not forked: it is there from the beginning, and so is the pipe that it writes to. */
abstract class StartedProcess implements WorkerProcess {
    private final WorkerOutput output;
    private final String pipe;

    /**
     * One whose output is read.
     *
     * @param pipe its name in {@code /proc}, as {@link WorkerOutput#pipeOf} tells it
     */
    StartedProcess(WorkerOutput output, String pipe) {
        this.output = output;
        this.pipe = pipe;
    }

    @Override
    public final long origin() {
        return pid();
    }

    @Override
    public final boolean hasSpoken() {
        return false;
    }

    @Override
    public final Optional<String> greeted(long pid, String named) {
        return Optional.empty();
    }

    @Override
    public final List<String> lastLines() {
        return output.lastLines();
    }

    @Override
    public final List<String> lateLines() {
        return output.lateLines();
    }

    @Override
    public final void abandonOutput() {
        output.abandon(pipe);
    }
}
