package terpan.daemon;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Hang;
import terpan.dispatch.Silence;
import terpan.edge.Edge;
import terpan.link.LinkTable;
import terpan.link.WorkerEndpoint;
import terpan.loop.NioLoop;

/**
 * Looks for workers that hang, by what the dispatcher knows of requests that were given up. Of a worker that has ended nothing the loops
 * are asked whether a piece of an answer has come from it. Belongs to the first loop; what the loops find is put together on any of them.
 */
final class HangWatch {
    private final Dispatcher dispatcher;
    private final LinkTable table;
    private final List<NioLoop> loops;
    private final List<Edge> edges;

    /** The loops have been asked and not all have answered: a loop that does not turn is not asked again and again. */
    private final AtomicBoolean asking = new AtomicBoolean();

    HangWatch(Dispatcher dispatcher, LinkTable table, List<NioLoop> loops, List<Edge> edges) {
        this.dispatcher = dispatcher;
        this.table = table;
        this.loops = loops;
        this.edges = edges;
    }

    void look(long now) {
        for (Hang hang : dispatcher.hung(now)) {
            tell(
                    hang,
                    hang.givenUp() > 0
                            ? "all its places are held by requests that were given up"
                            : "all its threads are held by what goes on after its answer, such as close()");
        }
        List<Silence> silences = dispatcher.silent(now);
        if (!silences.isEmpty() && asking.compareAndSet(false, true)) {
            ask(silences);
        }
    }

    private void ask(List<Silence> silences) {
        AtomicInteger left = new AtomicInteger(loops.size());
        for (int i = 0; i < loops.size(); i++) {
            NioLoop loop = loops.get(i);
            Edge edge = edges.get(i);
            loop.execute(() -> {
                for (Silence silence : silences) {
                    if (edge.heardFrom(silence.slot(), silence.since())) {
                        dispatcher.heard(silence.slot(), loop.now());
                    }
                }
                if (left.decrementAndGet() == 0) {
                    asking.set(false);
                    conclude(silences, loop.now());
                }
            });
        }
    }

    private void conclude(List<Silence> silences, long now) {
        for (Silence silence : silences) {
            dispatcher
                    .unheard(silence, now)
                    .ifPresent(hang -> tell(hang, "its one thread answers nothing, and requests were given up"));
        }
    }

    private void tell(Hang hang, String why) {
        WorkerEndpoint point = table.get(hang.slot().index());
        if (point != null) {
            point.hangs(why + " (" + hang.givenUp() + " given up, " + hang.others() + " others in flight)");
        }
    }
}
