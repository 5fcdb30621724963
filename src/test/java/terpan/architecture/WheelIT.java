package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The wheel as people have it: built, installed into a new environment of every Python that is found, used, and removed. */
@Timeout(300)
final class WheelIT {
    private static final int SECONDS = 240;
    private static final Duration START = Duration.ofSeconds(60);
    private static final long MOST_BYTES = 28L << 20;

    /** An interpreter that scripts/find-pythons lists. */
    record Python(String version, Path program) {
        @Override
        public String toString() {
            return version;
        }
    }

    /** Where the pip lies that a Python puts into its environments, which takes four seconds. */
    private static final String BUNDLED_PIP = """
            import ensurepip, glob, os
            places = os.path.dirname(ensurepip.__file__) + "/_bundled", "/usr/share/python-wheels"
            print([pip for place in places for pip in glob.glob(place + "/pip-*.whl")][0])
            """;

    private record Ended(int code, String output) {}

    @TempDir
    private static Path dist;

    private static Path wheel = Path.of("/nowhere");

    private Path folder = Path.of("/nowhere");

    @BeforeAll
    static void build() throws Exception {
        Ended built = run(
                dist,
                new ProcessBuilder(
                        Repository.ROOT.resolve("scripts/build-wheel").toString(), "--output", dist.toString()));
        assertThat(built.code()).as(built.output()).isZero();
        wheel = Path.of(built.output().lines().toList().getLast());
        assertThat(Files.size(wheel)).as("bytes of " + wheel).isLessThanOrEqualTo(MOST_BYTES);
        assertThat(dist.resolve("SHA256SUMS"))
                .content()
                .contains(wheel.getFileName().toString());
        try (ZipFile archive = new ZipFile(wheel.toFile())) {
            assertThat(archive.stream().map(ZipEntry::getName))
                    .contains("terpan/licenses/README", "terpan/runtime/legal/java.base/LICENSE")
                    .anyMatch(name -> name.endsWith(".dist-info/sboms/terpan.cdx.json"));
        }
    }

