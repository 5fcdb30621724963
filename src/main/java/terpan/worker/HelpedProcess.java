package terpan.worker;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import terpan.handover.DescriptorChannel.Descriptor;

/** A worker's process that {@link RootSide} has started: it tells its end, and signals it; we read its output. */
final class HelpedProcess extends StartedProcess {
    private final long pid;
    private final CompletableFuture<Integer> end;
    private final RootSide helper;

    private HelpedProcess(long pid, CompletableFuture<Integer> end, RootSide helper, WorkerOutput output, String pipe) {
        super(output, pipe);
        this.pid = pid;
        this.end = end;
        this.helper = helper;
    }

    /**
     * What the helper tells of it.
     *
     * @param end its exit status, once it has ended
     * @param written what it writes
     */
    record Begun(long pid, CompletableFuture<Integer> end, Descriptor written) {}

    /**
     * One that has begun.
     *
     * @param mark what stands before lines that it prints for a request; empty: nothing does
     */
    static HelpedProcess of(
            String name, String mark, Begun begun, RootSide helper, LineObserver lines, Observer observer)
            throws IOException {
        try {
            String pipe = WorkerOutput.link(begun.written().place());
            FileInputStream stream = begun.written().input();
            WorkerOutput output = WorkerOutput.read(name, mark, stream, lines, observer::outputEnded);
            var _ = begun.end().thenAccept(observer::exited);
            return new HelpedProcess(begun.pid(), begun.end(), helper, output, pipe);
        } catch (IOException | RuntimeException | Error unowned) {
            // Such as no thread for its output: nobody would read what it says, or hear of its end.
            helper.kill(begun.pid());
            throw unowned;
        }
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        if (helper.isGone() && !SessionLeader.isRunning(pid)) {
            end.complete(ExitInfo.UNKNOWN);
        }
        return !end.isDone();
    }

    @Override
    public OptionalInt exitStatus() {
        return isAlive() ? OptionalInt.empty() : OptionalInt.of(end.join());
    }

    @Override
    public void terminate() {
        helper.terminate(pid);
    }

    /** What descends from it is in its session, which its guard ends. */
    @Override
    public void kill() {
        helper.kill(pid);
    }
}
