package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Makes the virtual environment {@code .venv} beside an application and installs its requirements; leaves it alone while
 * requirements and interpreter stay the same. Blocks its caller; pip's own deadlines bound it.
 */
public final class VirtualEnvironment {
    private static final int KEPT_LINES = 20;
    private static final String STAMP = ".terpan-installed";
    private static final Pattern DEBIAN_PACKAGE = Pattern.compile("python3(\\.\\d+)?-venv");

    private final Path folder;
    private final Path base;
    private final Consumer<String> progress;

    private VirtualEnvironment(Path folder, Path base, Consumer<String> progress) {
        this.folder = folder;
        this.base = base;
        this.progress = progress;
    }

    /**
     * Makes or completes the environment.
     *
     * @param application the directory with requirements.txt
     * @param base the interpreter to make the environment with
     * @param progress is given each line of what venv and pip say
     * @return the environment's interpreter
     */
    public static Path install(Path application, Path base, Consumer<String> progress) throws StartException {
        Path requirements = application.resolve("requirements.txt");
        if (!Files.isRegularFile(requirements)) {
            throw failed("nothing can be installed: there is no " + requirements, "make one, or leave out --install");
        }
        Path folder = application.resolve(".venv");
        try {
            return new VirtualEnvironment(folder, base, progress).install(requirements);
        } catch (IOException error) {
            throw failed("the virtual environment " + folder + " can not be made: " + RunDirectory.describe(error), "");
        }
    }

    private static StartException failed(String what, String hint) {
        return new StartException(new StartFailure.InstallFailed(what, hint, List.of()));
    }

    private Path install(Path requirements) throws IOException, StartException {
        Path python = folder.resolve("bin/python");
        String stamp = stamp(requirements);
        Path stampFile = folder.resolve(STAMP);
        if (Files.isExecutable(python)
                && Files.isRegularFile(stampFile)
                && Files.readString(stampFile).equals(stamp)) {
            return python;
        }
        if (!Files.isExecutable(python)) {
            make();
        }
        List<String> lines = new ArrayList<>();
        int status = run(
                lines,
                python.toString(),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--progress-bar",
                "off",
                "-r",
                requirements.toString());
        if (status != 0) {
            throw new StartException(new StartFailure.InstallFailed(
                    "pip could not install " + requirements + " (exit status " + status + ")", "", lines));
        }
        Files.writeString(stampFile, stamp);
        return python;
    }

    private String stamp(Path requirements) throws IOException {
        CRC32C sum = new CRC32C();
        sum.update(Files.readAllBytes(requirements));
        return base.toRealPath() + " " + HexFormat.of().toHexDigits((int) sum.getValue()) + "\n";
    }

    private void make() throws IOException, StartException {
        boolean wasThere = Files.exists(folder);
        List<String> lines = new ArrayList<>();
        int status = run(lines, base.toString(), "-m", "venv", folder.toString());
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

    /** Runs a command to its end; its last lines are left in {@code last}. */
    private int run(List<String> last, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Deque<String> kept = new ArrayDeque<>();
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                progress.accept(line);
                if (kept.size() == KEPT_LINES) {
                    kept.removeFirst();
                }
                kept.addLast(line);
            }
            last.addAll(kept);
            return process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it waited for " + command[0], interrupted);
        } finally {
            process.destroy();
        }
    }
}
