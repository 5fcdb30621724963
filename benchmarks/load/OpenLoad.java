import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * An open load: requests fall due at a constant rate whatever became of those before, and latency counts from the moment a
 * request was due, so a stall is felt by everyone who would have come meanwhile. One thread sends what is due, one reads the
 * answers; each request takes a kept connection, the longest idle one first, or a new one, and waits in line beyond the most.
 *
 * <p>java -cp HdrHistogram.jar OpenLoad.java PORT CONNECTIONS, then a line for each step on its input:
 * RATE SECONDS WARM_SECONDS PATIENCE_SECONDS SEED PATH=PERCENT... It prints a line of JSON for each step.
 */
final class OpenLoad {
    private static final long SECOND = 1_000_000_000L;

    final InetSocketAddress address;
    final Selector selector;
    private final int most;
    private final Queue<Connection> fresh = new ConcurrentLinkedQueue<>();

    /** Held for a few instructions at a time; guards all below, what steps count, and who has which connection. */
    private final Object lock = new Object();

    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final ArrayDeque<Request> waiting = new ArrayDeque<>();
    private final Set<Connection> busy = new HashSet<>();

    private OpenLoad(int port, int most) throws IOException {
        this.address = new InetSocketAddress("127.0.0.1", port);
        this.most = most;
        this.selector = Selector.open();
        Thread.ofPlatform().daemon().name("answers").start(this::receive);
    }

    public static void main(String[] arguments) throws IOException {
        OpenLoad load = new OpenLoad(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(load.run(line.strip().split(" +")));
        }
    }

    private String run(String[] words) {
        double rate = Double.parseDouble(words[0]);
        int seconds = Integer.parseInt(words[1]);
        int warm = (int) (rate * Integer.parseInt(words[2]));
        int total = warm + (int) (rate * seconds);
        long patience = Integer.parseInt(words[3]) * SECOND;
        SplittableRandom random = new SplittableRandom(Long.parseLong(words[4]));
        List<byte[]> mix = mix(words);
        Step step = new Step(total);
        long began = System.nanoTime();
        long countsFrom = began;
        long processorBefore = processorNanos();
        for (int i = 0; i < total; i++) {
            long due = began + (long) (i * (SECOND / rate));
            long ahead;
            while ((ahead = due - System.nanoTime()) > 0) LockSupport.parkNanos(ahead);
            if (i == warm) {
                countsFrom = due;
                processorBefore = processorNanos();
            }
            if (i >= warm) step.sent(-ahead);
            byte[] bytes = mix.get(random.nextInt(mix.size()));
            send(new Request(due, bytes, bytes == mix.getFirst(), i >= warm, false, step));
        }
        double processors = (processorNanos() - processorBefore) / (double) (System.nanoTime() - countsFrom);
        awaitAnswers(step, System.nanoTime() + patience);
        synchronized (lock) {
            giveUp();
            return step.json(total - warm, countsFrom, seconds, processors);
        }
    }

    /** A hundred requests, each path as often as its percent say. */
    private static List<byte[]> mix(String[] words) {
        List<byte[]> mix = new ArrayList<>();
        for (int i = 5; i < words.length; i++) {
            String[] path = words[i].split("=");
            byte[] bytes = ("GET " + path[0] + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int j = 0; j < Integer.parseInt(path[1]); j++) mix.add(bytes);
        }
        return mix;
    }

    private void awaitAnswers(Step step, long deadline) {
        while (System.nanoTime() < deadline) {
            synchronized (lock) {
                if (step.done()) return;
            }
            LockSupport.parkNanos(SECOND / 1_000);
        }
    }

    /** With the lock held: what is unanswered is an error, and felt for as long as it has waited. */
    private void giveUp() {
        for (Request request : waiting) request.step().settled(request, "no connection was free in time");
        waiting.clear();
        for (Connection connection : busy) {
            Request request = connection.request;
            connection.close();
            if (request != null) request.step().settled(request, "no answer in time");
        }
        busy.clear();
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private void send(Request request) {
        Connection connection;
        synchronized (lock) {
            connection = idle.poll();
            if (connection == null && busy.size() >= most) {
                waiting.add(request);
                return;
            }
            if (connection == null) {
                connection = new Connection(this);
                request.step().opened++;
            }
            connection.request = request;
            busy.add(connection);
        }
        connection.begin();
    }

    private void receive() {
        try {
            while (true) {
                selector.select(key -> ((Connection) key.attachment()).ready());
                for (Connection one = fresh.poll(); one != null; one = fresh.poll()) one.register();
            }
        } catch (IOException failure) {
            throw new IllegalStateException("no answers can be read", failure);
        }
    }

    void registerLater(Connection connection) {
        fresh.add(connection);
        selector.wakeup();
    }

    /** An answer is whole; it is a good one when there is no error. */
    void answered(Connection connection, boolean kept, String error) {
        Request next;
        synchronized (lock) {
            Request done = connection.request;
            if (done == null) return; // it was given up in this moment
            done.step().settled(done, error);
            busy.remove(connection);
            connection.request = null;
            if (kept) idle.add(connection);
            else connection.close();
            next = waiting.poll();
        }
        if (next != null) send(next);
    }

    /** The other side is gone: of no matter to an idle connection; a request is sent again if that was just before it, else lost. */
    void ended(Connection connection, String error) {
        Request next = null;
        synchronized (lock) {
            Request lost = connection.request;
            busy.remove(connection);
            idle.remove(connection);
            connection.close();
            if (lost != null && connection.untouched() && !lost.again()) {
                next = lost.resent();
                lost.step().resent++;
            } else if (lost != null) {
                lost.step().settled(lost, error);
            }
            if (next == null) next = waiting.poll();
        }
        if (next != null) send(next);
    }
}
