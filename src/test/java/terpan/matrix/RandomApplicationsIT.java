package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import terpan.serve.Answer;
import terpan.serve.Connection;
import terpan.serve.Program;

/**
 * Behind every server an application that misbehaves by chance (erratic.py), and clients that do so too: every honest answer in
 * between is right, no worker ends, and all places come back. {@code -Dterpan.random.seed=N} repeats a run,
 * {@code -Dterpan.random.seconds=N} is the time for all servers together.
 */
@Tag("matrix")
final class RandomApplicationsIT {
    private static final long SEED = Long.getLong("terpan.random.seed", System.nanoTime());
    private static final Duration ALL = Duration.ofSeconds(Long.getLong("terpan.random.seconds", 60));

    /** Servers that are worked on side by side, about. */
    private static final int SIDE_BY_SIDE = 2;

    private static final int CLIENTS = 4;

    private static final Duration GRACE = Duration.ofSeconds(90);
    private static final int BODY_MOST = 200_000;

    @TempDir
    private Path folder;

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    Stream<DynamicNode> whateverAnApplicationDoesItsPlaceComesBack() {
        List<Column> columns = Columns.wanted();
        Duration each = ALL.multipliedBy(Math.min(SIDE_BY_SIDE, columns.size())).dividedBy(columns.size());
        return columns.stream().map(column -> dynamicTest(column + ", seed " + SEED, () -> run(column, each)));
    }

    private void run(Column column, Duration time) {
        Map<Integer, String> last = new ConcurrentHashMap<>();
        Bench bench = new Bench(column, Program.python(), folder);
        try {
            assertTimeoutPreemptively(time.plus(GRACE), () -> misbehave(bench, time, last));
        } catch (AssertionError | Exception failed) {
            String said = bench.lastLines();
            bench.discard();
            throw new AssertionError(
                    column + " with -Dterpan.random.seed=" + SEED + ", the clients' last requests " + last + ": "
                            + failed.getMessage() + "\nTerpan said:\n" + said,
                    failed);
        }
    }

    private static void misbehave(Bench bench, Duration time, Map<Integer, String> last) throws Exception {
        List<Long> before = Workers.pids(bench.terpan());
        long end = System.nanoTime() + time.toNanos();
        AtomicLong requests = new AtomicLong();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> running = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                Client client = new Client(bench, number, end, last, requests);
                running.add(clients.submit(client));
            }
            for (Future<Void> each : running) {
                each.get();
            }
        }
        assertThat(requests.get()).as("requests that misbehaved").isGreaterThan(CLIENTS);
        bench.assertQuiet();
        Workers.parallel(bench);
        bench.assertQuiet();
        assertThat(Workers.pids(bench.terpan())).as("the workers live").isEqualTo(before);
        bench.close();
    }

    /** One after the other: a request that misbehaves, and one that does not. */
    private static final class Client implements Callable<Void> {
        private final Bench bench;
        private final int number;
        private final long end;
        private final Map<Integer, String> last;
        private final AtomicLong requests;
        private final Random random;

        Client(Bench bench, int number, long end, Map<Integer, String> last, AtomicLong requests) {
            this.bench = bench;
            this.number = number;
            this.end = end;
            this.last = last;
            this.requests = requests;
            this.random = new Random(SEED + number);
        }

        @Override
        public Void call() throws IOException {
            do {
                try (Connection connection = bench.connect()) {
                    boolean kept = misbehaved(connection);
                    requests.incrementAndGet();
                    if (kept && random.nextBoolean()) {
                        assertHonest(connection);
                        continue;
                    }
                }
                try (Connection connection = bench.connect()) {
                    assertHonest(connection);
                }
            } while (System.nanoTime() < end);
            return null;
        }

        /** Whether the connection goes on. */
        private boolean misbehaved(Connection connection) throws IOException {
            String method = List.of("GET", "GET", "POST", "POST", "HEAD").get(random.nextInt(5));
            String target = Bench.PREFIX + "/erratic?seed=" + random.nextInt(1 << 30);
            last.put(number, method + " " + target);
            boolean leaves = random.nextInt(10) == 0;
            String body =
                    method.equals("POST") ? "b".repeat(random.nextInt(3) == 0 ? random.nextInt(BODY_MOST) : 5) : "";
            try {
                connection.ask(method, target, body.isEmpty() ? "X-None: 1" : "Content-Length: " + body.length());
                connection.send(leaves ? body.substring(body.length() / 2) : body);
                if (leaves) {
                    if (random.nextBoolean()) {
                        connection.leave();
                    }
                    return false;
                }
                Answer head = connection.readHead();
                if (method.equals("HEAD")) {
                    return false;
                }
                connection.body(head).readAllBytes();
                last.merge(number, head.toString(), (asked, answered) -> asked + " was answered " + answered);
                return !head.field("Connection").orElse("").equals("close");
            } catch (IOException cut) {
                return false; // an answer that breaks off
            }
        }

        private void assertHonest(Connection connection) throws IOException {
            String word = "word" + random.nextInt(1 << 30);
            String target = Bench.PREFIX + "/honest?word=" + word;
            boolean posts = random.nextBoolean();
            connection.ask(posts ? "POST" : "GET", target, posts ? "Content-Length: 6" : "X-None: 1");
            connection.send(posts ? "honest" : "");
            Answer answer = connection.read();
            assertThat(answer.status())
                    .as("after %s: %s", last.get(number), answer)
                    .isEqualTo(200);
            assertThat(answer.body()).as("after %s", last.get(number)).isEqualTo(word + (posts ? " 6" : " 0"));
            assertThat(answer.field("X-Word")).contains(word);
        }
    }
}
