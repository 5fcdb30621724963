package terpan.simulation;

import static terpan.simulation.VirtualTime.MILLISECOND;
import static terpan.simulation.VirtualTime.SECOND;

import java.util.ArrayList;
import java.util.List;
import terpan.config.Settings;

/** What it costs that a client has one worker: nobody goes to an idle one while its own is busy, until that is gone. */
final class StickySimulation {
    private static final int CLIENTS = 200;

    private StickySimulation() {}

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## Sticky

                Four one-at-a-time workers and 200 clients; 1,000 requests a second of 1 ms, at random. *Moved*: requests that were not answered by the worker that
                had answered the client before. *Slow*: one worker takes three times as long. *Away*: one worker is drained after 5 s, and another of its name
                comes 5 s later.

                | choice | workers | answers | p50 ms | p99 ms | longest | refused | moved |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (Settings.Choice choice : List.of(Settings.Choice.LEAST_LOADED, Settings.Choice.STICKY)) {
            report.append(row(choice, "alike", 1, false));
            report.append(row(choice, "one slow", 3, false));
            report.append(row(choice, "one away", 1, true));
        }
        return report.toString();
    }

    private static String row(Settings.Choice choice, String workers, int slowness, boolean away) {
        VirtualTime time = new VirtualTime();
        DispatcherFront front = new DispatcherFront("sticky", time, 1, choice);
        List<PretendWorker> all = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            PretendWorker worker = new PretendWorker("w" + i, time, i == 1 ? slowness : 1, false);
            all.add(worker);
            front.join(worker);
        }
        Results results = new Results();
        new Load(time, front, results, 9, 0, MILLISECOND, 0).of(CLIENTS).poisson(1_000, 20 * SECOND);
        if (away) {
            PretendWorker leaves = all.getFirst();
            time.at(5 * SECOND, () -> front.drain(leaves, () -> front.leave(leaves)));
            time.at(10 * SECOND, () -> front.join(new PretendWorker("w1", time, 1, false)));
        }
        time.run(60 * SECOND);
        return "| " + (choice == Settings.Choice.STICKY ? "sticky" : "least-loaded") + " | " + workers + " | "
                + results.answers() + " | " + results.times() + " | " + results.refused + " | " + results.moved
                + " |\n";
    }
}
