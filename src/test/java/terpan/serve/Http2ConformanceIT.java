package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import terpan.http2.FrameClient;
import terpan.http2.Http2Cases;
import terpan.http2.Http2Cases.Case;

/**
 * Every case of HTTP/2's table, and of HTTP/1.1's what can be said in HTTP/2, over real sockets with a real server behind: whole, byte by
 * byte, and cut at random places. A second request behind each shows that the connection lives on.
 */
@Timeout(240)
final class Http2ConformanceIT {
    private static final int AT_ONCE = 24;

    private final long seed = Long.getLong("seed", System.nanoTime());

    @Test
    void everyCaseIsAnsweredAsTheTablesSayHoweverItsBytesCome() throws Exception {
        String[] arguments = {
            "--head-timeout", "20s", "--body-idle", "20s", "--max-body", "1MiB", "--bind", "127.0.0.1:0,h2c"
        };
        List<Case> ofHttp1 = Http2Cases.ofHttp1();
        assertThat(ofHttp1).hasSizeGreaterThan(150);
        List<Case> all = new ArrayList<>(Http2Cases.own());
        all.addAll(ofHttp1);
        try (RunningTerpan terpan = RunningTerpan.serve("seen:application", Setup.BUILTIN.arguments(arguments))) {
            run(terpan, all, bytes -> new int[0]);
            Random random = new Random(seed);
            run(terpan, all, bytes -> {
                synchronized (random) {
                    return random.ints(1 + random.nextInt(6), 0, bytes).sorted().toArray();
                }
            });
            List<Case> few = all.stream()
                    .filter(one ->
                            one.fields().stream().mapToInt(String::length).sum() < 300)
                    .toList();
            run(terpan, few, bytes -> java.util.stream.IntStream.range(1, bytes).toArray());
        }
    }

    /** Where a request's bytes are cut. */
    private interface Cuts {
        int[] of(int bytes);
    }

    private void run(RunningTerpan terpan, List<Case> cases, Cuts cuts) throws Exception {
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        Semaphore places = new Semaphore(AT_ONCE);
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Case example : cases) {
                places.acquire();
                running.add(threads.submit(() -> {
                    try {
                        String fault = fault(example, exchange(terpan, example, cuts));
                        if (!fault.isEmpty()) {
                            faults.add(example + "\n  " + fault);
                        }
                    } catch (IOException failed) {
                        faults.add(example + "\n  " + failed);
                    } finally {
                        places.release();
                    }
                }));
            }
        }
        for (Future<?> each : running) {
            each.get();
        }
        assertThat(faults).as("seed %d", seed).isEmpty();
    }

    /** What comes until the request behind it is answered. */
    private static List<String> exchange(RunningTerpan terpan, Case example, Cuts cuts) throws IOException {
        byte[] bytes = FrameClient.all(
                FrameClient.hello(),
                FrameClient.head(1, !example.bodyFollows(), example.fields()),
                example.bodyFollows() && example.status() == 200
                        ? FrameClient.data(1, true, example.body())
                        : new byte[0],
                FrameClient.request(3, true, "GET", "/next"));
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            socket.connect(terpan.address());
            OutputStream output = socket.getOutputStream();
            int start = 0;
            for (int cut : cuts.of(bytes.length)) {
                output.write(bytes, start, cut - start);
                start = cut;
            }
            output.write(bytes, start, bytes.length - start);
            InputStream input = socket.getInputStream();
            FrameClient client = new FrameClient();
            List<String> got = new ArrayList<>();
            byte[] buffer = new byte[16 * 1024];
            while (!ended(got, 1) || !ended(got, 3)) {
                int count = input.read(buffer);
                if (count < 0) {
                    got.add("the end");
                    return got;
                }
                got.addAll(client.read(java.util.Arrays.copyOf(buffer, count)));
            }
            return got;
        }
    }

    private static boolean ended(List<String> got, int stream) {
        return got.stream()
                .anyMatch(word -> word.startsWith("RST " + stream + " ")
                        || (word.endsWith(" end")
                                && (word.startsWith("DATA " + stream + " ")
                                        || word.startsWith("HEADERS " + stream + " "))));
    }

    private static String fault(Case example, List<String> got) {
        boolean next = got.stream().anyMatch(word -> word.startsWith("HEADERS 3 :status: 200|"));
        boolean well = example.status() == Http2Cases.RESET
                ? got.contains("RST 1 PROTOCOL_ERROR") && got.stream().noneMatch(word -> word.startsWith("HEADERS 1 "))
                : got.stream().anyMatch(word -> word.startsWith("HEADERS 1 :status: " + example.status() + "|"));
        return next && well ? "" : example.status() + " expected: " + got;
    }
}
