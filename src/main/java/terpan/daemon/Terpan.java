package terpan.daemon;

import java.io.PrintStream;
import terpan.config.Settings;

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
    public static int serve(Settings settings, ServeOptions options, PrintStream out) throws StartFailure {
        return new Serving(settings).run(out);
    }

    /**
     * Imports the application once, without serving.
     *
     * @return the exit code
     * @throws StartFailure when the application does not import
     */
    public static int check(Settings settings) throws StartFailure {
        throw new StartFailure(ExitCode.INTERNAL, "checking the application is not built yet");
    }
}
