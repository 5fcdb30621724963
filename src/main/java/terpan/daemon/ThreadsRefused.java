package terpan.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import terpan.worker.StartFailure.NoProcess;

/** What a person is told where the system gives a start no further thread: a limit of theirs, and no fault of ours. */
final class ThreadsRefused {
    private static final String LIMIT = "Max processes";

    private ThreadsRefused() {}

    /** Says it in words; an error that is about memory is thrown again. */
    static StartFailure of(OutOfMemoryError refused) {
        if (!String.valueOf(refused.getMessage()).contains("thread")) {
            throw refused;
        }
        return new StartFailure(
                ExitCode.CONFIGURATION,
                "the system allows no further thread: this user may have " + most()
                        + " processes and threads, and Terpan needs about 40 and 8 for each worker beside those that run; "
                        + NoProcess.MORE_PROCESSES);
    }

    private static String most() {
        try {
            return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith(LIMIT))
                    .map(line -> line.substring(LIMIT.length()).strip().replaceFirst(" .*", ""))
                    .findFirst()
                    .orElse("?");
        } catch (IOException unreadable) {
            return "?";
        }
    }
}
