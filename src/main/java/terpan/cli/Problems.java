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
        boolean settings = problems.stream().anyMatch(problem -> problem.kind() == Problem.Kind.SETTING);
        Problem.Kind kind =
                settings ? Problem.Kind.SETTING : problems.getFirst().kind();
        return switch (kind) {
            case SETTING -> ExitCode.CONFIGURATION.code();
            case APPLICATION -> ExitCode.APPLICATION.code();
            case INTERPRETER -> ExitCode.INTERPRETER.code();
        };
    }
}
