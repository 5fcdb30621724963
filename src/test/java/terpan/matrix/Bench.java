package terpan.matrix;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import terpan.serve.Answer;
import terpan.serve.Connection;
import terpan.serve.Http2Connection;
import terpan.serve.Load;
import terpan.serve.Program;
import terpan.serve.RunningTerpan;

/** One column's Terpan: started when the first check asks for it, and again after a check that ended it. */
final class Bench implements AutoCloseable {
    /** The application lies below this path. */
    static final String PREFIX = "/shop";

    static final int WORKERS = 2;
    private static final int SHOWN_LINES = 40;
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Duration MOST = Duration.ofSeconds(20);

    private final Column column;
    private final Path python;
    private final Path folder;
    private Optional<RunningTerpan> running = Optional.empty();
    private boolean speaksHttp2;

    Bench(Column column, Path python, Path folder) {
        this.column = column;
        this.python = python;
        this.folder = folder;
    }

    RunningTerpan terpan(String... more) throws IOException {
        if (running.isEmpty()) {
            List<String> arguments = new ArrayList<>(column.arguments());
            arguments.addAll(List.of(more));
            arguments.addAll(List.of("--bind", "127.0.0.1:0", "--bind", "127.0.0.1:0,h2c"));
            arguments.addAll(List.of("--workers", Integer.toString(WORKERS), "--prefix", PREFIX));
            arguments.addAll(List.of("conformance:application", "--chdir", Program.APPLICATIONS.toString()));
            arguments.addAll(List.of("--python", python.toString()));
            RunningTerpan started = RunningTerpan.start(Map.of(), arguments);
            running = Optional.of(started);
            awaitWorkers();
        }
        return running.get();
    }

    /** Stops what runs and asserts that nothing is left of it. */
    void end() throws IOException {
        if (running.isPresent()) {
            RunningTerpan last = running.get();
            running = Optional.empty();
            last.close();
        }
    }

    /** Ends at once what a failed check leaves; the next check starts anew. */
    void discard() {
        if (running.isEmpty()) {
            return;
        }
        RunningTerpan last = running.get();
        running = Optional.empty();
        try {
            last.signal("KILL");
            last.exitCode();
            last.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What Terpan wrote last. */
    String lastLines() {
        List<String> lines = running.map(RunningTerpan::errors).orElse(List.of());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    }

    /** Between two checks nothing is on its way. */
    void assertQuiet() {
        running.ifPresent(RunningTerpan::assertQuiet);
    }

    void awaitWorkers() throws IOException {
        RunningTerpan terpan = running.orElseThrow();
        await().atMost(MOST).until(() -> terpan.status().readyWorkers() == WORKERS);
    }

    /** What clients speak from now on. */
    void speaks(boolean http2) {
        speaksHttp2 = http2;
    }

    Connection connect() throws IOException {
        RunningTerpan terpan = terpan();
        return speaksHttp2 ? Http2Connection.over(terpan.addresses().getLast()) : terpan.connect();
    }

    Answer get(String target, String... fields) throws IOException {
        try (Connection connection = connect()) {
            return connection.get(PREFIX + target, fields);
        }
    }

    /** A path that nobody used. */
    Path fresh(String name) {
        return folder.resolve(name + NAMES.incrementAndGet());
    }

    static void touch(Path file) throws IOException {
        Files.writeString(file, "");
    }

    static void awaitFile(Path file, int lines) {
        await(file + " with " + lines + " lines")
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(10))
                .until(() -> Files.exists(file) && Files.readAllLines(file).size() >= lines);
    }

    static void awaitAnswers(Load load, long count) {
        await(count + " answers")
                .pollInterval(Duration.ofMillis(20))
                .atMost(MOST)
                .until(() -> load.answered(200) >= count);
    }

    @Override
    public void close() throws IOException {
        end();
    }
}
