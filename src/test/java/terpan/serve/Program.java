package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The packaged program as a process of its own, with the flags that {@code ./terpan} gives it. */
public final class Program {
    public static final Path APPLICATIONS = Path.of(
                    System.getProperty("terpan.basedir", "."), "src/test/resources/apps")
            .toAbsolutePath()
            .normalize();

    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xms24m",
            "-XX:MinRAMPercentage=12.5",
            "-XX:MaxRAMPercentage=3",
            "-XX:-ShrinkHeapInSteps",
            "-XX:MinHeapFreeRatio=20",
            "-XX:MaxHeapFreeRatio=40",
            "-XX:TrimNativeHeapInterval=1000",
            "-Xss512k",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    static final Path JAR =
            Path.of(System.getProperty("terpan.jar", "target/terpan.jar")).toAbsolutePath();
    private static final List<String> CACHE = StartCache.flags(JAVA, FLAGS, JAR);

    private Program() {}

    /** How a command ended. */
    public record Ended(int code, String out, String err) {}

    static ProcessBuilder command(Map<String, String> environment, List<String> arguments) {
        return command(JAR, environment, arguments);
    }

    /** A jar of one's own, with the libraries that it wants beside it. */
    static Path copyOfTheJar(Path folder) throws IOException {
        Files.createSymbolicLink(folder.resolve("lib"), JAR.resolveSibling("lib"));
        return Files.copy(JAR, folder.resolve("terpan.jar"));
    }

    /** The same as a command that a person types: a script of that name in that folder. */
    static Path launcher(Path folder, String name) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA.toString()));
        command.addAll(FLAGS);
        command.addAll(CACHE);
        command.addAll(List.of("-cp", JAR.toString(), "terpan.cli.Main"));
        Path script = Files.writeString(
                folder.resolve(name), "#!/bin/sh\nexec " + String.join(" ", command) + " \"$@\"\n", UTF_8);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    /** From another jar, which has no start-up cache. */
    static ProcessBuilder command(Path jar, Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(JAVA.toString());
        command.addAll(FLAGS);
        command.addAll(jar.equals(JAR) ? CACHE : List.of());
        command.addAll(List.of("-cp", jar.toString(), "terpan.cli.Main"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("TERPAN_") || name.equals("PORT") || name.equals("WEB_CONCURRENCY"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** Runs a command to its end, in a folder of the caller's. */
    public static Ended run(Path folder, String... arguments) throws Exception {
        return run(Map.of(), folder, arguments);
    }

    /** The same with variables of its environment. */
    static Ended run(Map<String, String> environment, Path folder, String... arguments) throws Exception {
        return ended(command(environment, List.of(arguments)), folder, arguments);
    }

    /** The same by a command that starts it in other circumstances. */
    static Ended runWithin(List<String> within, Path folder, String... arguments) throws Exception {
        ProcessBuilder builder = command(Map.of(), List.of(arguments));
        builder.command().addAll(0, within);
        return ended(builder, folder, arguments);
    }

    private static Ended ended(ProcessBuilder builder, Path folder, String... arguments) throws Exception {
        Process process = builder.directory(folder.toFile()).start();
        CompletableFuture<String> err =
                CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), Thread::startVirtualThread);
        CompletableFuture<String> out =
                CompletableFuture.supplyAsync(() -> text(process.getInputStream()), Thread::startVirtualThread);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail("terpan " + List.of(arguments) + " did not end: " + err.get());
        }
        return new Ended(process.exitValue(), out.get(), err.get());
    }

    private static String text(java.io.InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }

    /** The interpreter of the tests' virtual environment, which {@code scripts/test-environment} makes. */
    public static Path python() {
        Path python = Path.of(System.getProperty("terpan.python", "target/test-env/bin/python3"));
        if (!Files.isExecutable(python)) {
            String reason = python + " is missing: run scripts/test-environment";
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            Assumptions.abort(reason);
        }
        return python;
    }
}
