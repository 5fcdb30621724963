package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile applications, which are another user than the front: they have the control channel, and gain nothing by it. */
@Timeout(value = 2, unit = TimeUnit.HOURS)
final class BoundaryIT {
    private static final Duration MOST = Duration.ofSeconds(60);

    /** Seconds that random messages are said. */
    private static final long RANDOM_SECONDS = Long.getLong("boundary.seconds", 15);

    /** What an application can do that has our code in its process. */
    private static final String HOSTILE = """
            import os, random, socket, sys, threading, time

            def channels():
                for number in map(int, os.listdir("/proc/self/fd")):
                    try:
                        found = socket.socket(fileno=os.dup(number))
                        if str(found.getpeername()).endswith("/control"):
                            return found
                        if "PRELOAD" in os.environ and found.getpeername() == "":
                            return found
                    except OSError:
                        pass

            def text(**values):
                said = "\\n".join(f"{key}={value}" for key, value in values.items()).encode()
                return len(said).to_bytes(4, "big") + said

            def say(**values):
                CHANNEL.sendall(text(**values))

            CHANNEL = channels()  # of a fork parent's, if it is one
            VICTIM, SECRET = os.environ["VICTIM"], os.environ["SECRET"]

            """;

    /** Says at random, at its import or later, what may be said and what may not, and ends at random. */
    private static final String RANDOM = """
            HERE = os.path.dirname(__file__)
            WORDS = ["hello", "bound", "ready", "failed", "deaf", "forked", "ended", "loaded", "kill", "", "go", "d", "\\0", "%0A"]
            KEYS = ["kind", "pid", "address", "server", "python", "interface", "reason", "text", "token", "name", "child", "status",
                "=", "\\n"]

            def value(chance):
                return chance.choice([VICTIM, SECRET, "1", "-1", str(os.getpid()), str(os.getppid()), "0", "9" * 30, "import",
                    "asgi", "wsgi", "server", "x" * chance.randrange(1, 70000), "127.0.0.1:80", "80", "\\x1b[2J\\n", "/etc/shadow"])

            def own_name():
                for number in map(int, os.listdir("/proc/self/fd")):
                    try:
                        found = str(socket.socket(fileno=os.dup(number)).getsockname())
                        if "/w" in found:
                            return os.path.basename(found)
                    except OSError:
                        pass

            def message(chance):
                if chance.random() < 0.2:
                    return chance.randbytes(chance.randrange(1, 300))
                said = {chance.choice(KEYS): value(chance) for _ in range(chance.randrange(6))}
                if chance.random() < 0.9:
                    said["kind"] = chance.choice(WORDS)
                whole = text(**said)
                return whole[: chance.randrange(len(whole))] if chance.random() < 0.05 else whole

            def attack(chance):
                try:
                    time.sleep(chance.choice([0, 0, 0.01, 0.1]))
                    for _ in range(chance.choice([1, 1, 3, 30, 300])):
                        CHANNEL.sendall(message(chance))
                    if chance.random() < 0.2:
                        CHANNEL.shutdown(socket.SHUT_RDWR)
                    if chance.random() < 0.2 and os.fork() == 0:
                        os.setsid()
                        CHANNEL.sendall(message(chance))
                        time.sleep(0.5)
                        os._exit(0)
                    time.sleep(chance.choice([0, 0.1]))
                except OSError:
                    pass
                os.kill(os.getpid(), chance.choice([9, 15, 6, 11]))

            def begin():
                global CHANNEL
                CHANNEL = channels()
                if os.path.exists(HERE + "/hostile"):
                    chance = random.Random(f"{os.environ['SEED']} {own_name()} {os.getpid()}")
                    if chance.random() < 0.5:
                        attack(chance)
                    threading.Thread(target=attack, args=(chance,), daemon=True).start()

            if "PRELOAD" in os.environ:
                # In each worker, by the channel of what has forked it, which is looked for things left open.
                CHANNEL.close()
                os.register_at_fork(after_in_child=begin)
            else:
                begin()
            """;

    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    private Optional<Process> victim = Optional.empty();
    private Optional<ServerSocketChannel> secret = Optional.empty();
    private Optional<Path> secretFolder = Optional.empty();

