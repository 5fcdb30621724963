package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that are forked from a process that has imported the application. */
@Timeout(180)
final class PreloadIT {
    private static final int CLIENTS = 6;
    private static final int SOME_ANSWERS = 200;
    private static final int CONFIGURATION = 3;
    private static final int APPLICATION = 4;
    private static final int ROLLED_BACK = 15;
    private static final Duration SOON = Duration.ofSeconds(40);

    /** Notes each import, and does on request what ends it; what it does beside that at its import comes before. */
    private static final String CODE = """
            import os, random, sys
            with open("imports", "a") as imports:
                imports.write(f"{os.getpid()}\\n")
            print("imported", flush=True)
            VERSION = open("version").read()

            def application(environ, start_response):
                path = environ["PATH_INFO"]
                body = {"/pid": str(os.getpid()), "/random": str(random.random())}.get(path, VERSION)
                if path == "/says":
                    print("it prints")
                    print("it complains", file=sys.stderr)
                    open("/dev/stdout", "w").write("it opens its output\\n")
                if path == "/exit":
                    print("it goes", flush=True)
                    os._exit(7)
                if path == "/sockets":
                    body = " ".join(
                        each for number in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{number}")
                        if (each := os.readlink(f"/proc/self/fd/{number}")).startswith(("socket:", "pipe:"))
                    )
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
                return [body.encode()]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String more, String... flags) throws IOException {
        Files.writeString(folder.resolve("shop.py"), more + "\n" + CODE);
        Files.writeString(folder.resolve("version"), "1");
        Files.writeString(
                folder.resolve("terpan.toml"),
                "[application]\nname = \"shop:application\"\nkeep = \"10m\"\n[workers]\npreload = true\n");
        List<String> arguments = new ArrayList<>(
                List.of("--config", folder.resolve("terpan.toml").toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        arguments.addAll(List.of(flags));
        return RunningTerpan.start(Map.of(), arguments);
    }

    private int imports() throws IOException {
        return Files.readAllLines(folder.resolve("imports")).size();
    }

    private static List<Long> parents(RunningTerpan terpan) {
        return terpan.otherProcesses().stream()
                .filter(pid -> Processes.commandLine(pid).contains("-preload "))
                .toList();
    }

    private static long parent(RunningTerpan terpan) {
        await().atMost(SOON).until(() -> parents(terpan).size() == 1);
        return parents(terpan).getFirst();
    }

    private static Set<Long> pids(RunningTerpan terpan) throws IOException {
        return terpan.status().workers().stream()
                .filter(worker -> worker.state().equals("ready"))
                .map(Status.Worker::pid)
                .collect(Collectors.toSet());
    }

    private static long pid(RunningTerpan terpan, int number) throws IOException {
        return terpan.status().workers().get(number - 1).pid();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @CsvSource({
        "builtin, --socket=private",
        "gunicorn, --socket=shared",
        "waitress, --socket=tcp",
        "uvicorn, --socket=private",
        "gevent, --socket=shared"
    })
    void oneImportIsForAllWorkersThatComeWhateverBecomesOfThem(String server, String socket) throws Exception {
        try (RunningTerpan terpan = serve("", "--server", server, "--workers", "2", socket)) {
            LoadIT.awaitWorkers(terpan, 2);
            final long parent = parent(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.command("scale", "3").code()).isZero();
            LoadIT.awaitWorkers(terpan, 3);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);

            long killed = pid(terpan, 1);
            Processes.kill(killed, "KILL");
            await().atMost(SOON).until(() -> terpan.status().readyWithout(killed, 3));
            terpan.awaitLine("reason=\"killed by signal 9\"");
            assertThat(imports()).isEqualTo(1);
            assertThat(parent(terpan)).isEqualTo(parent);
            assertThat(Processes.runs(parent)).isTrue();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"builtin", "gunicorn"})
    void whenTheParentIsKilledItsWorkersServeOnAndAnotherForksTheNext(String server) throws Exception {
        try (RunningTerpan terpan = serve("", "--server", server, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            final Set<Long> before = pids(terpan);
            long parent = parent(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            Processes.kill(parent, "KILL");
            terpan.awaitLine("what forks workers has ended");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(pids(terpan)).isEqualTo(before);
            await().atMost(SOON)
                    .until(() -> parents(terpan).size() == 1 && !parents(terpan).contains(parent));

            long orphan = pid(terpan, 1);
            Processes.kill(orphan, "KILL");
            await().atMost(SOON).until(() -> terpan.status().readyWithout(orphan, 2));
            assertThat(imports()).isEqualTo(2);

            // An orphan drains and ends as any other does.
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(pids(terpan)).hasSize(2).doesNotContainAnyElementsOf(before);
        }
    }

    @Test
    void aParentThatHangsIsEndedWhenAWorkerDoesNotComeInTimeAndOthersServeOn() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2", "--start-timeout", "3s")) {
            LoadIT.awaitWorkers(terpan, 2);
            final long other = pid(terpan, 2);
            long parent = parent(terpan);
            Processes.kill(parent, "STOP");
            long worker = pid(terpan, 1);
            Processes.kill(worker, "KILL");
            await().atMost(SOON).until(() -> terpan.status().readyWithout(worker, 2));
            assertThat(Processes.runs(parent)).isFalse();
            assertThat(pid(terpan, 2)).isEqualTo(other);
        }
    }

    @Test
    void parentAndWorkersAreKilledTogetherAgainAndAgain() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            for (int round = 0; round < 3; round++) {
                LoadIT.awaitWorkers(terpan, 2);
                Set<Long> before = pids(terpan);
                List<Long> all = new ArrayList<>(parents(terpan));
                all.addAll(before);
                for (long each : all) {
                    Processes.kill(each, "KILL");
                }
                await().atMost(SOON)
                        .until(() -> pids(terpan).size() == 2
                                && pids(terpan).stream().noneMatch(before::contains));
                assertThat(terpan.get("/").body()).isEqualTo("1");
            }
            await().atMost(SOON).until(() -> parents(terpan).size() == 1);
        }
    }

    /** A hook of the application may take its time before each fork: the parent does not hang. */
    @Test
    void aParentThatIsAtASlowHookIsLeftAtIt() throws Exception {
        String hook = """
                import os, time
                slow = os.path.exists("slow")
                os.register_at_fork(before=lambda: os.path.exists("slow") and time.sleep(2))
                """;
        try (RunningTerpan terpan = serve(hook, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            long parent = parent(terpan);
            EndsIT.touch(folder.resolve("slow"));
            assertThat(terpan.command("scale", "3", "--no-wait").code()).isZero();
            long killed = pid(terpan, 1);
            Processes.kill(killed, "KILL");
            await().atMost(SOON).until(() -> terpan.status().readyWithout(killed, 3));
            assertThat(parent(terpan)).isEqualTo(parent);
            assertThat(imports()).isEqualTo(1);
        }
    }

    /** What it has forked was turned away, and may have taken the worker's socket before. */
    @Test
    void aParentThatItsChildKillsIsReplacedAndTheWorkerComes() throws Exception {
        String hook = """
                import os, signal
                def deadly():
                    if os.path.exists("deadly"):
                        os.remove("deadly")
                        os.kill(os.getppid(), signal.SIGKILL)
                os.register_at_fork(after_in_child=deadly)
                """;
        try (RunningTerpan terpan = serve(hook, "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            EndsIT.touch(folder.resolve("deadly"));
            Program.Ended scale = terpan.command("scale", "2");
            assertThat(scale.code()).as(scale.err()).isZero();
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(imports()).isEqualTo(2);
        }
    }

    /** Each import begins a process that outlives it and holds its output: nothing is left of that but the process. */
    @Test
    void whatAnImportLeavesBehindKeepsNoThreadOfOurs() throws Exception {
        String daemon = """
                import os, subprocess
                subprocess.Popen(["sh", "-c", "sleep 300 & echo $! >> daemons"]).wait()
                """;
        try (RunningTerpan terpan = serve(daemon, "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            Files.writeString(
                    folder.resolve("terpan.toml"),
                    "[application]\nname = \"shop:application\"\n[workers]\npreload = true\n");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.command("reload").code()).isZero();
            // The generation before may still be ending here: its parent and its worker count too. A thread that each
            // reload left behind would be more than these two in the end.
            long threads = outputThreads(terpan);
            for (int i = 0; i < 4; i++) {
                assertThat(terpan.command("reload").code()).isZero();
            }
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(outputThreads(terpan)).isLessThanOrEqualTo(threads));
        } finally {
            for (String pid : Files.readAllLines(folder.resolve("daemons"))) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private static long outputThreads(RunningTerpan terpan) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + terpan.pid() + "/task"))) {
            return tasks.filter(task -> {
                        try {
                            return Files.readString(task.resolve("comm")).startsWith("terpan-output");
                        } catch (IOException gone) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void whatAWorkerWritesAndHowItEndsIsToldAsOfAnyOther() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            terpan.awaitLine("imported worker=builtin-preload");
            terpan.get("/says");
            for (String said : List.of("it prints", "it complains", "it opens its output")) {
                terpan.awaitLine(said + " worker=builtin-");
            }
            assertThat(terpan.errors()).noneMatch(line -> line.contains("it prints worker=builtin-preload"));
            assertThat(terpan.get("/exit").status()).isEqualTo(502);
            terpan.awaitLine("reason=\"exit status 7\"");
            terpan.awaitLine("last_lines=\"it goes\"");
            await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
            long worker = pid(terpan, 1);
            Processes.kill(worker, "SEGV");
            terpan.awaitLine("reason=\"killed by signal 11\"");
            await().atMost(SOON).until(() -> terpan.status().readyWithout(worker, 2));
            Processes.kill(pid(terpan, 1), "USR2");
            terpan.awaitLine("most recent call first");
        }
    }

    @Test
    void eachHasItsOwnTitleRandomNumbersAndDescriptors() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2", "--choice", "round-robin")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(Processes.commandLine(pid(terpan, 1))).startsWith("terpan: builtin-1 shop:application");
            assertThat(Processes.commandLine(pid(terpan, 2))).startsWith("terpan: builtin-2 shop:application");
            assertThat(terpan.get("/random").body())
                    .isNotEqualTo(terpan.get("/random").body());
            String first = terpan.get("/pid").body();
            assertThat(terpan.get("/pid").body()).isNotEqualTo(first);
            Set<String> one =
                    new HashSet<>(List.of(terpan.get("/sockets").body().split(" ", -1)));
            Set<String> other =
                    new HashSet<>(List.of(terpan.get("/sockets").body().split(" ", -1)));
            assertThat(one).isNotEmpty().doesNotContainAnyElementsOf(other);
            long parent = parent(terpan);
            long open = Processes.sockets(parent);
            for (int round = 0; round < 3; round++) {
                assertThat(terpan.command("restart", "--all").code()).isZero();
            }
            await().atMost(SOON).until(() -> Processes.sockets(parent) == open);
        }
    }

    @Test
    void aReloadHasAParentOfItsOwnAndARollbackLeadsBackToTheOldOne() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            final Set<Long> before = pids(terpan);
            long parent = parent(terpan);
            String code = Files.readString(folder.resolve("shop.py"));
            Files.writeString(folder.resolve("shop.py"), code + "\nraise RuntimeError('a mistake in the code')\n");
            Program.Ended broken = terpan.command("reload");
            assertThat(broken.code()).isEqualTo(ROLLED_BACK);
            assertThat(broken.out() + broken.err())
                    .contains("RuntimeError: a mistake in the code", "shop.py")
                    .doesNotContain("terpan_worker");
            assertThat(pids(terpan)).isEqualTo(before);
            assertThat(parent(terpan)).isEqualTo(parent);

            Files.writeString(folder.resolve("shop.py"), code);
            Files.writeString(folder.resolve("version"), "2");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("2");
            assertThat(parents(terpan)).hasSize(2).contains(parent); // the old generation is kept
            assertThat(terpan.command("rollback").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("1");
            assertThat(pids(terpan)).isEqualTo(before);
            int imports = imports();
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("1");
            assertThat(imports()).isEqualTo(imports);

            Files.writeString(folder.resolve("version"), "3");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("3");
            await().atMost(SOON).until(() -> parents(terpan).size() == 2 && !Processes.runs(parent));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"builtin", "gunicorn"})
    void nothingIsLeftWhenTheFrontIsKilled(String server) throws Exception {
        try (RunningTerpan terpan = serve("", "--server", server, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(parents(terpan)).hasSize(1);
            terpan.signal("KILL");
            terpan.exitCode();
            await().atMost(SOON).until(() -> terpan.otherProcesses().isEmpty());
        }
    }

    @Test
    void nothingIsLeftWhenTheFrontIsKilledWhileTheApplicationIsImported() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            String code = Files.readString(folder.resolve("shop.py"));
            Files.writeString(
                    folder.resolve("shop.py"), "import time\nopen('sleeps', 'w').close()\ntime.sleep(60)\n" + code);
            Thread.ofVirtual().start(() -> {
                try {
                    terpan.command("reload");
                } catch (Exception cut) {
                    // It ends with the front.
                }
            });
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("sleeps")));
            terpan.signal("KILL");
            terpan.exitCode();
            await().atMost(SOON).until(() -> terpan.otherProcesses().isEmpty());
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @CsvSource(delimiter = '|', textBlock = """
            import threading, time; threading.Thread(target=time.sleep, args=(60,), name='poller', daemon=True).start() | the thread 'poller', which runs sleep, started at shop.py:1 in <module>
            import _thread, time; _thread.start_new_thread(lambda: time.sleep(60), ()) | a thread without a name, which is at shop.py:1 in <lambda>
            import _thread, time; _thread.start_new_thread(time.sleep, (60,)) | a thread of native code
            import socket; database = socket.create_connection(('127.0.0.1', PORT)) | a connection to 127.0.0.1:PORT, descriptor
            import socket; server = socket.create_server(('127.0.0.1', 0)) | a socket that listens at 127.0.0.1:
            import asyncio; loop = asyncio.new_event_loop() | an event loop: <_UnixSelectorEventLoop running=False closed=False
            import subprocess; cache = subprocess.Popen(['sleep', '60']) | which it has started: sleep 60
            """)
    void whatAForkWouldBreakIsToldAndNothingIsServed(String line, String told) throws Exception {
        try (java.net.ServerSocket database =
                new java.net.ServerSocket(0, 16, java.net.InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(database.getLocalPort());
            Files.writeString(folder.resolve("shop.py"), line.replace("PORT", port) + "\n" + CODE);
            Files.writeString(folder.resolve("version"), "1");
            for (String command : List.of("serve", "check")) {
                Program.Ended ended = run(command);
                assertThat(ended.code()).as(ended.err()).isEqualTo(CONFIGURATION);
                assertThat(ended.err() + ended.out())
                        .contains("can not be preloaded (workers.preload)")
                        .contains(told.replace("PORT", port))
                        .doesNotContain("\tat ");
            }
        }
    }

    private Program.Ended run(String command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command, "shop:application", "--preload", "--workers", "2"));
        arguments.addAll(List.of("--python", Program.python().toString()));
        Path run = Files.createTempDirectory(Path.of("/tmp"), "tp");
        arguments.addAll(List.of("--bind", "127.0.0.1:0", "--run-directory", run.toString()));
        Program.Ended ended = Program.run(folder, arguments.toArray(String[]::new));
        assertThat(Processes.withEnvironment("=" + run + "/")).isEmpty();
        try (var left = Files.walk(run)) {
            for (Path path : left.toList().reversed()) {
                Files.delete(path);
            }
        }
        return ended;
    }

    @Test
    void aReloadToAnUnsafeOneIsRolledBack() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            final Set<Long> before = pids(terpan);
            String code = Files.readString(folder.resolve("shop.py"));
            Files.writeString(
                    folder.resolve("shop.py"), "import threading\nthreading.Timer(60, print).start()\n" + code);
            Program.Ended unsafe = terpan.command("reload");
            assertThat(unsafe.code()).isEqualTo(ROLLED_BACK);
            assertThat(unsafe.out() + unsafe.err()).contains("of the class Timer", "started at shop.py:2 in <module>");
            assertThat(pids(terpan)).isEqualTo(before);
            assertThat(parents(terpan)).hasSize(1);
        }
    }

    @Test
    void whatTheApplicationPutsRightAtAForkIsRight() throws Exception {
        String hooks = """
                import os, threading
                class Poller:
                    def start(self):
                        self.ended = threading.Event()
                        self.thread = threading.Thread(target=self.ended.wait, daemon=True)
                        self.thread.start()
                    def stop(self):
                        self.ended.set()
                        self.thread.join()
                poller = Poller()
                poller.start()
                os.register_at_fork(before=poller.stop, after_in_child=poller.start, after_in_parent=poller.start)
                """;
        try (RunningTerpan terpan = serve(hooks, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("1");
        }
    }

    @Test
    void anApplicationThatDoesNotImportFailsAsWithoutIt() throws Exception {
        Files.writeString(folder.resolve("version"), "1");
        Files.writeString(folder.resolve("shop.py"), "raise RuntimeError('no database named shop')\n");
        Program.Ended raises = run("serve");
        assertThat(raises.code()).isEqualTo(APPLICATION);
        assertThat(raises.err())
                .contains("RuntimeError: no database named shop", "shop.py\", line 1")
                .doesNotContain("terpan_worker");
        Files.writeString(folder.resolve("shop.py"), "import os\nprint('it gives up', flush=True)\nos._exit(3)\n");
        Program.Ended exits = run("serve");
        assertThat(exits.code()).isEqualTo(APPLICATION);
        assertThat(exits.err()).contains("exit status 3", "it gives up");
    }

    @Test
    void anImportThatHangsSaysWhere() throws Exception {
        Files.writeString(
                folder.resolve("shop.py"), "import time\n\ndef connect():\n    time.sleep(100)\n\nconnect()\n");
        Files.writeString(
                folder.resolve("terpan.toml"), "[application]\nname = \"shop\"\n[workers]\nstart-timeout = \"2s\"\n");
        Path run = Files.createTempDirectory(Path.of("/tmp"), "tp");
        Program.Ended ended = Program.run(
                folder,
                "serve",
                "--config",
                folder.resolve("terpan.toml").toString(),
                "--preload",
                "--python",
                Program.python().toString(),
                "--bind",
                "127.0.0.1:0",
                "--run-directory",
                run.toString());
        assertThat(ended.code()).isEqualTo(APPLICATION);
        assertThat(ended.err()).contains("was not ready within 2s", "shop.py\", line 4 in connect");
        assertThat(Processes.withEnvironment("=" + run + "/")).isEmpty();
        Files.delete(run.resolve("lock"));
        Files.delete(run);
    }

    @Test
    void aDjangoProjectIsServed() throws Exception {
        Process made = new ProcessBuilder(
                        Program.python().toString(), "-m", "django", "startproject", "shop", folder.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        Path settings = folder.resolve("shop/settings.py");
        Files.writeString(settings, Files.readString(settings) + "\nALLOWED_HOSTS = ['*']\n");
        List<String> arguments = new ArrayList<>(List.of("shop.wsgi", "--preload", "--workers", "2"));
        arguments.addAll(List.of("--chdir", folder.toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.get("/").body()).contains("The install worked successfully");
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.get("/").status()).isEqualTo(200);
        }
    }
}
