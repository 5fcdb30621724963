package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import terpan.config.Units;

/**
 * Makes the virtual environment {@code .venv} of an application's project and installs what it needs; leaves it alone while that and the
 * interpreter stay the same. Blocks its caller, for half an hour a tool at most.
 */
public final class VirtualEnvironment {
    private static final int KEPT_LINES = 20;
    /** A longer line comes in pieces. */
    private static final int LINE_MOST = 4_096;

    /** Some packages are compiled for long; a tool that waits for an answer ends. */
    private static final Duration TOOL_MOST = Duration.ofMinutes(30);

    /** How long the output of a tool that has ended may go on. */
    private static final Duration OUTPUT_LEFT = Duration.ofSeconds(2);

    private static final String STAMP = ".terpan-installed";
    private static final Pattern DEBIAN_PACKAGE = Pattern.compile("python3(\\.\\d+)?-venv");

    private final Path folder;
    private final Path base;
    private final Consumer<String> progress;

    private final Duration most;

    private VirtualEnvironment(Path folder, Path base, Duration most, Consumer<String> progress) {
        this.folder = folder;
        this.base = base;
        this.most = most;
        this.progress = progress;
    }

    /**
     * Makes or completes the environment.
     *
     * @param application the application's directory; what it needs may stand in one above it, up to the project's root
     * @param base the interpreter to make the environment with
     * @param environment the variables of this process: where {@code uv} is looked for
     * @param progress is given each line of what the tools say
     * @return the environment's interpreter
     */
    public static Path install(Path application, Path base, Map<String, String> environment, Consumer<String> progress)
            throws StartException {
        return install(application, base, environment, TOOL_MOST, progress);
    }

    /**
     * The same with another bound.
     *
     * @param most how long one tool may take
     */
    static Path install(
            Path application, Path base, Map<String, String> environment, Duration most, Consumer<String> progress)
            throws StartException {
        Requirements requirements = Requirements.of(application, environment);
        Path folder = requirements.project().resolve(".venv");
        try {
            return new VirtualEnvironment(folder, base, most, progress).install(requirements);
        } catch (IOException error) {
            throw failed("the virtual environment " + folder + " can not be made: " + RunDirectory.describe(error), "");
        }
    }

    /**
     * Refuses to install as root what another user could have written: packages run their own code while they are installed.
     *
     * @param user who the workers become
     */
    public static void refuseOthers(Path application, String user, Map<String, String> environment)
            throws StartException {
        Requirements requirements = Requirements.of(application, environment);
        Path folder = requirements.project().resolve(".venv");
        List<Path> read = new ArrayList<>(List.of(requirements.project(), requirements.file()));
        try (Stream<Path> all = Files.isDirectory(folder) ? Files.walk(folder) : Stream.of()) {
            read.addAll(all.filter(path -> !Files.isSymbolicLink(path)).toList());
            for (Path path : read) {
                if (!OtherUser.isRoots(path.toRealPath())) {
                    throw failed(
                            "--install would run as root what others than root can write: " + path,
                            "install as user " + user + " beforehand, or make it root's own");
                }
            }
        } catch (IOException | UncheckedIOException unreadable) {
            throw failed("the project " + requirements.project() + " cannot be read: " + unreadable.getMessage(), "");
        }
    }

    static StartException failed(String what, String hint) {
        return new StartException(new StartFailure.InstallFailed(what, hint, List.of()));
    }

    private Path install(Requirements requirements) throws IOException, StartException {
        Path python = folder.resolve("bin/python");
        String stamp = stamp(requirements);
        Path stampFile = folder.resolve(STAMP);
        if (Files.isExecutable(python)
                && Files.isRegularFile(stampFile)
                && Files.readString(stampFile).equals(stamp)) {
            return python;
        }
        if (requirements.uv().isEmpty() && !Files.isExecutable(python)) {
            make(requirements.project());
        }
        List<String> lines = new ArrayList<>();
        int status = run(lines, requirements.project(), command(requirements, python));
        if (status != 0) {
            throw new StartException(new StartFailure.InstallFailed(
                    (requirements.uv().isPresent() ? "uv" : "pip") + " could not install " + requirements.file()
                            + " (exit status " + status + ")",
                    "",
                    lines));
        }
        Files.writeString(stampFile, stamp);
        return python;
    }

