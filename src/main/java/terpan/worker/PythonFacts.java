package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import terpan.config.AppTarget;
import terpan.config.Settings;

/**
 * What an interpreter told of itself and of its environment when it was asked once.
 *
 * @param interpreter what was started
 * @param told its answers by question, as {@code python/terpan_worker/facts.py} words them
 */
public record PythonFacts(Path interpreter, Map<String, String> told) {
    private static final int OUTPUT_MOST = 256 * 1024;
    private static final int SHOWN_LINES = 20;

    public PythonFacts {
        told = Map.copyOf(told);
    }

    /**
     * Starts the interpreter, asks, and waits for its end.
     *
     * @param questions {@code distribution:NAME}, {@code program:NAME} or {@code server:NAME} each
     * @param most how long it may take
     */
    public static PythonFacts ask(PythonFiles files, Path interpreter, List<String> questions, Duration most)
            throws StartException {
        List<String> command = new ArrayList<>(
                List.of(interpreter.toString(), files.startFile().toString(), "facts"));
        command.addAll(questions);
        return ask(new ProcessBuilder(command), interpreter, most);
    }

    /** The same as the user and with the variables that the application's workers have. */
    public static PythonFacts ask(
            PythonFiles files,
            Settings.Application application,
            Path interpreter,
            List<String> questions,
            Duration most)
            throws StartException {
        if (!OtherUser.of(application)) {
            return ask(files, interpreter, questions, most);
        }
        String name = interpreter.toString();
        ProcessBuilder builder = new ProcessBuilder(OtherUser.command(OtherUser.starter(application, name), files));
        OtherUser.clean(builder.environment());
        Map<String, String> orders = OtherUser.orders(application, name);
        orders.put("questions", String.join(" ", questions));
        builder.environment().put("TERPAN_LAUNCH", Fields.encode(orders));
        return ask(builder, interpreter, most);
    }

    /**
     * Imports the application as its workers do, and asks its framework which static files it has.
     *
     * @param most how long it may take
     * @return lines of a settings file; empty: it has none
     */
    public static String staticFiles(
            PythonFiles files, Settings.Application application, Path interpreter, Duration most)
            throws StartException {
        AppTarget target = application.target();
        Map<String, String> orders = new LinkedHashMap<>();
        orders.put("chdir", application.chdir().toString());
        orders.put("directory", target.directory().toString());
        orders.put("module", target.module());
        orders.put("file", target.file().map(Path::toString).orElse(""));
        orders.put("callable", target.callable().orElse(""));
        orders.put("factory", Boolean.toString(target.factory()));
        String question =
                "files:" + HexFormat.of().formatHex(Fields.encode(orders).getBytes(UTF_8));
        PythonFacts facts;
        if (OtherUser.of(application)) {
            facts = ask(files, application, interpreter, List.of(question), most);
        } else {
            ProcessBuilder builder =
                    new ProcessBuilder(interpreter.toString(), files.startFile().toString(), "facts", question);
            builder.environment().putAll(application.environment());
            facts = ask(builder, interpreter, most);
        }
        return facts.told().getOrDefault(question, "");
    }

    private static PythonFacts ask(ProcessBuilder builder, Path interpreter, Duration most) throws StartException {
        Process process;
        try {
            process = builder.redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException error) {
            throw new StartException(
                    new StartFailure.InterpreterMissing(interpreter.toString(), RunDirectory.describe(error)));
        }
        try {
            CompletableFuture<String> output =
                    CompletableFuture.supplyAsync(() -> text(process.getInputStream()), Thread::startVirtualThread);
            if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                throw unusable(interpreter, List.of("it did not answer within " + most.toSeconds() + " s"));
            }
            return answer(interpreter, process.exitValue(), output.get(most.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unusable(interpreter, List.of("interrupted while it was asked"));
        } catch (TimeoutException held) {
            throw unusable(interpreter, List.of("a process that it left behind holds its output open"));
        } catch (ExecutionException broken) {
            throw unusable(interpreter, List.of(String.valueOf(broken.getMessage())));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(InputStream stream) {
        try (stream) {
            return new String(stream.readNBytes(OUTPUT_MOST), UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static PythonFacts answer(Path interpreter, int status, String output) throws StartException {
        List<String> lines = output.lines().toList();
        List<String> last = lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
        if (status == LauncherExit.TOO_OLD) {
            throw new StartException(new StartFailure.PythonTooOld(interpreter.toString(), last));
        }
        Map<String, String> told = Fields.decode(output);
        if (status != 0 || !told.containsKey("python")) {
            throw unusable(interpreter, last);
        }
        return new PythonFacts(interpreter, told);
    }

    private static StartException unusable(Path interpreter, List<String> lines) {
        return new StartException(new StartFailure.NotPython(interpreter.toString(), lines));
    }

    /** Such as {@code 3.11.2}. */
    public String python() {
        return told.getOrDefault("python", "");
    }

    /** Such as {@code CPython}. */
    public String implementation() {
        return told.getOrDefault("implementation", "");
    }

    /** The version of an installed distribution. */
    public Optional<String> distribution(String name) {
        return Optional.ofNullable(told.get("distribution:" + name));
    }

    /** The version of a program that was found; its path, if it does not say. */
    public Optional<String> program(String name) {
        return Optional.ofNullable(told.get("program:" + name));
    }

    /** The name and version of a server that its launcher could import. */
    public Optional<String> server(String name) {
        return Optional.ofNullable(told.get("server:" + name));
    }

    /** Why a server could not be imported. */
    public Optional<String> serverError(String name) {
        return Optional.ofNullable(told.get("error.server:" + name));
    }
}
