package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what one process writes, line by line, until nobody holds the other end. Owns a small platform thread: a blocking pipe
 * read would hold a virtual thread's carrier. The last lines are kept for whoever asks why the process ended.
 */
final class WorkerOutput {
    static final int LINE_MOST = 16 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(WorkerOutput.class);

    private static final int KEPT_LINES = 20;

    /** Python begins the stacks of a process that takes too long with it. */
    private static final String LATE = "Timeout (";

    private static final int LATE_MOST = 60;
    private static final long STACK_BYTES = 128 * 1024;

    private final String worker;
    private final LineMarks marks;
    private final InputStream stream;
    private final LineObserver observer;
    private final Runnable ended;
    private final Deque<String> last = new ArrayDeque<>();
    /** The stacks, once they have begun; guarded by {@link #last}. */
    private final List<String> late = new ArrayList<>();

    private volatile boolean abandoned;
    private final byte[] line = new byte[LINE_MOST];
    private int length;

    private WorkerOutput(String worker, String mark, InputStream stream, LineObserver observer, Runnable ended) {
        this.worker = worker;
        this.marks = new LineMarks(mark, LINE_MOST, this::tell);
        this.stream = stream;
        this.observer = observer;
        this.ended = ended;
    }

    /**
     * Reads on a thread of its own.
     *
     * @param mark the word by which its launcher marks what is written for a request; empty: it marks nothing
     * @param ended runs there after the last line
     */
    static WorkerOutput read(String worker, String mark, InputStream stream, LineObserver observer, Runnable ended) {
        WorkerOutput output = new WorkerOutput(worker, mark, stream, observer, ended);
        Thread thread = new Thread(null, output::run, "terpan-output-" + worker, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return output;
    }

    private void run() {
        byte[] buffer = new byte[8192];
        try (stream) {
            for (int read = stream.read(buffer); read >= 0 && !abandoned; read = stream.read(buffer)) {
                take(buffer, read);
            }
        } catch (IOException closed) {
            // The pipe ends with the process: there is nothing more to read.
            LOG.atDebug()
                    .addKeyValue("worker", worker)
                    .addKeyValue("reason", closed)
                    .log("output ended");
        } finally {
            if (length > 0) {
                tell(true);
            }
            marks.flush();
            ended.run();
        }
    }

    /**
     * The process has ended: who still holds the other end is none of ours, and must not keep a thread for as long as it likes. A read that
     * waits is woken by a byte, for closing the pipe would not wake it. On Linux alone; elsewhere it waits on.
     *
     * @param pipe the pipe's name in {@code /proc}, as {@link #pipeOf} told it
     */
    void abandon(String pipe) {
        abandoned = true;
        if (pipe.isEmpty()) {
            return;
        }
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                if (pipe.equals(link(descriptor))) {
                    try (FileChannel wake = FileChannel.open(descriptor, StandardOpenOption.WRITE)) {
                        wake.write(ByteBuffer.wrap(new byte[] {'\n'}));
                    }
                    return;
                }
            }
        } catch (IOException gone) {
            // Its reader has ended already.
        }
    }

    /** The name of the pipe that a process, which has just been started, writes to; empty: not known. */
    static String pipeOf(long pid) {
        String name = link(Path.of("/proc", Long.toString(pid), "fd", "1"));
        return name.startsWith("pipe:") ? name : "";
    }

    /** Where a link leads; empty: nowhere that can be told. */
    static String link(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException | UnsupportedOperationException gone) {
            return "";
        }
    }

    private void take(byte[] buffer, int count) {
        for (int i = 0; i < count; i++) {
            if (buffer[i] == '\n') {
                tell(true);
                continue;
            }
            if (length == LINE_MOST) {
                tell(false);
            }
            line[length++] = buffer[i];
        }
    }

    private void tell(boolean ends) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        String text = new String(line, 0, end, UTF_8);
        length = 0;
        marks.take(text, ends);
    }

    private void tell(String request, String text) {
        if (!text.startsWith(LoggedLines.RAISED)) {
            keep(text);
        }
        try {
            observer.line(new WorkerLine(worker, request, text));
        } catch (RuntimeException fault) {
            // Who writes on must not wait for a reader: one line is lost.
            LOG.atError().setCause(fault).addKeyValue("worker", worker).log("a line of a worker could not be logged");
        }
    }

    private void keep(String text) {
        synchronized (last) {
            if (isLate(text)) {
                late.add(text);
                return;
            }
            if (last.size() == KEPT_LINES) {
                last.removeFirst();
            }
            last.addLast(text);
        }
    }

    private boolean isLate(String text) {
        if (late.isEmpty()) {
            return text.startsWith(LATE);
        }
        return late.size() < LATE_MOST && (text.startsWith("  ") || text.startsWith("Thread 0x") || text.isEmpty());
    }

    /** Where its threads were when its time to start was nearly over, without frames of ours and the import's; from any thread. */
    List<String> lateLines() {
        synchronized (last) {
            return late.stream()
                    .skip(1)
                    .filter(line -> !line.isEmpty() && !line.contains("/terpan_worker/") && !line.contains("<frozen "))
                    .toList();
        }
    }

    /** The last lines that were written, oldest first, at most twenty; from any thread. */
    List<String> lastLines() {
        synchronized (last) {
            return List.copyOf(last);
        }
    }
}
