package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import terpan.edge.Edge;

/**
 * A closed loop of clients: each sends a request when it has the answer to the one before, on a kept connection. Counts every
 * answer by its status, and every request that had none. Each client pauses for a moment before it sends
 * the next, so that what happens meanwhile has processors too. Ends when told to, or a client when its connection is refused.
 */
public final class Load {
    private final SocketAddress address;
    private final java.nio.ByteBuffer request;
    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> clients;
    private final long pause;
    private volatile boolean ending;

    /** Who had no processor for so long has an idle connection, and that may be closed while another request is on its way. */
    private static final long IDLE_NANOS = Edge.IDLE_GRACE_NANOS / 2;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long GENTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    private Load(SocketAddress address, String host, String target, int count, long pause) {
        this.pause = pause;
        this.address = address;
        this.request = java.nio.ByteBuffer.wrap(
                ("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(ISO_8859_1));
        this.clients = IntStream.range(0, count)
                .mapToObj(index -> Thread.ofPlatform().name("client-" + index).unstarted(this::run))
                .toList();
    }

    public static Load start(SocketAddress address, String target, int connections) {
        return start(address, "shop.example", target, connections);
    }

    /** The same for another host. */
    public static Load start(SocketAddress address, String host, String target, int connections) {
        return new Load(address, host, target, connections, PAUSE_NANOS).begin();
    }

    /** The same with longer pauses, some 1,500 requests a second of 16 clients: where a server has to start meanwhile, many times over. */
    public static Load gentle(SocketAddress address, String target, int connections) {
        return new Load(address, "shop.example", target, connections, GENTLE_NANOS).begin();
    }

    /** The same without a pause: as many requests as the processors allow. */
    public static Load saturate(SocketAddress address, String target, int connections) {
        return new Load(address, "shop.example", target, connections, 0).begin();
    }

    private Load begin() {
        clients.forEach(Thread::start);
        return this;
    }

    private void run() {
        while (!ending) {
            try (Connection connection = Connection.to(address)) {
                exchange(connection);
            } catch (IOException refused) {
                return;
            }
        }
    }

    private void exchange(Connection connection) {
        boolean sent = false;
        boolean idle = false;
        long answered = System.nanoTime();
        try {
            boolean kept = true;
            while (kept && !ending) {
                sent = false;
                idle = System.nanoTime() - answered > IDLE_NANOS;
                connection.send(request.duplicate());
                sent = true;
                idle |= System.nanoTime() - answered > IDLE_NANOS;
                Answer answer = connection.read();
                answered = System.nanoTime();
                statuses.computeIfAbsent(answer.status(), status -> new LongAdder())
                        .increment();
                LockSupport.parkNanos(pause);
                kept = !answer.field("connection").orElse("").equalsIgnoreCase("close");
            }
        } catch (IOException broken) {
            if (idle && ("closed after: ".equals(broken.getMessage()) || !sent)) {
                return;
            }
            failures.add((sent ? "no answer: " : "not sent: ") + broken);
        }
    }

    public long answered(int status) {
        LongAdder count = statuses.get(status);
        return count == null ? 0 : count.sum();
    }

    /** Answers by status. */
    public Map<Integer, Long> statuses() {
        Map<Integer, Long> counts = new ConcurrentSkipListMap<>();
        statuses.forEach((status, count) -> counts.put(status, count.sum()));
        return counts;
    }

    /** Requests that had no answer. */
    public List<String> failures() {
        return failures;
    }

    /** Lets every client finish its request, and waits for them. */
    public Load end() throws InterruptedException {
        ending = true;
        for (Thread client : clients) {
            if (!client.join(Duration.ofSeconds(30))) {
                throw new AssertionError(client.getName() + " still waits for an answer");
            }
        }
        return this;
    }
}
