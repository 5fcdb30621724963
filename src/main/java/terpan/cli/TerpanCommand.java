package terpan.cli;

import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;

/**
 * The command line as a whole: does what the arguments ask, and says by an exit code how it ended. It names no class of
 * picocli, so that a plain {@code serve} does not load them.
 */
final class TerpanCommand {
    private final Surroundings surroundings;
    private final Actions actions;

    TerpanCommand(Surroundings surroundings, Actions actions) {
        this.surroundings = surroundings;
        this.actions = actions;
    }

    /** Runs one command and returns its exit code. */
    int run(List<String> arguments) {
        try {
            return dispatch(arguments);
        } catch (StartFailure failure) {
            surroundings.err().println("terpan: " + failure.getMessage());
            return failure.reason().code();
        } catch (InvalidPathException unreadable) {
            surroundings
                    .err()
                    .println("terpan: the path \"" + unreadable.getInput() + "\" can not be used: "
                            + unreadable.getReason()
                            + "; with letters beyond ASCII run in a locale such as LC_ALL=C.UTF-8");
            return ExitCode.USAGE.code();
        } catch (RuntimeException | Error fault) {
            surroundings.err().println("terpan: a fault in Terpan itself, please report it:");
            fault.printStackTrace(surroundings.err());
            return ExitCode.INTERNAL.code();
        }
    }

    private int dispatch(List<String> arguments) throws StartFailure {
        SettingsCommands commands = new SettingsCommands(surroundings, actions, arguments);
        Optional<ServeLine> plain = PlainServe.read(arguments);
        return plain.isPresent()
                ? commands.serve(plain.get())
                : new ParsedCommand(surroundings, actions, commands).run(arguments);
    }
}
