package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Uploads that do not come to their end: others are served, honest uploads get through, and nothing is held for those that left.
 * {@code -Dterpan.attack.seconds=3600} attacks for an hour, {@code -Dterpan.random.seed=} as it was done before.
 */
@Timeout(7200)
final class UploadsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration ATTACK = Duration.ofSeconds(Long.getLong("terpan.attack.seconds", 8));
    private static final int LENGTH = 3_000_000;
    private static final int PIECE = LENGTH / 30;
    private static final int PARTIAL = 1_200;

    /** Hostile connections at a time in the random attack. */
    private static final int HOSTILE_MOST = 800;

    private static final String[] SMALL_ROOM = {
        "--workers", "1", "--threads", "4", "--spool-most", "4MiB", "--buffer-memory", "16MiB", "--body-idle", "5s"
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fourUploadsAtOnceThatRoomIsThereForOneOfDoNotBlockEachOther(boolean chunked) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application", "--workers", "1", "--threads", "4", "--spool-most", "4MiB")) {
            List<Callable<Boolean>> four = Collections.nCopies(4, () -> upload(terpan, chunked));
            int taken = 0;
            try (ExecutorService clients = Executors.newFixedThreadPool(four.size())) {
                for (Future<Boolean> one : clients.invokeAll(four)) {
                    taken += one.get() ? 1 : 0;
                }
            }
            assertThat(taken).isPositive();
            await().atMost(SOON).until(() -> upload(terpan, chunked));
        }
    }

    private static ByteBuffer piece(int length, boolean chunked) {
        String body = "x".repeat(length);
        return ByteBuffer.wrap(
                (chunked ? Integer.toHexString(length) + "\r\n" + body + "\r\n" : body).getBytes(ISO_8859_1));
    }

    private static void sendUnlessRefused(Connection client, ByteBuffer bytes) {
        try {
            client.send(bytes);
        } catch (IOException endedAfterItsAnswer) {
            // What the answer was is read in the end.
        }
    }

    private static boolean tookOrSaidNo(Connection client) throws IOException {
        Answer answer = client.read();
        assertThat(answer.status()).isIn(200, 503);
        if (answer.status() == 503) {
            assertThat(answer.field("retry-after")).contains("1");
            assertThat(answer.body()).contains("no room for the body");
        }
        return answer.status() == 200;
    }

    /** Whether an honest upload got through; 503 is the only other thing that it may be told. */
    private static boolean upload(RunningTerpan terpan, boolean chunked) throws IOException {
        try (Connection client = terpan.connect()) {
            client.ask("POST", "/body", chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + LENGTH);
            for (int sent = 0; sent < LENGTH; sent += PIECE) {
                sendUnlessRefused(client, piece(PIECE, chunked));
            }
            sendUnlessRefused(client, ByteBuffer.wrap((chunked ? "0\r\n\r\n" : "").getBytes(ISO_8859_1)));
            return tookOrSaidNo(client);
        }
    }

    @Test
    void partialUploadsThatLeaveHoldNothingAndOthersAreServedMeanwhile() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", SMALL_ROOM)) {
            assertThat(terpan.get("/").status()).isEqualTo(200);
            Load others = Load.start(terpan.address(), "/", 2);
            List<SocketChannel> partial = new ArrayList<>();
            for (int i = 0; i < PARTIAL; i++) {
                partial.add(partial(terpan, "Content-Length: 1000000", 20_000));
            }
            long served = others.answered(200);
            await().atMost(SOON).until(() -> others.answered(200) > served);
            for (SocketChannel channel : partial) {
                channel.close();
            }
            await().atMost(SOON).until(() -> terpan.metric("terpan_connections_open") <= 2);
            await().atMost(SOON).until(() -> upload(terpan, false));
            others.end();
            assertThat(others.failures()).isEmpty();
            assertThat(others.statuses()).containsOnlyKeys(200);
        }
    }

    private static SocketChannel partial(RunningTerpan terpan, String framing, int bytes) throws IOException {
        SocketChannel channel = SocketChannel.open(terpan.address());
        channel.configureBlocking(false);
        String head = "POST /body HTTP/1.1\r\nHost: shop.example\r\n" + framing + "\r\n\r\n";
        channel.write(ByteBuffer.wrap((head + "x".repeat(bytes)).getBytes(ISO_8859_1)));
        return channel;
    }

    @Test
    void whateverHostileUploadsDoOthersAreServedAndHonestUploadsGetThrough() throws Exception {
        long seed = Long.getLong("terpan.random.seed", System.nanoTime());
        System.out.printf(Locale.ROOT, "UploadsIT with -Dterpan.random.seed=%d for %s%n", seed, ATTACK);
        Random random = new Random(seed);
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", SMALL_ROOM)) {
            Load others = Load.start(terpan.address(), "/", 1);
            Deque<SocketChannel> hostile = new ArrayDeque<>();
            long until = System.nanoTime() + ATTACK.toNanos();
            long last = 0;
            while (System.nanoTime() < until) {
                for (int i = 0; i < 100; i++) {
                    hostile.add(attack(terpan, random));
                    if (hostile.size() > HOSTILE_MOST) {
                        leave(hostile.remove(), random);
                    }
                }
                hostile.forEach(channel -> drip(channel, random));
                await().atMost(SOON).until(() -> upload(terpan, false));
                long served = last;
                await("seed " + seed).atMost(SOON).until(() -> others.answered(200) > served);
                last = others.answered(200);
            }
            for (SocketChannel channel : hostile) {
                leave(channel, random);
            }
            await("seed " + seed).atMost(SOON).until(() -> terpan.metric("terpan_connections_open") <= 1);
            others.end();
            assertThat(others.failures()).as("seed " + seed).isEmpty();
            assertThat(others.statuses()).as("seed " + seed).containsOnlyKeys(200);
        }
    }

    private static SocketChannel attack(RunningTerpan terpan, Random random) throws IOException {
        int length = 1 + random.nextInt(LENGTH);
        return switch (random.nextInt(4)) {
            case 0 -> partial(terpan, "Content-Length: " + length, random.nextInt(Math.min(length, 60_000)));
            case 1 -> partial(terpan, "Content-Length: 15000", random.nextInt(15_000));
            case 2 -> partial(terpan, "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(length), 0);
            default -> partial(terpan, "A: " + "b".repeat(random.nextInt(20_000)), 0);
        };
    }

    /** A little more of some, whatever it is to them. */
    private static void drip(SocketChannel channel, Random random) {
        if (random.nextInt(10) == 0) {
            try {
                channel.write(ByteBuffer.wrap("x".repeat(random.nextInt(2_000)).getBytes(ISO_8859_1)));
            } catch (IOException refused) {
                // It has its answer.
            }
        }
    }

    private static void leave(SocketChannel channel, Random random) throws IOException {
        if (random.nextBoolean()) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        channel.close();
    }
}
