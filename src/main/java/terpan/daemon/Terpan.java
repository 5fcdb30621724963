package terpan.daemon;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import terpan.config.ServerCheck;
import terpan.config.Settings;
import terpan.log.LogProvider;
import terpan.server.ProfileCheck;
import terpan.server.Profiles;
import terpan.tls.BoringSsl;
import terpan.worker.PythonFiles;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;

/** The composition root: builds every part, starts them in order and stops them in reverse. */
public final class Terpan {
    private Terpan() {}

    /**
     * Serves until it is told to stop.
     *
     * @param out where a person is told what is served, and where
     * @return the exit code
     * @throws StartFailure when the start can not go on
     */
    public static int serve(ServeOptions options, PrintStream out) throws StartFailure {
        LogProvider.choose();
        Settings settings = options.read().settings();
        return new Serving(options, options.install() ? Installed.in(settings, out) : settings).run(out);
    }

    /**
     * Imports the application once, without serving.
     *
     * @return the exit code
     * @throws StartFailure when the application does not import
     */
    public static int check(Settings settings) throws StartFailure {
        LogProvider.choose();
        if (settings.application().isEmpty()) {
            return ExitCode.OK.code();
        }
        try {
            ApplicationCheck.run(settings, settings.application().get());
            return ExitCode.OK.code();
        } catch (StartException failed) {
            throw StartFailures.of(failed);
        } catch (IOException unusable) {
            throw new StartFailure(
                    ExitCode.RUN_DIRECTORY, "no temporary folder for the check: " + unusable.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERRUPTED.code();
        }
    }

    /** What was asked for can not be served, and why: a Terpan that has started this one to take its place is told. */
    public static void refused(Map<String, String> environment, String why) {
        Predecessor.refuse(environment, why);
    }

    /** The run directory that these settings have for this user. */
    public static Path runDirectory(Settings settings, Map<String, String> environment) {
        return RunDirectory.pathFor(settings, environment);
    }

    /** The exit code of a Terpan that had this run directory and process; empty: it left no word of it. */
    public static OptionalInt endOf(Path runDirectory, long pid) {
        return RunDirectory.wordOf(runDirectory, pid);
    }

    /** The jar that this program runs from, or the folder of its classes. */
    public static Path program() {
        return PythonFiles.program();
    }

    /** What computes TLS here unless the settings say otherwise, for a person. */
    public static String tlsEngine() {
        return BoringSsl.version().orElseGet(() -> "JDK: " + BoringSsl.load().orElse(""));
    }

    /** The servers that there are, as they are named in settings. */
    public static List<String> serverNames() {
        return Profiles.names();
    }

    /** What is known of servers, for whoever loads settings. */
    public static ServerCheck servers() {
        return new ProfileCheck();
    }
}
