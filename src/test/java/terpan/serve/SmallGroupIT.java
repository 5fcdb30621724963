package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.http2.FrameClient;

/**
 * In a control group of 200 MiB, workers included, where the heap is 25 MiB: whatever clients do, nobody is killed, the heap does not run
 * out, and afterwards all is as before.
 */
@Isolated("memory is measured, and the attackers take the processors")
@Timeout(180)
final class SmallGroupIT {
    private static final long LIMIT = 200L << 20;
    private static final long MEMORY_MORE = 24L << 20;
    private static final int SECONDS = 8;
    private static final int ATTACKERS = 1_000;

    /** As many as are sent at once to each connection of HTTP/2. */
    private static final int STREAMS = 100;

    private static final List<String> SLOW = List.of(
            "-H -i 2 -u http://127.0.0.1:%d/",
            "-B -i 2 -s 8192 -t POST -u http://127.0.0.1:%d/body",
            "-X -w 512 -y 1024 -n 2 -z 32 -k 3 -u http://127.0.0.1:%d/download?bytes=500000");

    @TempDir
    private Path folder;

    private MemoryGroup group;

    @BeforeEach
    void makeGroup(TestReporter reporter) throws IOException {
        group = MemoryGroup.of(LIMIT);
        reporter.publishEntry("group", group.what());
    }

    @AfterEach
    void removeGroup() {
        group.close();
    }

    /** What must not change. */
    private record Alive(long front, List<Long> workers, long memory) {
        static Alive of(RunningTerpan terpan) throws IOException {
            return new Alive(
                    terpan.status().pid(),
                    terpan.status().workers().stream().map(Status.Worker::pid).toList(),
                    Processes.memory(terpan.pid()));
        }
    }

    private RunningTerpan serve() throws IOException {
        return RunningTerpan.startWithin(
                group.within(),
                java.util.Map.of(),
                "everything:application",
                "--workers",
                "2",
                "--bind",
                "127.0.0.1:0",
                "--bind",
                "127.0.0.1:0,h2c");
    }

