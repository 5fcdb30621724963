package terpan.edge;

import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.dispatch.DispatchSnapshot;

/** What clients of one loop meet, as one value: settings, applications, and which is meant. Belongs to the loop's thread. */
final class LoopServed {
    final EdgeSettings settings;

    /** Who has the requests that are not told apart, and those that are nobody's. */
    final LoopApplication first;

    /** Null where all requests are for the first. */
    final @Nullable Routes routes;

    private final LoopApplication[] applications;

    private LoopServed(EdgeSettings settings, Routes routes, LoopApplication[] applications) {
        this.settings = settings;
        this.applications = applications;
        this.first = applications[0];
        this.routes = routes.isOnly() ? null : routes;
    }

    static LoopServed of(EdgeSettings settings, Routes routes, int loop) {
        return new LoopServed(
                settings,
                routes,
                routes.applications().stream()
                        .map(application -> new LoopApplication(application, loop))
                        .toArray(LoopApplication[]::new));
    }

    /** Others, of which those that are as they were are the same. */
    LoopServed changed(EdgeSettings newer, Routes now, int loop) {
        List<Application> wanted = now.applications();
        LoopApplication[] next = new LoopApplication[wanted.size()];
        for (int i = 0; i < next.length; i++) {
            next[i] = known(wanted.get(i), loop);
        }
        return new LoopServed(newer, now, next);
    }

    private LoopApplication known(Application wanted, int loop) {
        for (LoopApplication one : applications) {
            if (one.application == wanted) {
                return one;
            }
        }
        return new LoopApplication(wanted, loop);
    }

    /** Whether an application has a worker with a place that is not lost. */
    boolean isReady(long now) {
        for (LoopApplication one : applications) {
            for (DispatchSnapshot.SlotSnapshot slot :
                    one.dispatcher.snapshot(now).slots()) {
                if (slot.state().equals("ready") && slot.lost() < slot.capacity()) {
                    return true;
                }
            }
        }
        return false;
    }

    LoopApplication at(Routes.Place place) {
        return applications[place.application()];
    }
}
