package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reloads that work and that do not, kills of workers and of what forks them, scalings, pauses, rollbacks and restarts in any order, some of them at once, under load: every
 * request is answered once, only what a killed worker held is lost, and nothing is left behind. {@code -Dterpan.changes.seed=N} runs
 * another sequence, {@code -Dterpan.changes.steps=N} a longer one.
 */
@Timeout(600)
final class RandomChangesIT {
    private static final int STEPS = Integer.getInteger("terpan.changes.steps", 8);
    private static final int CLIENTS = 6;
    private static final int THREADS = 2;
    private static final int SOME_ANSWERS = 50;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int REFUSED = 9;
    private static final int UNFINISHED = 14;
    private static final int ROLLED_BACK = 15;

    @TempDir
    private Path folder;

    private Random random = new Random(0);
    private final List<String> done = new ArrayList<>();
    private int releases;
    private int killed;

    /** A release of its own, so that a rollback finds what it was. */
    private void release(String kind) throws IOException {
        releases++;
        Path release = Files.createDirectories(folder.resolve("releases/" + releases));
        Files.writeString(release.resolve("shop.py"), """
                import time
                kind = "%s"
                if kind == "broken":
                    raise RuntimeError("a mistake in the code")
                if kind == "slow":
                    time.sleep(1)

                def application(environ, start_response):
                    if kind == "fails":
                        raise RuntimeError("it imports, and that is all")
                    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
                    return [b"ok"]
                """.formatted(kind));
        Path fresh = folder.resolve("current.new");
        Files.createSymbolicLink(fresh, release);
        Files.move(fresh, folder.resolve("current"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "builtin:private",
                "waitress:private",
                "gunicorn:shared",
                "builtin:private:preload",
                "gunicorn:shared:preload"
            })
    void whateverChangesNothingIsLostButWhatAKilledWorkerHeld(String setup) throws Exception {
        String[] parts = setup.split(":", -1);
        String server = parts[0];
        String socket = parts[1];
        boolean preload = parts.length > 2;
        long seed = Long.getLong("terpan.changes.seed", System.nanoTime());
        random = new Random(seed);
        release("works");
        Files.writeString(
                folder.resolve("terpan.toml"),
                "[application]\nname = \"%s\"\nwarm = [\"/\"]\n%s[server]\nname = \"%s\"\n[workers]\ncount = \"1..3\"\nscale-down-after = \"1s\"\nthreads = %d\nsocket = \"%s\"\npreload = %s\n"
                        .formatted(folder.resolve("current/shop.py"), more(), server, THREADS, socket, preload));
        List<String> arguments = List.of(
                "--config",
                folder.resolve("terpan.toml").toString(),
                "--python",
                Program.python().toString());
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            try {
                for (int step = 0; step < STEPS; step++) {
                    change(terpan);
                    EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
                }
                assertThat(terpan.command("scale", "2").code()).isIn(0, UNFINISHED);
                await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
            } finally {
                load.end();
            }
            assertThat(load.statuses().keySet()).isSubsetOf(200, 502);
            // What a killed worker held, and what was on its way to it when that was seen.
            assertThat(load.answered(502) + load.failures().size())
                    .as(() -> "failures " + load.failures())
                    .isLessThanOrEqualTo(2L * killed * CLIENTS);
            if (killed == 0) {
                assertThat(load.failures()).isEmpty();
            }
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("-Dterpan.changes.seed=" + seed + " with " + setup + " after " + done, failed);
        }
    }

    /** What a reload does beside what it has to. */
    private String more() {
        String keep = random.nextBoolean() ? "keep = \"10m\"\n" : "";
        return keep + (random.nextBoolean() ? "prove = {share = \"50%\", for = \"1s\", requests = 10}\n" : "");
    }

    private void change(RunningTerpan terpan) throws Exception {
        String what = switch (random.nextInt(10)) {
            case 0, 1 -> reload(terpan, "works", List.of());
            case 2 -> reload(terpan, "broken", List.of());
            case 3 -> reload(terpan, "fails", List.of());
            case 4 -> reload(terpan, List.of("works", "broken", "fails").get(random.nextInt(3)), List.of("--in-place"));
            case 5 -> twoAtOnce(terpan);
            case 6 -> kill(terpan);
            case 7 -> {
                assertThat(terpan.command("rollback").code()).isIn(0, REFUSED, ROLLED_BACK);
                yield "rollback";
            }
            case 8 -> {
                String count = random.nextInt(3) == 0 ? "auto" : Integer.toString(1 + random.nextInt(3));
                assertThat(terpan.command("scale", count).code()).isZero();
                yield "scale " + count;
            }
            default -> pauseOrRestart(terpan);
        };
        done.add(what);
    }

    private String reload(RunningTerpan terpan, String kind, List<String> more) throws Exception {
        release(kind);
        List<String> words = new ArrayList<>(List.of("reload"));
        words.addAll(more);
        Program.Ended reload = terpan.command(words.toArray(String[]::new));
        assertThat(reload.code()).as(kind + reload.err()).isEqualTo(kind.equals("works") ? 0 : ROLLED_BACK);
        return kind + more;
    }

    private String twoAtOnce(RunningTerpan terpan) throws Exception {
        release("slow");
        assertThat(terpan.command("reload", "--no-wait").code()).isZero();
        String what = "slow, and at once ";
        if (random.nextBoolean()) {
            return what + kill(terpan) + ", " + reload(terpan, "works", List.of());
        }
        return what + reload(terpan, random.nextBoolean() ? "works" : "broken", List.of());
    }

    private String kill(RunningTerpan terpan) throws Exception {
        // Workers serve on without a guard or a fork parent: nothing may be lost.
        for (String who : List.of("guard.py", "-preload ")) {
            List<Long> found = terpan.otherProcesses().stream()
                    .filter(pid -> Processes.commandLine(pid).contains(who))
                    .toList();
            if (!found.isEmpty() && random.nextInt(3) == 0) {
                Processes.kill(found.get(random.nextInt(found.size())), "KILL");
                return "kill " + who.strip();
            }
        }
        List<Status.Worker> ready = terpan.status().workers().stream()
                .filter(worker -> worker.state().equals("ready"))
                .toList();
        if (ready.isEmpty()) {
            return "nobody to kill";
        }
        killed++;
        Status.Worker worker = ready.get(random.nextInt(ready.size()));
        Processes.kill(worker.pid(), "KILL");
        return "kill " + worker.name();
    }

    private String pauseOrRestart(RunningTerpan terpan) throws Exception {
        if (random.nextBoolean()) {
            assertThat(terpan.command("pause").code()).isZero();
            assertThat(terpan.command("resume").code()).isZero();
            return "pause";
        }
        assertThat(terpan.command("restart", "--all").code()).isIn(0, UNFINISHED);
        return "restart";
    }
}
