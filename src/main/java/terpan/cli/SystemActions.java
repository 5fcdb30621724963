package terpan.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import terpan.config.Settings;
import terpan.daemon.ExitCode;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;
import terpan.daemon.Terpan;

/** The actions as they are: the daemon in this process, or a running one through its operators' socket. */
final class SystemActions implements Actions {
    @Override
    public int serve(Settings settings, ServeOptions options) throws StartFailure {
        return Terpan.serve(settings, options);
    }

    @Override
    public int check(Settings settings) throws StartFailure {
        return Terpan.check(settings);
    }

    @Override
    public int status(Path socket, boolean json, PrintStream out) throws StartFailure {
        throw notBuilt(socket);
    }

    @Override
    public int restart(Path socket, String worker, PrintStream out) throws StartFailure {
        throw notBuilt(socket);
    }

    @Override
    public int stop(Path socket, PrintStream out) throws StartFailure {
        throw notBuilt(socket);
    }

    private static StartFailure notBuilt(Path socket) {
        return new StartFailure(ExitCode.INTERNAL, "talking to " + socket + " is not built yet");
    }
}
