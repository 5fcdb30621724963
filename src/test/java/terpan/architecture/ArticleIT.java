package terpan.architecture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks' generator of open loads against servers of known delay, and the short form of the article's experiments. */
final class ArticleIT {
    private static final int GENERATOR_SECONDS = 60;

    /** Installing what it compares takes as long as the network does; the run itself about a minute. */
    private static final int SHORT_SECONDS = 480;

    private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(US_ASCII);

    @TempDir
    private Path folder;

    @Test
    void theGeneratorTellsADelayThatIsKnown() throws Exception {
        try (Server server = new Server(20, 0)) {
            // The first step only warms it.
            String told = load(server.port(), 50, "100 2 0 5 1 /=100\n100 2 1 5 1 /=100");
            told = told.strip().lines().reduce((_, last) -> last).orElse("");
            assertThat(number(told, "requests")).isEqualTo(200);
            assertThat(number(told, "errors")).as(told).isZero();
            // On a busy machine it sends late, which is in the latencies by intention, and tells how late.
            double late = number(told, "late_p99");
            assertThat(number(told, "p50")).as(told).isBetween(20_000.0, 20_000.0 + late + 150_000.0);
            assertThat(number(told, "achieved")).as(told).isBetween(60.0, 101.0);
        }
    }

    /** A closed load would send nothing during the stall, and see one slow answer where everyone who came meanwhile waited. */
    @Test
    void aStallIsFeltByAllWhoWereDueMeanwhile() throws Exception {
        try (Server server = new Server(0, 1_000)) {
            String told = load(server.port(), 1, "100 4 0 10 1 /=75 /other=25");
            assertThat(number(told, "errors")).as(told).isZero();
            assertThat(number(told, "most")).as(told).isGreaterThanOrEqualTo(990_000);
            // A hundred of four hundred were due in that second, the last of them at its end.
            assertThat(number(told, "p90")).as(told).isGreaterThan(500_000);
        }
    }

    @Test
    void requestsThatAreNeverAnsweredAreErrorsThatHaveWaited() throws Exception {
        try (Server server = new Server(0, 60_000)) {
            String told = load(server.port(), 4, "10 1 0 1 1 /=100");
            assertThat(number(told, "errors")).as(told).isEqualTo(10);
            assertThat(number(told, "p50")).as(told).isGreaterThan(1_000_000);
            assertThat(told).contains("no answer in time", "\"achieved\": 0.0");
        }
    }

    @Test
    void theShortFormRunsEveryPartAndWritesTablesAndCharts() throws Exception {
        Path results = folder.resolve("results");
        String command = Repository.ROOT.resolve("benchmarks/article/run").toString();
        String said = run(SHORT_SECONDS, "", List.of(command, "--short", "--results", results.toString()));
        String page = Files.readString(results.resolve("README.md"));
        assertThat(page)
                .as(said)
                .contains("only shows that everything runs")
                .contains("bjoern alone", "meinheld x1 in Terpan", "waitress", "builtin")
                .doesNotContain("did not run");
        for (String part : List.of("mono", "multi", "servers", "factor", "knees", "sockets", "cores")) {
            assertThat(Files.readString(results.resolve("results.json"))).contains("\"" + part + "\": {");
        }
        for (String chart : List.of("mono", "multi", "servers", "factor", "sockets-p99", "cores")) {
            assertThat(Files.readString(results.resolve(chart + ".svg"))).startsWith("<svg");
        }
        assertThat(Files.readString(results.resolve("cores.md"))).contains("| 64 |");
    }

    private String load(int port, int connections, String step) throws Exception {
        Path library = Path.of(Histogram.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String program =
                Repository.ROOT.resolve("benchmarks/load/OpenLoad.java").toString();
        return run(
                GENERATOR_SECONDS,
                step + "\n",
                List.of(
                        java.toString(),
                        "-cp",
                        library.toString(),
                        program,
                        String.valueOf(port),
                        String.valueOf(connections)));
    }

    private static double number(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\": ([\\d.]+)").matcher(json);
        assertThat(found.find()).as("%s in %s", name, json).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private String run(int seconds, String input, List<String> command) throws Exception {
        Path output = folder.resolve("output");
        Path given = Files.writeString(folder.resolve("input"), input);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(given.toFile())
                .redirectOutput(output.toFile())
                .start();
        boolean ended;
        try {
            ended = process.waitFor(seconds, TimeUnit.SECONDS);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        String said = Files.readString(output, UTF_8);
        assertThat(ended).as("ends in time: %s", said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    /** Answers each request of a kept connection after a delay; the first request of all once stalls everybody for longer. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicLong stalledUntil = new AtomicLong(Long.MIN_VALUE);
        private final long delayMilliseconds;
        private final long stallMilliseconds;

        Server(long delayMilliseconds, long stallMilliseconds) throws IOException {
            this.delayMilliseconds = delayMilliseconds;
            this.stallMilliseconds = stallMilliseconds;
            threads.execute(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listener.accept();
                    threads.execute(() -> serve(client));
                }
            } catch (IOException closed) {
                assertThat(listener.isClosed()).isTrue();
            }
        }

        private void serve(Socket client) {
            try (client;
                    BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII))) {
                client.setTcpNoDelay(true);
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (!line.isEmpty()) {
                        continue;
                    }
                    stalledUntil.compareAndSet(
                            Long.MIN_VALUE, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(stallMilliseconds));
                    long until = Math.max(
                            stalledUntil.get(), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMilliseconds));
                    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                        if (Thread.interrupted()) {
                            return;
                        }
                        LockSupport.parkNanos(left);
                    }
                    client.getOutputStream().write(ANSWER);
                }
            } catch (IOException gone) {
                // The generator closes what it gave up.
                if (!client.isClosed()) {
                    throw new UncheckedIOException(gone);
                }
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            threads.shutdownNow();
        }
    }
}
