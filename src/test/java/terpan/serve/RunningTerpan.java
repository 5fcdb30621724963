package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import terpan.daemon.Terpan;

/**
 * One {@code terpan serve} as a person has it: a process of its own, told by flags, heard by its lines. Closing it stops it
 * and asserts that no process, socket file, connection or spool byte is left.
 */
public final class RunningTerpan implements AutoCloseable {
    /** Runs a command on a new terminal, shows what is written there, and closes the terminal when its own input ends. */
    private static final String TERMINAL = """
            import os, pty, select, sys
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(sys.argv[1], sys.argv[1:])
            while 0 not in (ready := select.select([0, terminal], [], [])[0]):
                os.write(2, os.read(terminal, 4096).replace(b"\\r\\n", b"\\n"))
            os.close(terminal)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;

    private static final Duration START_MOST = Duration.ofSeconds(60);
    private static final Duration END_MOST = Duration.ofSeconds(40);
    /** Nobody's. */
    private static final int USER = 54_321;

    private static final List<String> AS_USER =
            List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups");

    /** Says by a variable that means nothing to Terpan that the settings file names where to listen. */
    public static final String BIND_OF_FILE = "TEST_BIND_OF_FILE";

    /** Figures, of each application, that are zero when nothing is on its way. */
    private static final List<String> QUIET = List.of(
            "terpan_requests_in_flight", "terpan_queue_length", "terpan_connections_open", "terpan_spool_bytes");

    private static final Pattern ADDRESS = Pattern.compile("Serving +(\\S+)");

    static {
        // Most of what the tests wait for comes within milliseconds.
        Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
    }

    private final String mark;
    private final Path run;
    private final Process process;

    /** Those of its banner, which may be long gone among the lines that are kept. */
    private List<SocketAddress> addresses = List.of();

    private final Lines errors = new Lines();
    private final Lines output = new Lines();
    private boolean leftoversExpected;

    /** What took the place of the process that was started. */
    private Optional<ProcessHandle> successor = Optional.empty();

    private RunningTerpan(String mark, Path run, Process process) {
        this.mark = mark;
        this.run = run;
        this.process = process;
        collect(process.getErrorStream(), errors);
        collect(process.getInputStream(), output);
    }

    /** Serves an application of the tests on a free port and waits until it does. */
    public static RunningTerpan serve(String application, String... arguments) throws IOException {
        return start(Map.of(), application, arguments);
    }

    public static RunningTerpan start(Map<String, String> environment, String application, String... arguments)
            throws IOException {
        return start(environment, withApplication(application, arguments));
    }

    /** Serves in a process that may open so many files. */
    public static RunningTerpan serveWithDescriptors(int most, String application, String... arguments)
            throws IOException {
        List<String> within = List.of("prlimit", "--nofile=" + most);
        return startIn(newRunDirectory(), within, Map.of(), withApplication(application, arguments));
    }

    /** Serves in a session with a terminal of its own, until {@link #closeTerminal}. */
    public static RunningTerpan serveOnATerminal(String application, String... arguments) throws IOException {
        List<String> within = List.of(Program.python().toString(), "-c", TERMINAL);
        return startIn(newRunDirectory(), within, Map.of(), withApplication(application, arguments));
    }

    /** Closes it, as a window of it is closed. */
    public void closeTerminal() throws IOException {
        process.getOutputStream().close();
    }

    /** Serves from this jar. */
    public static RunningTerpan serveFrom(Path jar, String application, String... arguments) throws IOException {
        return startIn(newRunDirectory(), List.of(), jar, Map.of(), withApplication(application, arguments));
    }

    /**
     * Serves as a user whose number of processes may be limited: where the tests run as root, as another one, with the system's Python.
     *
     * @param cache a folder of the test's, for what the user keeps
     */
    public static RunningTerpan serveAsUser(Path cache, String application, String... arguments) throws IOException {
        Path run = newRunDirectory();
        List<String> all = withApplication(application, arguments);
        if (!asRoot()) {
            return startIn(run, List.of(), Map.of(), all);
        }
        for (Path own : List.of(run, cache)) {
            Files.setAttribute(own, "unix:uid", USER);
        }
        all.set(all.indexOf("--python") + 1, "/usr/bin/python3");
        return startIn(run, AS_USER, Map.of("XDG_CACHE_HOME", cache.toString()), all);
    }

    private static boolean asRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Sets how many processes and threads its user may have, for those that it starts from now on. */
    public void allowProcesses(String most) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(asRoot() ? AS_USER : List.of());
        command.addAll(List.of("prlimit", "--pid", Long.toString(pid()), "--nproc=" + most + ":"));
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IOException("prlimit ended with " + code);
        }
    }

    /** Serves by a command that becomes it, or starts it, in circumstances of its own. */
    static RunningTerpan startWithin(
            List<String> within, Map<String, String> environment, String application, String... arguments)
            throws IOException {
        return startIn(newRunDirectory(), within, environment, withApplication(application, arguments));
    }

    private static List<String> withApplication(String application, String... arguments) {
        List<String> all = new ArrayList<>(List.of(application, "--chdir", Program.APPLICATIONS.toString()));
        all.addAll(List.of("--python", Program.python().toString()));
        all.addAll(List.of(arguments));
        return all;
    }

    static Path newRunDirectory() throws IOException {
        return Files.createTempDirectory(Path.of("/tmp"), "ti");
    }

    /** Serves what the arguments say; a free port unless they or the environment name one. */
    public static RunningTerpan start(Map<String, String> environment, List<String> arguments) throws IOException {
        return startIn(newRunDirectory(), environment, arguments);
    }

    public static RunningTerpan startIn(Path run, Map<String, String> environment, List<String> arguments)
            throws IOException {
        return startIn(run, List.of(), environment, arguments);
    }

    private static RunningTerpan startIn(
            Path run, List<String> within, Map<String, String> environment, List<String> arguments) throws IOException {
        return startIn(run, within, Program.JAR, environment, arguments);
    }

    static RunningTerpan startIn(
            Path run, List<String> within, Path jar, Map<String, String> environment, List<String> arguments)
            throws IOException {
        String mark = UUID.randomUUID().toString();
        List<String> all = new ArrayList<>(List.of("serve"));
        all.addAll(arguments);
        all.addAll(List.of("--run-directory", run.toString(), "--log-format", "text"));
        if (!arguments.contains("--bind")
                && !environment.containsKey("PORT")
                && !environment.containsKey(BIND_OF_FILE)) {
            all.addAll(List.of("--bind", "127.0.0.1:0"));
        }
        Map<String, String> marked = new HashMap<>(environment);
        marked.put("TEST_MARK", mark);
        ProcessBuilder builder = Program.command(jar, marked, all);
        builder.command().addAll(0, within);
        RunningTerpan terpan = new RunningTerpan(mark, run, builder.start());
        terpan.awaitBanner();
        return terpan;
    }

    private static void collect(InputStream stream, Lines lines) {
        Thread.ofVirtual().start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException ended) {
                lines.add("(the test stopped reading: " + ended.getMessage() + ")");
            }
        });
    }

    private void awaitBanner() {
        await().atMost(START_MOST)
                .pollInterval(Duration.ofMillis(10))
                .failFast(() -> assertThat(process.isAlive())
                        .as(() -> "ended: " + errors)
                        .isTrue())
                .until(() -> errors.all().stream().anyMatch(line -> line.contains("Stop        Ctrl-C")));
        addresses = shown();
    }

    /** Where it listens for clients: the first address of its banner. */
    public SocketAddress address() {
        return addresses().getFirst();
    }

    public List<SocketAddress> addresses() {
        return addresses;
    }

    private List<SocketAddress> shown() {
        return errors.all().stream()
                .map(ADDRESS::matcher)
                .filter(Matcher::find)
                .map(found -> parse(found.group(1)))
                .toList();
    }

    private static SocketAddress parse(String shown) {
        if (shown.startsWith("unix:")) {
            return UnixDomainSocketAddress.of(shown.substring("unix:".length()));
        }
        Matcher port = Pattern.compile(":(\\d+)/?$").matcher(shown);
        assertThat(port.find()).as(shown).isTrue();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
    }

    public Connection connect() throws IOException {
        return Connection.to(address());
    }

    public Answer get(String target, String... fields) throws IOException {
        try (Connection connection = connect()) {
            return connection.get(target, fields);
        }
    }

    public long pid() {
        return successor.map(ProcessHandle::pid).orElseGet(process::pid);
    }

    /** Another process has taken the place of the one that was meant so far: it is meant from now on. */
    public void follow() throws IOException {
        successor = ProcessHandle.of(status().pid());
        assertThat(successor).as("process " + status().pid()).isPresent();
    }

    /** The process before it has ended, and the run directory is its own. */
    void awaitLock() {
        await("its lock")
                .atMost(START_MOST)
                .until(() -> Files.readString(run.resolve("lock")).startsWith(pid() + "\n"));
    }

    /** What the operators' side answers to a GET. */
    public String ask(String target) throws IOException {
        try (Connection connection = Connection.to(UnixDomainSocketAddress.of(run.resolve("operators")))) {
            return connection.get(target).body();
        }
    }

    public Status status() throws IOException {
        return new Status(ask("/status"));
    }

    /** The value of a metric with all its labels as written; 0 when there is no such line. */
    public double metric(String name) throws IOException {
        return ask("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    /** The operators' command as a person types it. */
    public Program.Ended command(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--run-directory", run.toString()));
        return Program.run(Path.of("/"), all.toArray(String[]::new));
    }

    /** What it has written to standard error so far. */
    public List<String> errors() {
        return errors.all();
    }

    /** What it has written to standard output so far. */
    public List<String> output() {
        return output.all();
    }

    public Path runDirectory() {
        return run;
    }

    public void awaitLine(String part) {
        await(part)
                .atMost(Duration.ofSeconds(20))
                .until(() -> errors.all().stream().anyMatch(line -> line.contains(part)));
    }

    /** Everything of it that runs but the front: guard, workers, and what they started. */
    public List<Long> otherProcesses() {
        // Those of another user have an environment of their own.
        return Stream.concat(
                        Processes.withEnvironment(mark).stream(),
                        ProcessHandle.of(pid()).stream()
                                .flatMap(ProcessHandle::descendants)
                                .map(ProcessHandle::pid))
                .filter(pid -> pid != pid())
                .distinct()
                .toList();
    }

    public void signal(String name) throws IOException, InterruptedException {
        Processes.kill(pid(), name);
    }

    /** The exit code; waits for the end. */
    public int exitCode() throws InterruptedException {
        if (successor.isPresent()) {
            ProcessHandle front = successor.get();
            await().atMost(END_MOST).until(() -> !front.isAlive());
            return Terpan.endOf(run, front.pid()).orElseThrow(() -> new AssertionError("it left no word"));
        }
        assertThat(process.waitFor(END_MOST.toSeconds(), TimeUnit.SECONDS))
                .as(() -> "did not end: " + errors)
                .isTrue();
        return process.exitValue();
    }

    /** Nothing is on its way: holds between two tests as after the last. */
    public void assertQuiet() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(ask("/metrics")
                                .lines()
                                .filter(line -> QUIET.stream()
                                        .anyMatch(name -> line.startsWith(name + " ") || line.startsWith(name + "{"))))
                        .hasSizeGreaterThanOrEqualTo(2)
                        .allMatch(line -> line.endsWith(" 0.0")));
    }

    /** The run directory is somebody else's to remove, with what a killed process leaves in it. */
    public void expectLeftovers() {
        leftoversExpected = true;
    }

    @Override
    public void close() throws IOException {
        try {
            if (successor.map(ProcessHandle::isAlive).orElseGet(process::isAlive)) {
                assertQuiet();
                signal("TERM");
                assertThat(exitCode()).as("exit code").isZero();
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> otherProcesses().isEmpty());
            if (exitCode() == 0) {
                assertThat(filesLeft())
                        .isSubsetOf(
                                "lock", "helper.lock", "helper.lockb", "sticky-key", "operators-token", "reader-token");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(failed.getMessage() + "\nterpan said:\n" + errors, failed);
        } finally {
            process.destroyForcibly();
            successor.ifPresent(ProcessHandle::destroyForcibly);
            otherProcesses().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            removeRunDirectory();
        }
    }

    private List<String> filesLeft() throws IOException {
        try (Stream<Path> left = Files.list(run)) {
            return left.map(path -> path.getFileName().toString()).toList();
        }
    }

    private void removeRunDirectory() throws IOException {
        if (leftoversExpected) {
            return;
        }
        try (Stream<Path> left = Files.walk(run)) {
            for (Path path : left.toList().reversed()) {
                Files.delete(path);
            }
        }
    }
}
