import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * An open load: requests fall due at a constant rate whatever became of those before, and latency counts from the moment a
 * request was due, so a stall is felt by everyone who would have come meanwhile. Each runs on a virtual thread over a
 * kept connection, the longest idle one first, or a new one when none is idle. Prints one line of JSON, times in microseconds.
 *
 * <p>java -cp HdrHistogram.jar OpenLoad.java PORT RATE SECONDS WARM_SECONDS SLOW_PERCENT SEED
 */
final class OpenLoad {
    private static final int ANSWER_MILLISECONDS = 10_000;
    private static final long LONGEST_MICROSECONDS = 60_000_000;

    private final InetSocketAddress address;
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final Histogram all = new ConcurrentHistogram(LONGEST_MICROSECONDS, 3);
    private final Histogram instant = new ConcurrentHistogram(LONGEST_MICROSECONDS, 3);
    private final Histogram lateness = new Histogram(LONGEST_MICROSECONDS, 3);
    private final AtomicLong errors = new AtomicLong();
    private final AtomicReference<String> lastError = new AtomicReference<>("");
    private final AtomicLong connections = new AtomicLong();

    private OpenLoad(int port) {
        this.address = new InetSocketAddress("127.0.0.1", port);
    }

    public static void main(String[] arguments) {
        int[] numbers = new int[arguments.length];
        for (int i = 0; i < arguments.length; i++) numbers[i] = Integer.parseInt(arguments[i]);
        OpenLoad load = new OpenLoad(numbers[0]);
        load.run(numbers[1], numbers[2], numbers[3], numbers[4], new SplittableRandom(numbers[5]));
        load.print();
    }

    private void run(int rate, int seconds, int warmSeconds, int slowPercent, SplittableRandom random) {
        long interval = 1_000_000_000L / rate;
        int warm = rate * warmSeconds;
        int total = warm + rate * seconds;
        // Closing the executor waits for every answer.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long began = System.nanoTime();
            for (int i = 0; i < total; i++) {
                long due = began + i * interval;
                long ahead;
                while ((ahead = due - System.nanoTime()) > 0) LockSupport.parkNanos(ahead);
                boolean slow = random.nextInt(100) < slowPercent;
                boolean counted = i >= warm;
                if (counted) lateness.recordValue(bounded(-ahead / 1_000));
                threads.execute(() -> request(due, slow, counted));
            }
        }
    }

    private void request(long due, boolean slow, boolean counted) {
        try {
            Connection connection = idle.poll();
            if (connection == null) connection = new Connection(address, connections);
            boolean kept = connection.exchange(slow ? "/slow" : "/");
            long microseconds = bounded((System.nanoTime() - due) / 1_000);
            if (counted) {
                all.recordValue(microseconds);
                if (!slow) instant.recordValue(microseconds);
            }
            if (kept) idle.add(connection);
            else connection.socket.close();
        } catch (IOException failure) {
            errors.incrementAndGet();
            lastError.set(String.valueOf(failure.getMessage()).replaceAll("[^ -!#-\\[\\]-~]", "?"));
        }
    }

    private static long bounded(long microseconds) {
        return Math.min(LONGEST_MICROSECONDS, Math.max(0, microseconds));
    }

    private void print() {
        System.out.printf(
                Locale.ROOT,
                "{\"requests\": %d, \"errors\": %d, \"connections\": %d, \"p50\": %d, \"p99\": %d, \"p999\": %d, \"most\": %d,"
                        + " \"instant_p50\": %d, \"instant_p99\": %d, \"late_p99\": %d, \"last_error\": \"%s\"}%n",
                all.getTotalCount(),
                errors.get(),
                connections.get(),
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(99),
                all.getValueAtPercentile(99.9),
                all.getMaxValue(),
                instant.getValueAtPercentile(50),
                instant.getValueAtPercentile(99),
                lateness.getValueAtPercentile(99),
                lastError.get());
    }

    /** One connection, used by one virtual thread at a time. Answers must have a Content-Length, as all compared here do. */
    private static final class Connection {
        final Socket socket = new Socket();
        private final InputStream in;

        Connection(InetSocketAddress address, AtomicLong opened) throws IOException {
            opened.incrementAndGet();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(ANSWER_MILLISECONDS);
            socket.connect(address, ANSWER_MILLISECONDS);
            in = new BufferedInputStream(socket.getInputStream());
        }

        /** Sends a GET and reads the answer; true when the connection may be used again. */
        boolean exchange(String path) throws IOException {
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String status = line();
            if (!status.startsWith("HTTP/1.1 200") && !status.startsWith("HTTP/1.0 200")) {
                throw new IOException("answered with " + status);
            }
            boolean kept = status.startsWith("HTTP/1.1");
            int length = -1;
            for (String field = line(); !field.isEmpty(); field = line()) {
                String lowered = field.toLowerCase(Locale.ROOT);
                if (lowered.startsWith("content-length:")) length = Integer.parseInt(field.substring(15).strip());
                if (lowered.startsWith("connection:") && lowered.contains("close")) kept = false;
            }
            if (length < 0) throw new IOException("an answer without a length");
            in.skipNBytes(length);
            return kept;
        }

        private String line() throws IOException {
            StringBuilder text = new StringBuilder(64);
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) throw new IOException("the connection ended inside a head");
                if (next != '\r') text.append((char) next);
            }
            return text.toString();
        }
    }
}
