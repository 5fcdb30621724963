package terpan.cli;

import java.io.PrintStream;
import java.util.List;
import terpan.config.Problem;
import terpan.daemon.ExitCode;

/** Tells a person's mistakes, all of them at once, a line each. */
final class Problems {
    private Problems() {}

    /** Tells them, at least one, and returns the exit code that says what they are about. */
    static int tell(List<Problem> problems, PrintStream err) {
        problems.forEach(err::println);
        if (problems.size() > 1) {
            err.println("terpan: " + problems.size() + " problems, see above");
        }
        return exitCode(Problem.kindOf(problems)).code();
    }

    /** The exit code of mistakes that are about this. */
    static ExitCode exitCode(Problem.Kind kind) {
        return switch (kind) {
            case SETTING -> ExitCode.CONFIGURATION;
            case APPLICATION -> ExitCode.APPLICATION;
            case INTERPRETER -> ExitCode.INTERPRETER;
        };
    }
}
