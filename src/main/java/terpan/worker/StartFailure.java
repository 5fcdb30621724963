package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why no worker can be started at all: a person's mistake or the machine's state, said in one message without a stack trace. */
public sealed interface StartFailure {
    /** What failed, with its subject, what was expected, and a hint. May have several lines. */
    String message();

    /** The run directory, or the folder it lies in, belongs to someone else. */
    record DirectoryNotOurs(Path path, String owner) implements StartFailure {
        @Override
        public String message() {
            return "the run directory can not be used: " + path + " belongs to " + owner
                    + "; remove it, or name another with --run-directory";
        }
    }

    /** Others may read or enter the run directory. */
    record DirectoryOpen(Path path, String mode) implements StartFailure {
        @Override
        public String message() {
            return "the run directory can not be used: " + path + " has the mode " + mode
                    + ", expected rwx------; run: chmod 700 " + path;
        }
    }

    /** Another Terpan serves the same application at the same addresses. */
    record DirectoryLocked(Path path, String holder) implements StartFailure {
        @Override
        public String message() {
            return "Terpan runs already for this application: process " + holder + " holds " + path
                    + "; stop it, or name another run directory with --run-directory";
        }
    }

    /** A socket's path would not fit into a socket address. */
    record PathTooLong(Path path, int bytes, int most) implements StartFailure {
        @Override
        public String message() {
            return "the run directory's path is too long for sockets: " + path + " has " + bytes
                    + " bytes, expected at most " + most + "; name a shorter one with --run-directory";
        }
    }

    /** The file system refused something else. */
    record DirectoryUnusable(Path path, String why) implements StartFailure {
        @Override
        public String message() {
            return "the run directory can not be used: " + path + ": " + why;
        }
    }

    /** There is no interpreter, or it can not be executed. */
    record InterpreterMissing(String interpreter, String why) implements StartFailure {
        @Override
        public String message() {
            return "the Python interpreter '" + interpreter + "' can not be started: " + why
                    + "; expected Python 3.9 or later, name one with --python";
        }
    }

    /** The system starts no process, for one of its limits. */
    record NoProcess(String worker, String why, String raise) implements StartFailure {
        /** What to do where processes and threads are too few. */
        public static final String MORE_PROCESSES =
                "raise the limit: ulimit -u, LimitNPROC= and TasksMax= in a systemd unit, --pids-limit of a container";

        private static final Pattern NUMBER = Pattern.compile("error[=:] ?(\\d{1,4})");
        private static final int NO_MORE_PROCESSES = 11;
        private static final int NO_MEMORY = 12;
        private static final int NO_MORE_FILES = 24;

        /** Why a process was not started; what Java suggests on lines of its own is about Java. */
        static StartFailure of(String worker, String interpreter, IOException refused) {
            if (refused instanceof RootSide.Refused) {
                return new RootRefuses(worker + ": " + refused.getMessage());
            }
            String told = RunDirectory.describe(refused).lines().findFirst().orElse("");
            Matcher number = NUMBER.matcher(told);
            return switch (number.find() ? Integer.parseInt(number.group(1)) : 0) {
                case NO_MORE_PROCESSES ->
                    new NoProcess(worker, "the system allows this user no further process", MORE_PROCESSES);
                case NO_MORE_FILES ->
                    new NoProcess(
                            worker,
                            "no further file may be open",
                            "raise the limit: ulimit -n, LimitNOFILE= in a systemd unit, --ulimit nofile= of a container");
                case NO_MEMORY ->
                    new NoProcess(worker, "there is no memory for it", "set fewer workers, or give it more");
                default -> new InterpreterMissing(interpreter, told);
            };
        }

        @Override
        public String message() {
            return "the process of " + worker + " can not be started: " + why + "; " + raise;
        }
    }

    /**
     * Root's helper was not told of it at the start.
     *
     * @param what the group or worker, and what is another
     */
    record RootRefuses(String what) implements StartFailure {
        @Override
        public String message() {
            return what + "; the front has given root up, and its helper starts what it was told at the start:"
                    + " run terpan upgrade, which reads the settings as root";
        }
    }

