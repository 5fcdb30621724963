package terpan.handover;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first process of a container is given all processes there whose parents have ended; the JDK waits for those that it has started
 * itself, and these would stay in the table of processes for ever. A thread of its own collects what has ended: the JDK has a thread that waits
 * for each of its own children, so one that is still there at the next look is nobody's. Rejected: a shell or an init in front, which every
 * signal would have to pass.
 */
@SuppressWarnings("restricted") // one system call, as those of SystemCalls
public final class Orphans {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
    private static final long FIRST = 1;
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final int WNOHANG = 1;
    private static final MethodHandle WAITPID = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("waitpid"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    private Orphans() {}

    /** Begins with it where this is the first process. */
    public static void collectIfFirst() {
        if (ProcessHandle.current().pid() == FIRST) {
            Thread.ofPlatform().name("terpan-orphans").daemon().start(Orphans::run);
        }
    }

    private static void run() {
        Set<Long> before = Set.of();
        while (!Thread.currentThread().isInterrupted()) {
            Set<Long> ended = ProcessHandle.current()
                    .children()
                    .map(ProcessHandle::pid)
                    .filter(Orphans::hasEnded)
                    .collect(Collectors.toSet());
            ended.stream().filter(before::contains).forEach(Orphans::collect);
            before = ended;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY.toMillis()));
        }
    }

    /** Whether it is a zombie: the letter behind its name, which may have brackets itself. */
    private static boolean hasEnded(long pid) {
        try {
            String stat = Files.readString(
                    Path.of("/proc", Long.toString(pid), "stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException gone) {
            return false;
        }
    }

    private static void collect(long pid) {
        try {
            int collected = (int) WAITPID.invokeExact((int) pid, MemorySegment.NULL, WNOHANG);
            LOG.atDebug().addKeyValue("pid", collected).log("a process that had lost its parent has ended");
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
