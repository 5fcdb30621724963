package terpan.worker;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that a person wants done with workers, and that takes its time. Advanced by the supervisor's thread, one order after the
 * other; the progress is for any thread.
 */
public abstract sealed class Order permits GenerationOrder, Restart, Scale {
    private static final int STEPS_MOST = 4_096;

    /** Where it stands. */
    public enum State {
        /** Not begun, or under way. */
        RUNNING,
        /** All of it was done, and the old processes have ended. */
        DONE,
        /** It was given up, and why is known. */
        FAILED
    }

    /**
     * How far it has come.
     *
     * @param steps a sentence for each step, the last 4,096
     * @param failure why it failed, such as the new worker's traceback; empty otherwise
     */
    public record Progress(State state, List<String> steps, String failure) {}

    private final List<String> steps = new ArrayList<>();
    private volatile Progress progress = new Progress(State.RUNNING, List.of(), "");

    /** From any thread. */
    public final Progress progress() {
        return progress;
    }

    /** Takes the next steps that can be taken; true: it is over. */
    abstract boolean advance();

    /** It does not go on, for everything ends; why, for people. */
    abstract void cancel(String why);

    /** A newer order makes this one needless; why, for people. What is half done is taken back, in later steps where it takes time. */
    void giveWay(String why) {
        cancel(why);
    }

    final boolean isOver() {
        return progress.state() != State.RUNNING;
    }

    final void step(String what) {
        if (steps.size() == STEPS_MOST) {
            steps.removeFirst();
        }
        steps.add(what);
        progress = new Progress(State.RUNNING, List.copyOf(steps), "");
    }

    /** It is over; why it failed, if it did. */
    final void end(State state, String failure) {
        progress = new Progress(state, List.copyOf(steps), failure);
    }
}
