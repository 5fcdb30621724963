package terpan.attached;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.link.Destination;
import terpan.link.Destinations;

/** All addresses of a worker as the event loops see them: those that are reached take turns. */
public final class Targets implements Destinations {
    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<Target> all = List.of();

    /** None yet. */
    public Targets() {}

    void set(List<Target> targets) {
        all = List.copyOf(targets);
    }

    @Override
    public @Nullable Destination next() {
        List<Target> seen = all;
        int first = turn.getAndIncrement();
        for (int i = 0; i < seen.size(); i++) {
            Target target = seen.get(Math.floorMod(first + i, seen.size()));
            if (target.isOpen()) {
                return target;
            }
        }
        return null;
    }
}
