package terpan.pool;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.dispatch.Hang;
import terpan.dispatch.Silence;
import terpan.link.WorkerEndpoint;
import terpan.loop.Loop;

/**
 * Looks for workers that hang, by what the dispatcher knows of requests that were given up. Of a worker that has ended nothing the loops
 * are asked whether a piece of an answer has come from it. Belongs to the first loop; what the loops find is put together on any of them.
 */
public final class HangWatch {
    private final WorkerPool pool;

    /** The loops have been asked and not all have answered: a loop that does not turn is not asked again and again. */
    private final AtomicBoolean asking = new AtomicBoolean();

    public HangWatch(WorkerPool pool) {
        this.pool = pool;
    }

    /** Looks now, by the first loop's clock; on its thread, a few times a second. */
    public void look(long now) {
        for (Hang hang : pool.dispatcher().hung(now)) {
            tell(
                    hang,
                    hang.givenUp() > 0
                            ? "all its places are held by requests that were given up"
                            : "all its threads are held by what goes on after its answer, such as close()");
        }
        List<Silence> silences = pool.dispatcher().silent(now);
        if (!silences.isEmpty() && asking.compareAndSet(false, true)) {
            ask(silences);
        }
    }

    private void ask(List<Silence> silences) {
        AtomicInteger left = new AtomicInteger(pool.loops().size());
        for (LoopSide side : pool.loops()) {
            Loop loop = side.loop();
            loop.execute(() -> {
                for (Silence silence : silences) {
                    if (side.heardFrom(silence.slot(), silence.since())) {
                        pool.dispatcher().heard(silence.slot(), loop.now());
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
            pool.dispatcher()
                    .unheard(silence, now)
                    .ifPresent(hang -> tell(hang, "its one thread answers nothing, and requests were given up"));
        }
    }

    private void tell(Hang hang, String why) {
        WorkerEndpoint worker = pool.table().get(hang.slot().index());
        if (worker != null) {
            worker.hangs(why + " (" + hang.givenUp() + " given up, " + hang.others() + " others in flight)");
        }
    }
}
