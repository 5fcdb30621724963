package terpan.link.nativelink;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.loop.Loop;

/** Carries messages from one loop to another, all of a turn in one task and in order. Belongs to the sending loop's thread. */
final class RelayOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(RelayOutbox.class);

    private final Loop from;
    private final Loop to;
    private List<Runnable> pending = new ArrayList<>();
    private long generation;

    RelayOutbox(Loop from, Loop to) {
        this.from = from;
        this.to = to;
    }

    /** Rises whenever messages leave: one that was posted in an earlier generation may not be changed any more. */
    long generation() {
        return generation;
    }

    void post(Runnable message) {
        if (pending.isEmpty()) {
            from.execute(this::leave);
        }
        pending.add(message);
    }

    private void leave() {
        List<Runnable> leaving = pending;
        pending = new ArrayList<>();
        generation++;
        to.execute(() -> leaving.forEach(RelayOutbox::run));
    }

    /** A message that fails keeps none of the others. */
    private static void run(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).log("a message between loops failed");
        }
    }
}