    /** What was started did not behave like Python 3. */
    record NotPython(String interpreter, List<String> lines) implements StartFailure {
        @Override
        public String message() {
            return withLines(
                    "'" + interpreter + "' did not start as a Python 3 interpreter; expected Python 3.9 or later, "
                            + "name one with --python",
                    lines);
        }
    }

    /** The interpreter is older than 3.9. */
    record PythonTooOld(String interpreter, List<String> lines) implements StartFailure {
        @Override
        public String message() {
            return withLines("the interpreter '" + interpreter + "' is too old; name a newer one with --python", lines);
        }
    }

    /** The server is not installed in the application's environment. */
    record ServerMissing(String server, String interpreter, String why, String installHint) implements StartFailure {
        @Override
        public String message() {
            return "the server '" + server + "' can not be imported by " + interpreter + ": " + why
                    + (installHint.isEmpty() ? "" : "; to install it: " + installHint);
        }
    }

    /**
     * The application raised while it was imported, or is not there.
     *
     * @param text the traceback without our own frames, or one line
     */
    record ImportFailed(String application, String text) implements StartFailure {
        @Override
        public String message() {
            return "the application '" + application + "' does not import:\n" + text.stripTrailing();
        }
    }

    /**
     * The application imported, and said or raised why it can not start (ASGI's lifespan).
     *
     * @param text the traceback without our own frames, or what the application said
     */
    record StartupFailed(String application, String text) implements StartFailure {
        @Override
        public String message() {
            return "the application '" + application + "' failed at its startup:\n" + text.stripTrailing();
        }
    }

    /**
     * The application imported, and left something behind in that process that must not be there when workers are forked from it.
     *
     * @param text what it is, a line each
     */
    record NotPreloaded(String application, String text) implements StartFailure {
        @Override
        public String message() {
            return withLines(
                    "the application '" + application
                            + "' can not be preloaded (workers.preload): its import has left behind what a fork breaks, or workers would share;"
                            + " begin it in the worker (docs/preload.md), or set preload = false",
                    text.lines().toList());
        }
    }

    /** An ASGI application, and a server that runs WSGI ones only. */
    record NotForServer(String application, String server, List<String> servers) implements StartFailure {
        @Override
        public String message() {
            return "the application '" + application + "' is an ASGI application, which the server '" + server
                    + "' does not run; expected --server with one of " + String.join(", ", servers)
                    + " (or --interface wsgi, if it is a WSGI application after all)";
        }
    }

    /** A worker could not bind, change user or enter its directory. */
    record SetupFailed(String worker, String why) implements StartFailure {
        @Override
        public String message() {
            return worker + " could not be set up: " + why;
        }
    }

    /** What a worker said to us broke the rules of the control channel. */
    record ControlBroken(String worker, String why) implements StartFailure {
        @Override
        public String message() {
            return worker + " broke the rules of the control channel and was killed: " + why
                    + "; only what Terpan itself runs in a worker may write to it";
        }
    }

    /** Root would run what others can write. */
    record NoStarter(List<String> tried) implements StartFailure {
        @Override
        public String message() {
            return "no Python interpreter was found that only root can write, which is needed to become another user: tried "
                    + String.join(", ", tried)
                    + "; install one (Debian: apt-get install python3), or start Terpan as that user";
        }
    }

    /** Our Python files lie where the user of the workers could not read them. */
    record FilesUnreadable(List<String> tried) implements StartFailure {
        @Override
        public String message() {
            return "Terpan's Python files cannot be put where the workers' user can read them, and nobody but root can write them: "
                    + String.join("; ", tried) + "; make one of these folders writable for root and readable for all";
        }
    }

    /** Workers ended or hung again and again before one was ever ready. */
    record NeverReady(String worker, String why, List<String> lines) implements StartFailure {
        @Override
        public String message() {
            return withLines("no worker became ready: " + worker + " " + why, lines);
        }
    }

    /** A virtual environment could not be made or filled. */
    record InstallFailed(String what, String hint, List<String> lines) implements StartFailure {
        @Override
        public String message() {
            return withLines(what + (hint.isEmpty() ? "" : "; " + hint), lines);
        }
    }

    private static String withLines(String message, List<String> lines) {
        return lines.isEmpty() ? message : message + "\n  " + String.join("\n  ", lines);
    }
}
