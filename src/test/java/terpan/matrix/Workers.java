package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import terpan.serve.Connection;
import terpan.serve.Load;
import terpan.serve.Processes;
import terpan.serve.Program;
import terpan.serve.RunningTerpan;
import terpan.serve.Status;

/** What becomes of the worker processes. */
final class Workers {
    private static final int PARALLEL_MOST = 32;
    private static final int CONNECTIONS = 16;
    private static final long SOME_ANSWERS = 200;
    private static final Duration MOST = Duration.ofSeconds(25);

    /** What curl says of a socket that it could not connect to. */
    private static final int NOT_CONNECTED = 7;

    private Workers() {}

    static void parallel(Bench bench) throws IOException {
        RunningTerpan terpan = bench.terpan();
        long capacity = terpan.status().workers().stream()
                .mapToLong(Status.Worker::capacity)
                .sum();
        int count = (int) Math.min(capacity, PARALLEL_MOST);
        Path began = bench.fresh("began");
        Path until = bench.fresh("until");
        List<Connection> connections = new ArrayList<>();
        try {
            for (int index = 0; index < count; index++) {
                Connection connection = bench.connect();
                connections.add(connection);
                connection.ask("GET", Bench.PREFIX + "/hold?began=" + began + "&until=" + until);
            }
            Bench.awaitFile(began, count);
            Bench.touch(until);
            for (Connection connection : connections) {
                assertThat(connection.read().body()).isEqualTo("released");
            }
        } finally {
            Bench.touch(until);
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    static void log(Bench bench) throws IOException {
        bench.get("/say?word=pineapple");
        bench.terpan().awaitLine("said to standard error: pineapple");
        bench.terpan().awaitLine("said to standard output: pineapple");
    }

    /** What it leaves behind is looked for when Terpan has ended. */
    static void child(Bench bench) throws IOException {
        for (int round = 0; round < 3; round++) {
            assertThat(bench.get("/child").body()).isEqualTo("from a child");
        }
        // One that was started last may not have its variables yet, by which it is found.
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(bench.terpan().otherProcesses()).hasSizeGreaterThan(Bench.WORKERS + 3));
    }

    static void socket(Bench bench) throws Exception {
        Path run = bench.terpan().runDirectory();
        assertThat(mode(run)).isEqualTo("rwx------");
        List<Path> sockets = sockets(run);
        assertThat(sockets).hasSize(Bench.WORKERS);
        for (Path socket : sockets) {
            assertThat(mode(socket)).as(socket.toString()).isEqualTo("rw-------");
            assertThat(Files.getAttribute(socket, "unix:uid"))
                    .isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        }
        if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            otherUserIsRefused(run, sockets.getFirst());
        }
    }

    private static List<Path> sockets(Path run) throws IOException {
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(entry -> entry.getFileName().toString().matches("w\\d+\\.\\d+"))
                    .sorted()
                    .toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** Neither through the directory nor, were that open, to the socket itself. */
    private static void otherUserIsRefused(Path run, Path socket) throws Exception {
        assertThat(connect(socket, "0")).as("root itself connects").isNotEqualTo(NOT_CONNECTED);
        assertThat(connect(socket, "65534")).isEqualTo(NOT_CONNECTED);
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx--x--x"));
        try {
            assertThat(connect(socket, "65534")).isEqualTo(NOT_CONNECTED);
        } finally {
            Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static int connect(Path socket, String user) throws Exception {
        Process curl = new ProcessBuilder(
                        "setpriv",
                        "--reuid",
                        user,
                        "--regid",
                        user,
                        "--clear-groups",
                        "curl",
                        "--silent",
                        "--max-time",
                        "1",
                        "--unix-socket",
                        socket.toString(),
                        "http://worker/shop/")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return curl.waitFor();
    }

    static void restart(Bench bench) throws Exception {
        RunningTerpan terpan = bench.terpan();
        bench.awaitWorkers();
        long before = terpan.status().workers().getLast().pid();
        Load load = Load.gentle(terpan.address(), Bench.PREFIX + "/", CONNECTIONS);
        Bench.awaitAnswers(load, SOME_ANSWERS);
        Program.Ended restart =
                terpan.command("restart", terpan.status().workers().getLast().name());
        assertThat(restart.code()).as(restart.err()).isZero();
        await().atMost(MOST).until(() -> terpan.status().readyWithout(before, Bench.WORKERS));
        Bench.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
        load.end();

        assertThat(load.failures()).isEmpty();
        assertThat(load.statuses()).containsOnlyKeys(200);
    }

    static void reload(Bench bench) throws Exception {
        RunningTerpan terpan = bench.terpan();
        bench.awaitWorkers();
        List<Long> before = pids(terpan);
        Load load = Load.gentle(terpan.address(), Bench.PREFIX + "/", CONNECTIONS);
        Bench.awaitAnswers(load, SOME_ANSWERS);
        Program.Ended reload = terpan.command("reload");
        assertThat(reload.code()).as(reload.err()).isZero();
        Bench.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
        load.end();

        assertThat(load.failures()).isEmpty();
        assertThat(load.statuses()).containsOnlyKeys(200);
        assertThat(pids(terpan)).hasSize(Bench.WORKERS).doesNotContainAnyElementsOf(before);
    }

    static List<Long> pids(RunningTerpan terpan) throws IOException {
        return terpan.status().workers().stream().map(Status.Worker::pid).toList();
    }

    static void killed(Bench bench) throws Exception {
        RunningTerpan terpan = bench.terpan();
        bench.awaitWorkers();
        double cutBefore = terpan.metric("terpan_answers_cut_total");
        Load load = Load.gentle(terpan.address(), Bench.PREFIX + "/", CONNECTIONS);
        Bench.awaitAnswers(load, SOME_ANSWERS);
        Status.Worker victim = terpan.status().workers().getFirst();
        Processes.kill(victim.pid(), "KILL");
        await().atMost(MOST).until(() -> terpan.status().readyWithout(victim.pid(), Bench.WORKERS));
        Bench.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
        long windowMost = terpan.status().workers().stream()
                .mapToLong(worker -> Math.max(worker.window(), worker.capacity()))
                .max()
                .orElseThrow();
        load.end();

        assertThat(load.statuses().keySet()).isSubsetOf(200, 502);
        // A server that sends head and body apart may have been killed between the two: that answer is cut.
        assertThat((double) load.failures().size()).isEqualTo(terpan.metric("terpan_answers_cut_total") - cutBefore);
        // The window may have deepened between the look at it and the kill.
        assertThat(load.answered(502) + load.failures().size())
                .isLessThanOrEqualTo(Math.max(2 * Math.max(victim.window(), victim.capacity()), windowMost));
    }
}