    /** Not JUnit's, which warns of each link that an environment has. */
    @BeforeEach
    void aFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "tw");
    }

    @AfterEach
    void removeIt() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    static Stream<Python> pythons() throws Exception {
        Ended found = run(
                dist,
                new ProcessBuilder(
                        Repository.ROOT.resolve("scripts/find-pythons").toString()));
        return found.output()
                .lines()
                .map(line -> line.split(" ", 2))
                .map(words -> new Python(words[0], Path.of(words[1])));
    }

    @ParameterizedTest
    @MethodSource("pythons")
    @Execution(ExecutionMode.CONCURRENT)
    void itServesWithoutAJavaOfTheMachinesAndLeavesNothingWhenItGoes(Python python) throws Exception {
        Path environment = folder.resolve("env");
        expect(python.program().toString(), "-m", "venv", "--without-pip", environment.toString());
        String interpreter = environment.resolve("bin/python3").toString();
        String pip = expect(python.program().toString(), "-c", BUNDLED_PIP).strip() + "/pip";
        Path site = copyOfTheGuestbook();
        Map<String, Object> before = listing(environment);
        expect(interpreter, pip, "install", "-q", "--no-index", wheel.toString());
        Map<String, Object> installed = listing(environment);

        String terpan = environment.resolve("bin/terpan").toString();
        ProcessBuilder version = command(interpreter, "-m", "terpan", "version");
        // The JVM then ends with an error instead of going without its start-up cache.
        version.environment().put("JDK_JAVA_OPTIONS", "-XX:AOTMode=on");
        Ended told = run(folder, version);
        assertThat(told.code()).as(told.output()).isZero();
        assertThat(told.output()).contains("terpan 0.");

        serve(terpan, interpreter, site);

        assertThat(listing(environment))
                .as("nothing is written where it is installed")
                .isEqualTo(installed);
        expect(interpreter, pip, "uninstall", "-q", "-y", "terpan");
        assertThat(listing(environment).keySet()).isEqualTo(before.keySet());
    }

    /** What every package for another machine has of ours; with a runtime it is scripts/try-aarch64 that makes and runs one. */
    @ParameterizedTest
    @CsvSource({"x86_64, 62", "aarch64, 183"})
    void theLibrariesForAMachineAreThatMachines(String machine, int number) throws Exception {
        String program = """
                import pathlib, sys
                from terpan_packages import machines
                for jar in machines.libraries(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])):
                    (pathlib.Path(sys.argv[4]) / jar.name).symlink_to(jar)
                for place, machine in machines.native_code(pathlib.Path(sys.argv[4])):
                    print(place.split("!")[0].split("-")[0], machine)
                """;
        Path linked = Files.createDirectory(folder.resolve("linked"));
        ProcessBuilder found = new ProcessBuilder(
                "python3",
                "-c",
                program,
                Repository.ROOT.toString(),
                machine,
                folder.resolve("scratch").toString(),
                linked.toString());
        found.environment()
                .put("PYTHONPATH", Repository.ROOT.resolve("packaging").toString());
        found.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Ended ended = run(folder, found);
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output().lines().distinct())
                .containsExactlyInAnyOrder(
                        "native " + number, // Brotli's
                        "zstd " + number,
                        "netty " + number); // BoringSSL
    }

    /** The images of the examples, by following their Containerfiles: there is no registry to have their bases from. */
    @ParameterizedTest
    @CsvSource({"guestbook, <title>Guest book</title>", "containers, compose.yaml"})
    @Execution(ExecutionMode.CONCURRENT)
    void anImageIsMadeServesIsHealthyAndStops(String example, String page) throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "images are made by root");
        Path context = folder.resolve("context");
        copy(Repository.ROOT.resolve("examples").resolve(example), context);
        Files.copy(wheel, context.resolve(wheel.getFileName()));
        Path work = Files.createDirectory(folder.resolve("work"));
        List<String> command = new ArrayList<>(
                List.of("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "python3"));
        command.add(
                Repository.ROOT.resolve("src/test/resources/containerfile.py").toString());
        command.addAll(List.of(context.resolve("Containerfile").toString(), context.toString(), work.toString(), "/"));
        Ended ended = run(folder, new ProcessBuilder(command));
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output()).contains("\nhealthy\n", page, "\nended 0\n");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void serve(String terpan, String interpreter, Path site) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String run = folder.resolve("run").toString();
        ProcessBuilder serving = command(
                terpan,
                "serve",
                site.toString(),
                "--workers",
                "1",
                "--bind",
                "127.0.0.1:" + port,
                "--run-directory",
                run);
        Path output = folder.resolve("served");
        Process process = serving.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest page = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                    .timeout(START)
                    .build();
            await().atMost(START)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> !process.isAlive()
                            || client.send(page, BodyHandlers.ofString()).body().contains("<title>Guest book</title>"));
            assertThat(Files.readString(output)).contains("python " + interpreter);
            expect(interpreter, "-m", "terpan", "stop", "--run-directory", run);
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private Path copyOfTheGuestbook() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("guestbook"));
        try (Stream<Path> files = Files.list(Repository.ROOT.resolve("examples/guestbook"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        // What it needs is one file, which the tests' environment has.
        try (Stream<Path> lib = Files.walk(Repository.ROOT.resolve("target/test-env/lib"), 3)) {
            Path bottle =
                    lib.filter(file -> file.endsWith("bottle.py")).findFirst().orElseThrow();
            Files.copy(bottle, copy.resolve("bottle.py"));
        }
        return copy;
    }

    /** Every file with its size and time. */
    private static Map<String, Object> listing(Path environment) throws IOException {
        Map<String, Object> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(environment)) {
            for (Path path : all.toList()) {
                String name = environment.relativize(path).toString();
                if (Files.isRegularFile(path)) {
                    found.put(name, List.of(Files.size(path), Files.getLastModifiedTime(path)));
                } else {
                    found.put(name, "");
                }
            }
        }
        return found;
    }

    /** As on a machine that has neither a JDK nor a build, in a home of its own. */
    private ProcessBuilder command(String... words) {
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TERPAN_") || name.startsWith("XDG_"));
        List.of("JAVA_HOME", "VIRTUAL_ENV", "PORT", "WEB_CONCURRENCY").forEach(environment::remove);
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("HOME", folder.toString());
        return builder;
    }

    private String expect(String... words) throws Exception {
        Ended ended = run(folder, command(words));
        assertThat(ended.code()).as("%s: %s", List.of(words), ended.output()).isZero();
        return ended.output();
    }

    private static Ended run(Path folder, ProcessBuilder builder) throws Exception {
        Path output = Files.createTempFile(folder, "output", "");
        Process process = builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("%s ends", builder.command())
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }
}
