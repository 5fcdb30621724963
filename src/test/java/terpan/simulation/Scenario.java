package terpan.simulation;

import static terpan.simulation.VirtualTime.MILLISECOND;
import static terpan.simulation.VirtualTime.SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What happens to four one-at-a-time workers behind a front. */
enum Scenario {
    MIXED(
            "Slow and quick mixed",
            "1,000 requests a second, 95 % of 0.1 ms and 5 % of 50 ms on a route of their own: 2.6 of 4 workers are busy.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            join(front, workers(time, 1, givesBack));
            new Load(time, front, results, 1, 5, MILLISECOND / 10, 50 * MILLISECOND).poisson(1_000, 60 * SECOND);
            time.run(90 * SECOND);
        }
    },
    HIDDEN(
            "Slow and quick on one route",
            "1,000 requests a second, of which 1 % take 50 ms and nobody can tell which.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            join(front, workers(time, 1, givesBack));
            new Load(time, front, results, 2, 1, MILLISECOND / 10, 50 * MILLISECOND)
                    .onOneRoute()
                    .poisson(1_000, 60 * SECOND);
            time.run(90 * SECOND);
        }
    },
    ONE_SLOW("One slow worker", "1,500 requests a second of 1 ms; one worker takes 20 times as long.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            join(front, workers(time, 20, givesBack));
            new Load(time, front, results, 3, 0, MILLISECOND, 0).poisson(1_500, 30 * SECOND);
            time.run(90 * SECOND);
        }
    },
    ONE_DEAD(
            "One dead worker",
            "1,000 requests a second of 1 ms; one worker hangs after 5 s. Terpan gives a request up after half a second, and ends a worker all of"
                    + "\nwhose places are held by such requests for as long (`hang-timeout`); the others' is ended after a second. Another takes its place in half a second.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            List<PretendWorker> workers = workers(time, 1, givesBack);
            Consumer<PretendWorker> replace = hung -> {
                front.leave(hung);
                hung.die();
                time.after(500 * MILLISECOND, () -> front.join(new PretendWorker("new", time, 1, givesBack)));
            };
            boolean sees = front.watch(500 * MILLISECOND, replace);
            join(front, workers);
            new Load(time, front, results, 4, 0, MILLISECOND, 0).poisson(1_000, 20 * SECOND);
            PretendWorker hangs = workers.getFirst();
            time.at(5 * SECOND, hangs::hang);
            if (!sees) {
                time.at(6 * SECOND, () -> replace.accept(hangs));
            }
            time.run(60 * SECOND);
        }
    },
    ALL_SLOW(
            "All slow",
            "600 requests a second of 10 ms for 20 s, where 400 can be served: what is too much has to be refused.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            join(front, workers(time, 1, givesBack));
            new Load(time, front, results, 5, 0, 10 * MILLISECOND, 0).poisson(600, 20 * SECOND);
            time.run(90 * SECOND);
        }
    },
    BURST("A burst", "200 requests a second of 2 ms, and 500 more in one moment.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            join(front, workers(time, 1, givesBack));
            Load load = new Load(time, front, results, 6, 0, 2 * MILLISECOND, 0);
            load.poisson(200, 20 * SECOND);
            time.at(5 * SECOND, () -> load.burst(500));
            time.run(60 * SECOND);
        }
    },
    ROLLING(
            "Rolling replacement",
            "1,500 requests a second of 1 ms; each worker in turn is drained, ends, and another takes its place 300 ms later.") {
        @Override
        void run(VirtualTime time, Front front, Results results, boolean givesBack) {
            List<PretendWorker> workers = workers(time, 1, givesBack);
            join(front, workers);
            new Load(time, front, results, 7, 0, MILLISECOND, 0).poisson(1_500, 20 * SECOND);
            for (int i = 0; i < workers.size(); i++) {
                PretendWorker old = workers.get(i);
                String name = "new" + i;
                time.at(
                        (2 + 2 * i) * SECOND,
                        () -> front.drain(old, () -> {
                            front.leave(old);
                            old.die();
                            time.after(
                                    300 * MILLISECOND, () -> front.join(new PretendWorker(name, time, 1, givesBack)));
                        }));
            }
            time.run(60 * SECOND);
        }
    };

    final String title;
    final String text;

    Scenario(String title, String text) {
        this.title = title;
        this.text = text;
    }

    abstract void run(VirtualTime time, Front front, Results results, boolean givesBack);

    private static List<PretendWorker> workers(VirtualTime time, int slownessOfTheFirst, boolean givesBack) {
        List<PretendWorker> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(new PretendWorker("w" + (i + 1), time, i == 0 ? slownessOfTheFirst : 1, givesBack));
        }
        return workers;
    }

    private static void join(Front front, List<PretendWorker> workers) {
        workers.forEach(front::join);
    }
}
