package terpan.simulation;

import static terpan.simulation.VirtualTime.MILLISECOND;
import static terpan.simulation.VirtualTime.SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Two groups of two workers with different weights, from little load to more than they can serve. */
final class WeightSimulation {
    private WeightSimulation() {}

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## Weights

                Two groups of two one-at-a-time workers; requests of 1 ms, at random. *Share*: what part of the requests the first group had. A weight
                counts while there is a choice: an idle worker is always used, so the busier all are, the less it says.

                | weights | requests a second | share | p50 ms | p99 ms | longest |
                | --- | --- | --- | --- | --- | --- |
                """);
        for (int weight : new int[] {1, 3, 10}) {
            for (int perSecond : new int[] {100, 1_000, 2_000, 3_600, 4_400}) {
                report.append(row(weight, perSecond));
            }
        }
        return report.toString();
    }

    private static String row(int weight, int perSecond) {
        VirtualTime time = new VirtualTime();
        DispatcherFront front = new DispatcherFront("weights", time, 1);
        List<PretendWorker> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            PretendWorker worker = new PretendWorker("w" + i, time, 1, false);
            workers.add(worker);
            front.join(worker, i < 2 ? weight : 1);
        }
        Results results = new Results();
        new Load(time, front, results, 8, 0, MILLISECOND, 0).poisson(perSecond, 10 * SECOND);
        time.run(40 * SECOND);
        long first = front.settled(workers.get(0)) + front.settled(workers.get(1));
        long second = front.settled(workers.get(2)) + front.settled(workers.get(3));
        return "| " + weight + " : 1 | " + perSecond + " | "
                + String.format(Locale.ROOT, "%.2f", first / (double) (first + second)) + " | " + results.times()
                + " |\n";
    }
}
