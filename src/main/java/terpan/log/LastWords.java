package terpan.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** What is said on standard error when the log can not be relied on any more. Needs nothing that is not loaded by then. */
public final class LastWords {
    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.err), true);

    /** Says what has happened, with its trace. */
    public void say(String what, Throwable why) {
        out.println(what);
        why.printStackTrace(out);
        out.flush();
    }
}
