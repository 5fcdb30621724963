package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import terpan.serve.Processes;
import terpan.serve.RunningTerpan;

/** The application is imported once, in a process that forks the workers. */
final class Preloaded {
    private static final Duration MOST = Duration.ofSeconds(20);

    private Preloaded() {}

    /** On a Terpan of its own. */
    static void forked(Bench bench) throws Exception {
        bench.end();
        try {
            RunningTerpan terpan = bench.terpan("--preload");
            long parent = parents(terpan).getFirst();
            assertThat(bench.get("/").status()).isEqualTo(200);
            long worker = terpan.status().workers().getFirst().pid();
            Processes.kill(worker, "KILL");
            await().atMost(MOST).until(() -> terpan.status().readyWithout(worker, Bench.WORKERS));
            assertThat(parents(terpan)).containsExactly(parent);
            Processes.kill(parent, "KILL");
            await().atMost(MOST)
                    .until(() -> parents(terpan).size() == 1 && !parents(terpan).contains(parent));
            long orphan = terpan.status().workers().getFirst().pid();
            Processes.kill(orphan, "KILL");
            await().atMost(MOST).until(() -> terpan.status().readyWithout(orphan, Bench.WORKERS));
            assertThat(bench.get("/").status()).isEqualTo(200);
            bench.assertQuiet();
        } finally {
            bench.end();
        }
    }

    private static List<Long> parents(RunningTerpan terpan) {
        return terpan.otherProcesses().stream()
                .filter(pid -> Processes.commandLine(pid).contains("-preload "))
                .toList();
    }
}
