package terpan.daemon;

/** How a run of the command ended, as its exit code tells. Documented in {@code docs/exit-codes.md}, which a test holds equal. */
public enum ExitCode {
    OK(0, "Ended as asked: the command did its work, or a server was stopped and every accepted request was answered."),
    INTERNAL(1, "A fault in Terpan itself; the message says where, please report it."),
    USAGE(2, "The command line was not understood: an unknown command or option, or a value left out."),
    CONFIGURATION(
            3,
            "A setting is wrong, whether from a flag, a variable or the file, or a limit of the process is too low for it; every problem is listed."),
    APPLICATION(4, "The application was not found or does not import; the traceback is shown."),
    ADDRESS(5, "An address could not be bound: it is in use, not ours, or not allowed."),
    RUN_DIRECTORY(6, "The run directory is not ours, can not be made, or is held by another Terpan."),
    INTERPRETER(7, "No Python interpreter was found, or it can not be started."),
    NOT_RUNNING(8, "No running Terpan was found to talk to."),
    REFUSED(9, "A running Terpan did not do what it was asked; it says why."),
    DIFFERS(10, "A probed server does something otherwise than its profile says; the table marks it."),
    PROBLEM(11, "The doctor found at least one problem; what to do stands behind it."),
    THREAD(12, "A thread that Terpan cannot do without has ended; the log has its trace, please report it."),
    CUT(13, "A server was stopped as asked, but requests were cut: they had not been answered within drain-timeout."),
    UNFINISHED(
            14,
            "A restart, a change of the number of workers or a reload did not come to its end: a new worker did not become ready and the old ones serve on, or --timeout was over."),
    ROLLED_BACK(
            15,
            "A reload or an upgrade was rolled back: what was to take over did not start, or did not answer as it has to; what was there never stopped serving."),
    INTERRUPTED(130, "A second interrupt ended the run at once; requests in flight may have been lost."),
    TERMINATED(143, "A second termination signal ended the run at once; requests in flight may have been lost.");

    private final int code;
    private final String text;

    ExitCode(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The number that the system sees, 0 to 255. */
    public int code() {
        return code;
    }

    /** One sentence for the person. */
    public String text() {
        return text;
    }
}