    private List<String> command(Requirements requirements, Path python) {
        if (requirements.uv().isPresent()) {
            return List.of(
                    requirements.uv().get().toString(),
                    "sync",
                    "--frozen",
                    "--no-dev",
                    "--no-progress",
                    "--python",
                    base.toString());
        }
        List<String> command = new ArrayList<>(List.of(
                python.toString(),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--progress-bar",
                "off"));
        command.addAll(
                requirements.isList()
                        ? List.of("-r", requirements.file().toString())
                        : List.of(requirements.project().toString()));
        return command;
    }

    private String stamp(Requirements requirements) throws IOException {
        CRC32C sum = new CRC32C();
        sum.update(Files.readAllBytes(requirements.file()));
        return base.toRealPath() + " " + requirements.file().getFileName() + " "
                + HexFormat.of().toHexDigits((int) sum.getValue()) + "\n";
    }

    private void make(Path project) throws IOException, StartException {
        boolean wasThere = Files.exists(folder);
        List<String> lines = new ArrayList<>();
        int status = run(lines, project, List.of(base.toString(), "-m", "venv", folder.toString()));
        if (status == 0) {
            return;
        }
        if (!wasThere) {
            delete(folder);
        }
        String said = String.join("\n", lines);
        boolean packageMissing = said.contains("ensurepip") || said.contains("No module named venv");
        Matcher named = DEBIAN_PACKAGE.matcher(said);
        throw new StartException(new StartFailure.InstallFailed(
                base + " could not make the virtual environment " + folder + " (exit status " + status + ")",
                packageMissing
                        ? "its venv module is incomplete; Debian has it in: apt-get install "
                                + (named.find() ? named.group() : "python3-venv")
                        : "",
                lines));
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    /** What a command says, line by line; nothing is told any more after the end. */
    private static final class Said {
        private final BufferedReader output;
        private final Consumer<String> progress;
        private final Deque<String> kept = new ArrayDeque<>();
        private boolean over;

        Said(BufferedReader output, Consumer<String> progress) {
            this.output = output;
            this.progress = progress;
        }

        void read() {
            try (output) {
                StringBuilder line = new StringBuilder();
                boolean wanted = true;
                for (int letter = output.read(); letter >= 0 && wanted; letter = output.read()) {
                    if (letter != '\n') {
                        line.append((char) letter);
                    }
                    if (letter == '\n' || line.length() == LINE_MOST) {
                        wanted = take(taken(line));
                    }
                }
                if (!line.isEmpty() && wanted) {
                    take(taken(line));
                }
            } catch (IOException closed) {
                // There is no more to be had; its exit status tells whether it did its work.
            }
        }

        private static String taken(StringBuilder line) {
            String text = line.toString().stripTrailing();
            line.setLength(0);
            return text;
        }

        private synchronized boolean take(String line) {
            if (over) {
                return false;
            }
            progress.accept(line);
            if (kept.size() == KEPT_LINES) {
                kept.removeFirst();
            }
            kept.addLast(line);
            return true;
        }

        synchronized List<String> end() {
            over = true;
            return List.copyOf(kept);
        }
    }

    /** Runs a command to its end; its last lines are left in {@code last}. */
    private int run(List<String> last, Path directory, List<String> command) throws IOException, StartException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        // Another environment that is switched on is none of ours.
        builder.environment().remove("VIRTUAL_ENV");
        builder.environment().put("UV_PROJECT_ENVIRONMENT", folder.toString());
        Process process = builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Said said = new Said(process.inputReader(UTF_8), progress);
        Thread reader = Thread.ofPlatform().daemon().name("terpan-install").start(said::read);
        try {
            if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new StartException(new StartFailure.InstallFailed(
                        String.join(" ", command) + " did not end within " + Units.show(most) + " and was ended",
                        "",
                        said.end()));
            }
            int status = process.exitValue();
            // What it left running, such as a compiler's server, may hold its output open for ever.
            reader.join(OUTPUT_LEFT);
            last.addAll(said.end());
            return status;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it waited for " + command.getFirst(), interrupted);
        } finally {
            process.destroy();
        }
    }
}