    @BeforeEach
    void rootHasASessionAndASocketOfItsOwn() throws IOException {
        Assumptions.assumeTrue(Owner.current() == 0, "only root can become another user");
        Process process = new ProcessBuilder("setsid", "sleep", "7200").start();
        victim = Optional.of(process);
        await().atMost(MOST)
                .until(() ->
                        SessionLeader.believed(process.pid(), process.pid()).isPresent());
        Path folder = Files.createTempDirectory(Path.of("/tmp"), "tb");
        secretFolder = Optional.of(folder);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        secret = Optional.of(channel);
        channel.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
        channel.configureBlocking(false);
        Files.setPosixFilePermissions(rig.applications(), PosixFilePermissions.fromString("rwxr-xr-x"));
        rig.options.user = Optional.of("nobody");
        rig.options.python = "/usr/bin/python3";
        rig.options.server = "builtin";
        named(Map.of());
    }

    private void named(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("VICTIM", Long.toString(victim.orElseThrow().pid()));
        environment.put("SECRET", secretFolder.orElseThrow().resolve("socket").toString());
        rig.options.environment = environment;
    }

    @AfterEach
    void bothAreUntouched() throws IOException {
        if (secretFolder.isEmpty()) {
            return;
        }
        try (ServerSocketChannel channel = secret.orElseThrow()) {
            assertThat(victim.orElseThrow().isAlive())
                    .as("root's other session lives")
                    .isTrue();
            assertThat(Optional.ofNullable(channel.accept()))
                    .as("nobody was sent to root's socket")
                    .isEmpty();
        } finally {
            victim.orElseThrow().destroyForcibly();
            Files.deleteIfExists(secretFolder.get().resolve("socket"));
            Files.delete(secretFolder.get());
        }
    }

    /** What it says, once it is imported or once it is ready. */
    enum Attack {
        ANOTHER_PROCESS("say(kind='hello', name='builtin-1', token='x', pid=VICTIM)"),
        ANOTHER_SOCKET("say(kind='bound', address=SECRET)"),
        DEAF_UNASKED("say(kind='deaf')"),
        UNKNOWN("say(kind='open', path='/etc/shadow')"),
        NOTHING("CHANNEL.sendall(bytes(4))"),
        MORE_THAN_A_MESSAGE("CHANNEL.sendall(b'\\xff\\xff\\xff\\xff' + bytes(1000))"),
        A_FLOOD("for _ in range(100): say(kind='ready', pid='1', server='x' * 20000)");

        private final String code;

        Attack(String code) {
            this.code = code;
        }
    }

    /** A flood begins with what may be said: to be ready is a lie that harms the application alone. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "A_FLOOD")
    void whatBreaksTheRulesAtTheImportIsAFailedStart(Attack attack) throws Exception {
        StartFailure failure = rig.failureOf(HOSTILE + attack.code + "\ntime.sleep(60)\n" + WorkerRig.HELLO);
        assertThat(failure.message()).startsWith("builtin-1 broke the rules of the control channel and was killed: ");
    }

    /** To root's half of the fork parent, which ends with whoever says what is not its to say. */
    @ParameterizedTest
    @EnumSource
    void whatBreaksThemInAForkParentEndsThat(Attack attack) throws Exception {
        preloaded();
        StartFailure failure = rig.failureOf(HOSTILE + attack.code + "\ntime.sleep(60)\n" + WorkerRig.HELLO);
        assertThat(failure.message()).startsWith("no worker became ready: builtin-1 ");
    }

    private void preloaded() {
        rig.options.preload = true;
        named(Map.of("PRELOAD", "true"));
    }

    /** One that has left its session and parent says in a worker's place which process it is. */
    @Test
    void aForkParentsLiesAboutItsChildrenAreNotBelieved() throws Exception {
        preloaded();
        RunningSupervisor running = rig.start(HOSTILE + """
                import signal
                if os.fork() == 0:
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    if os.fork() == 0:
                        for number in range(2000):
                            try:
                                say(kind='forked', child='1', pid=VICTIM)
                            except OSError:
                                pass
                            time.sleep(0.001)
                    os._exit(0)
                os.wait()
                CHANNEL.close()
                """ + WorkerRig.HELLO);
        await().atMost(MOST).until(() -> running.recorder.ready.size() > 0 || !running.recorder.failures.isEmpty());
        assertThat(running.recorder.ready)
                .allMatch(worker -> worker.pid() != victim.orElseThrow().pid());
    }