    @Test
    void slowClientsOfAllKindsAndFloodsAtOnceKeepNobodyFromBeingServed() throws Exception {
        Assumptions.assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v slowhttptest")
                                .start()
                                .waitFor()
                        == 0,
                "slowhttptest is not installed: apt-get install slowhttptest");
        try (RunningTerpan terpan = serve()) {
            warmUp(terpan);
            Alive before = Alive.of(terpan);
            int port = ((InetSocketAddress) terpan.address()).getPort();
            Load others = Load.start(terpan.address(), "/", 2);
            await().until(() -> others.answered(200) > 10);
            List<Process> attacks = new ArrayList<>();
            for (String slow : SLOW) {
                attacks.add(attack(String.format(
                        Locale.ROOT,
                        "slowhttptest -c %d -r %d -l %d -p 3 " + slow,
                        ATTACKERS,
                        ATTACKERS,
                        SECONDS,
                        port)));
            }
            Load hasty = Load.saturate(terpan.address(), "/", 4);
            CompletableFuture<Void> connects = CompletableFuture.runAsync(
                    () -> AttackIT.flood(terpan.address(), Duration.ofSeconds(SECONDS)), Thread::startVirtualThread);
            CompletableFuture<Void> sudden =
                    CompletableFuture.runAsync(() -> allAtOnce(terpan.address()), Thread::startVirtualThread);
            for (Process attack : attacks) {
                assertThat(attack.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            connects.get(60, TimeUnit.SECONDS);
            sudden.get(60, TimeUnit.SECONDS);
            hasty.end();
            others.end();
            assertThat(others.failures()).isEmpty();
            assertThat(others.statuses()).containsOnlyKeys(200);
            assertAsBefore(terpan, before);
        }
    }

    private Process attack(String command) throws IOException {
        return new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    /** Libraries are loaded, and what is made once is there. */
    private static void warmUp(RunningTerpan terpan) throws Exception {
        Load first = Load.start(terpan.address(), "/", 2);
        await().until(() -> first.answered(200) > 500);
        first.end();
        allAtOnce(terpan.address());
        terpan.assertQuiet();
    }

    /** Many connections that say nothing, and then the first byte of a request in the same moment. */
    private static void allAtOnce(SocketAddress to) {
        send(to, new byte[0], ByteBuffer.wrap("G".getBytes(ISO_8859_1)), Duration.ofMillis(500));
    }

    /** Opens many connections that begin alike, and then sends the same on all of them; nothing is read. */
    private static void send(SocketAddress to, byte[] begin, ByteBuffer then, Duration stay) {
        List<SocketChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < ATTACKERS; i++) {
                SocketChannel channel = SocketChannel.open();
                channels.add(channel);
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.connect(to);
                channel.configureBlocking(false);
                channel.write(ByteBuffer.wrap(begin));
            }
        } catch (IOException noRoom) {
            // Those that there are do.
        }
        for (SocketChannel channel : channels) {
            try {
                channel.write(then.duplicate());
            } catch (IOException | java.nio.channels.NotYetConnectedException cut) {
                // As it should be.
            }
        }
        await().pollDelay(stay).until(() -> true);
        for (SocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException gone) {
                // So it is.
            }
        }
    }

    private void assertAsBefore(RunningTerpan terpan, Alive before) throws Exception {
        assertThat(group.kills()).as("killed by the kernel").isZero();
        terpan.assertQuiet();
        assertThat(terpan.get("/").status()).isEqualTo(200);
        Alive after = Alive.of(terpan);
        assertThat(after.front()).isEqualTo(before.front());
        assertThat(after.workers()).isEqualTo(before.workers());
        assertThat(terpan.errors()).noneMatch(line -> line.contains("OutOfMemoryError") || line.contains(" ERROR "));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(Processes.memory(terpan.pid())).isLessThan(before.memory() + MEMORY_MORE));
    }

    /** What a client of HTTP/2 can have a server hold. */
    enum Hoard {
        /** Answers for which it gives no window. */
        ANSWERS(0) {
            @Override
            byte[] bytes() {
                return streams("/download?bytes=20000", true);
            }
        },
        /** Heads of requests that lack their last byte. */
        HEADS(65_535) {
            @Override
            byte[] bytes() {
                byte[] frame = FrameClient.frame("HEADERS.e@1:8286" + "00".repeat(16_000));
                return Arrays.copyOf(frame, frame.length - 1);
            }
        },
        /** Heads that go on and on. */
        CONTINUATIONS(65_535) {
            @Override
            byte[] bytes() {
                byte[] more = FrameClient.frame("CONT@1:" + "00".repeat(16_000));
                return FrameClient.all(FrameClient.frame("HEADERS.e@1:8286" + "00".repeat(8_000)), more, more);
            }
        },
        /** Bodies that do not come. */
        BODIES(65_535) {
            @Override
            byte[] bytes() {
                return streams("/body", false);
            }
        },
        /** Fields to be remembered. */
        TABLES(65_535) {
            @Override
            byte[] bytes() {
                // Literals to be indexed: a name of two letters, a value of one.
                String fields = IntStream.range(0, 60)
                        .mapToObj(i -> String.format(Locale.ROOT, "400278%02x0130", 'a' + i % 26))
                        .collect(Collectors.joining());
                return FrameClient.all(
                        FrameClient.frame("HEADERS.eh@1:828604012f010168" + fields),
                        FrameClient.frame("HEADERS.eh@3:828604012f010168" + fields));
            }
        };

        final int window;

        Hoard(int window) {
            this.window = window;
        }

        abstract byte[] bytes();

        private static byte[] streams(String path, boolean end) {
            return FrameClient.all(IntStream.range(0, STREAMS)
                    .mapToObj(i -> FrameClient.request(2 * i + 1, end, end ? "GET" : "POST", path))
                    .toArray(byte[][]::new));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandConnectionsOfHttp2ThatHoardEndInRefusalsAndNotInTheHeap(Hoard hoard) throws Exception {
        try (RunningTerpan terpan = serve()) {
            warmUp(terpan);
            Alive before = Alive.of(terpan);
            Load others = Load.start(terpan.address(), "/", 2);
            await().until(() -> others.answered(200) > 10);
            send(
                    terpan.addresses().getLast(),
                    FrameClient.hello(hoard.window),
                    ByteBuffer.wrap(hoard.bytes()),
                    Duration.ofSeconds(SECONDS / 2));
            long then = others.answered(200);
            await("others are served").until(() -> others.answered(200) > then + 10);
            others.end();
            assertThat(others.failures()).isEmpty();
            assertThat(others.statuses().keySet()).isSubsetOf(200, 503);
            assertAsBefore(terpan, before);
        }
    }
}
