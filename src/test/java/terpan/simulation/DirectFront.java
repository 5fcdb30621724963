package terpan.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** A front without a queue: each request goes to some worker at once and waits there, as with a shared socket or a plain proxy. */
final class DirectFront implements Front {
    enum Choice {
        RANDOM,
        ROUND_ROBIN,
        LEAST_CONNECTIONS
    }

    private final VirtualTime time;
    private final Choice choice;
    private final Random random = new Random(11);
    private final List<PretendWorker> workers = new ArrayList<>();
    private final Map<PretendWorker, Integer> inFlight = new HashMap<>();
    private final Map<PretendWorker, Runnable> draining = new HashMap<>();
    private int next;

    DirectFront(VirtualTime time, Choice choice) {
        this.time = time;
        this.choice = choice;
    }

    @Override
    public String name() {
        return switch (choice) {
            case RANDOM -> "no queue, at random";
            case ROUND_ROBIN -> "no queue, round robin";
            case LEAST_CONNECTIONS -> "no queue, least connections";
        };
    }

    @Override
    public void join(PretendWorker worker) {
        workers.add(worker);
        inFlight.put(worker, 0);
    }

    @Override
    public void drain(PretendWorker worker, Runnable idle) {
        workers.remove(worker);
        draining.put(worker, idle);
        tellIfIdle(worker);
    }

    @Override
    public void leave(PretendWorker worker) {
        workers.remove(worker);
    }

    @Override
    public void arrive(Request request) {
        if (workers.isEmpty()) {
            request.results().refused++;
            return;
        }
        PretendWorker worker = choose();
        inFlight.merge(worker, 1, Integer::sum);
        worker.take(new Job() {
            @Override
            public long service() {
                return request.service();
            }

            @Override
            public void answered() {
                done(worker);
                request.results().answered(request, time.now());
            }

            @Override
            public void returned() {
                throw new IllegalStateException(
                        "worker " + worker.name + " gave back a request to a front without a queue");
            }

            @Override
            public void lost() {
                done(worker);
                request.results().lost++;
            }
        });
    }

    @Override
    public boolean watch(long answerIdle, Consumer<PretendWorker> hung) {
        return false;
    }

    private PretendWorker choose() {
        return switch (choice) {
            case RANDOM -> workers.get(random.nextInt(workers.size()));
            case ROUND_ROBIN -> workers.get(next++ % workers.size());
            case LEAST_CONNECTIONS -> {
                PretendWorker best = workers.get(next++ % workers.size());
                for (PretendWorker worker : workers) {
                    best = inFlight.getOrDefault(worker, 0) < inFlight.getOrDefault(best, 0) ? worker : best;
                }
                yield best;
            }
        };
    }

    private void done(PretendWorker worker) {
        inFlight.merge(worker, -1, Integer::sum);
        tellIfIdle(worker);
    }

    private void tellIfIdle(PretendWorker worker) {
        if (inFlight.getOrDefault(worker, 0) == 0) {
            Runnable idle = draining.remove(worker);
            if (idle != null) {
                idle.run();
            }
        }
    }
}