    @ParameterizedTest
    @EnumSource
    void whatBreaksThemLaterIsKilledAndReplaced(Attack attack) throws Exception {
        RunningSupervisor running = rig.start(HOSTILE + """
                def attack():
                    while not os.path.exists(f"{os.path.dirname(__file__)}/now"):
                        time.sleep(0.01)
                    CODE

                if not os.path.exists(f"{os.path.dirname(__file__)}/now"):
                    threading.Thread(target=attack, daemon=True).start()
                """.replace("CODE", attack.code) + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        Files.createFile(rig.applications().resolve("now"));
        await().atMost(MOST).until(() -> running.recorder.ready.size() >= 2);
        assertThat(running.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.CRASHED, 128 + 9));
        assertThat(running.recorder.ready.stream().map(WorkerInfo::address))
                .allMatch(address -> address.toString().startsWith(rig.run() + "/w1."));
    }

    @Test
    void whoSaysThatAnotherProcessAcceptsHasThatOneSignalledByNobody() throws Exception {
        RunningSupervisor running = rig.start(HOSTILE + """
                def attack():
                    time.sleep(0.1)
                    while not os.path.exists(f"{os.path.dirname(__file__)}/now"):
                        time.sleep(0.01)
                    say(kind='ready', pid=VICTIM, server='y', interface='wsgi')

                threading.Thread(target=attack, daemon=True).start()
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        Files.createFile(rig.applications().resolve("now"));
        WorkerInfo worker = running.recorder.ready.getFirst();
        await().atMost(MOST).until(() -> {
            running.supervisor.hangs(worker.pid(), "the test says so");
            return running.recorder.exits.size() == 1;
        });
        assertThat(running.recorder.exits.getFirst().cause()).isIn(ExitInfo.Cause.HUNG, ExitInfo.Cause.STOPPED);
    }

    @Test
    void nothingOfTheEnvironmentIsReadByRoot() throws Exception {
        Path environment = rig.applications().resolve("environment");
        Path seen = rig.applications().resolve("seen");
        Files.createDirectory(seen);
        Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
        int made = new ProcessBuilder("/usr/bin/python3", "-m", "venv", "--without-pip", environment.toString())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(made).isZero();
        try (Stream<Path> all = Files.walk(environment)) {
            Path packages = all.filter(path -> path.endsWith("site-packages"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(
                    packages.resolve("hostile.pth"), "import os; open(f'" + seen + "/{os.getuid()}', 'w').close()\n");
        }
        rig.options.python = environment.resolve("bin/python").toString();
        WorkerPlan plan = RunningSupervisor.plan(rig.applications(), rig.options);
        PythonFiles files = PythonFiles.extract(Optional.of(plan.application()), System.getenv(), rig.run());
        PythonFacts facts = PythonFacts.ask(
                files, plan.application(), Path.of(rig.options.python), List.of("server:builtin"), MOST);
        assertThat(facts.server("builtin")).isPresent();
        WorkerRig.awaitReady(rig.start(WorkerRig.HELLO), 1);
        try (Stream<Path> users = Files.list(seen)) {
            assertThat(users.map(path -> path.getFileName().toString())).containsExactly("65534");
        }
    }

    @Test
    void nothingOfRootsOwnVariablesReachesTheApplication() throws Exception {
        named(Map.of("NAMED", "by a person", "XDG_CONFIG_HOME", "/named"));
        RunningSupervisor running = rig.start("import os\nprint('has', ' '.join(sorted(os.environ)))\n"
                + "print('is', os.environ['HOME'], os.environ['USER'], os.environ['PATH'], os.environ['NAMED'])\n"
                + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        await().atMost(MOST)
                .until(() -> running.recorder.lines.stream().anyMatch(line -> line.startsWith("builtin-1: is")));
        String has = running.recorder.lines.stream()
                .filter(line -> line.startsWith("builtin-1: has "))
                .findFirst()
                .orElseThrow();
        assertThat(has.substring("builtin-1: has ".length()).split(" ", -1))
                .contains("HOME", "USER", "LOGNAME", "PATH", "NAMED", "XDG_CONFIG_HOME")
                .allMatch(name -> name.matches(
                        "HOME|USER|LOGNAME|PATH|NAMED|XDG_CONFIG_HOME|VICTIM|SECRET|LANG|LANGUAGE|TZ|LC_[A-Z]+"));
        assertThat(running.recorder.lines)
                .anyMatch(
                        line -> line.matches(
                                "builtin-1: is \\S+ nobody /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin by a person"));
    }

    @Test
    void anInterpreterThatTheUserCanNotRunIsToldSo() throws Exception {
        Path closed = rig.applications().resolve("closed");
        Files.writeString(closed, "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        rig.options.python = closed.toString();
        assertThat(rig.failureOf(WorkerRig.HELLO).message())
                .contains("as user nobody: ", "Permission denied", "the Python interpreter '" + closed + "'");
    }

    /** A script that starts the interpreter as its child, as some wrappers do: the worker is what the script started. */
    @ParameterizedTest
    @CsvSource({"'', false", "nobody, false", "'', true", "nobody, true"})
    void behindAScriptThatStaysTheWorkerIsKnownToLiveAndEnds(String user, boolean preload) throws Exception {
        rig.options.preload = preload;
        Path script = rig.applications().resolve("wrap.sh");
        Files.writeString(script, "#!/bin/sh\n/usr/bin/python3 \"$@\"\nexit $?\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        rig.options.python = script.toString();
        rig.options.user = Optional.of(user).filter(name -> !name.isEmpty());
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        WorkerInfo first = running.recorder.ready.getFirst();
        assertThat(running.supervisor.isAlive(first.pid())).isTrue();
        WorkerRig.kill(first.pid());
        WorkerRig.awaitReady(running, 2);
        assertThat(running.supervisor.isAlive(first.pid())).isFalse();
        WorkerInfo second = running.recorder.ready.get(1);
        assertThat(running.supervisor.isAlive(second.pid())).isTrue();
        running.supervisor.stop(Duration.ZERO).get(30, TimeUnit.SECONDS);
        assertThat(WorkerRig.isRunning(second.pid())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void randomMessagesGainNothing(boolean preload) throws Exception {
        long seed = Long.getLong("boundary.seed", RandomGenerator.getDefault().nextLong());
        System.out.println("boundary.seed=" + seed);
        rig.options.preload = preload;
        named(preload ? Map.of("SEED", Long.toString(seed), "PRELOAD", "true") : Map.of("SEED", Long.toString(seed)));
        rig.options.count = 2;
        RunningSupervisor running = rig.start(HOSTILE + RANDOM + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        Path hostile = Files.createFile(rig.applications().resolve("hostile"));
        running.supervisor.restartInPlace("builtin-1");
        running.supervisor.restartInPlace("builtin-2");
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(RANDOM_SECONDS);
        int starts = 0;
        while (System.nanoTime() < until) {
            starts = running.supervisor.snapshots().stream()
                    .mapToInt(WorkerSnapshot::restarts)
                    .sum();
            assertThat(running.recorder.failures).isEmpty();
            assertThat(victim.orElseThrow().isAlive())
                    .as("root's other session lives")
                    .isTrue();
            assertThat(Optional.ofNullable(secret.orElseThrow().accept())).isEmpty();
            // In a crash loop it takes its time.
            running.supervisor.restartInPlace("builtin-1");
            running.supervisor.restartInPlace("builtin-2");
            awaitAnotherStart(running, starts);
        }
        System.out.println("hostile starts: " + starts);
        Files.delete(hostile);
        int before = running.recorder.ready.size();
        await().atMost(MOST).until(() -> {
            List<WorkerState> states = running.supervisor.snapshots().stream()
                    .map(WorkerSnapshot::state)
                    .toList();
            return running.recorder.ready.size() > before + 1
                    && states.stream().allMatch(state -> state == WorkerState.READY);
        });
        assertThat(running.recorder.ready.stream().map(WorkerInfo::address))
                .allMatch(address -> address.toString().startsWith(rig.run() + "/w"));
    }

    private static void awaitAnotherStart(RunningSupervisor running, int starts) {
        await().atMost(MOST)
                .until(() -> running.supervisor.snapshots().stream()
                                .mapToInt(WorkerSnapshot::restarts)
                                .sum()
                        > starts);
    }
}
