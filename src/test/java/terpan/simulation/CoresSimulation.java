package terpan.simulation;

import static terpan.simulation.VirtualTime.MILLISECOND;
import static terpan.simulation.VirtualTime.SECOND;

import java.util.List;

/** How busy workers may be, from few to many, before those who ask begin to feel it: what more cores carry follows from it. */
final class CoresSimulation {
    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8, 16, 64);
    private static final List<Integer> BUSY_PERCENT = List.of(50, 60, 70, 80, 90, 95);

    private CoresSimulation() {}

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## More workers

                One-at-a-time workers, a core each; requests of 1 ms, at random. *Busy*: what part of the workers' time the requests take. The
                front is taken to have a core to itself. A worker idles while an answer goes out and the next request comes in, 60
                microseconds of each: 95 % is more than exactly one each can carry, and only the window could.

                | workers | busy | requests a second | p50 ms | p99 ms | longest |
                | --- | --- | --- | --- | --- | --- |
                """);
        for (int workers : WORKERS) {
            for (int busy : BUSY_PERCENT) {
                report.append(row(workers, busy));
            }
        }
        return report.toString();
    }

    private static String row(int workers, int busy) {
        VirtualTime time = new VirtualTime();
        DispatcherFront front = new DispatcherFront("cores", time, 1);
        for (int i = 0; i < workers; i++) {
            front.join(new PretendWorker("w" + i, time, 1, false));
        }
        Results results = new Results();
        int perSecond = workers * busy * 10;
        new Load(time, front, results, 9, 0, MILLISECOND, 0).poisson(perSecond, 3 * SECOND);
        time.run(10 * SECOND);
        return "| " + workers + " | " + busy + " % | " + perSecond + " | " + results.times() + " |\n";
    }
}
