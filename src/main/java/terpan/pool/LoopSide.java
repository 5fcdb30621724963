package terpan.pool;

import terpan.dispatch.Slot;
import terpan.link.LoopLinks;
import terpan.loop.Loop;

/** One event loop, as far as workers are concerned. */
public interface LoopSide {
    /** The loop itself; what else is here belongs to its thread. */
    Loop loop();

    /** The loop's links to workers. */
    LoopLinks links();

    /** Whether some of an answer came from a worker of this slot after that time, of one that is not whole; monotonic nanoseconds. */
    boolean heardFrom(Slot slot, long after);
}
