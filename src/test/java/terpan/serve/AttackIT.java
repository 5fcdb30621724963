package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many slow, silent and hasty clients at once: others are served, and nothing is left of it. Figures: {@code benchmarks/attacks}. */
@Timeout(120)
final class AttackIT {
    private static final int IDLE = 9_000;
    private static final long IDLE_MEMORY_MOST = 160L << 20;
    private static final long MEMORY_MORE = 16L << 20;
    private static final Duration FLOOD = Duration.ofSeconds(4);
    private static final ByteBuffer GET =
            ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n".getBytes(ISO_8859_1));

    @TempDir
    private Path folder;

    private static SocketChannel from(int number, SocketAddress to) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.bind(new InetSocketAddress("127.0.0." + (number % 20 + 1), 0));
        channel.connect(to);
        return channel;
    }

    @Test
    void nineThousandIdleConnectionsCostLittleMemory() throws Exception {
        Assumptions.assumeTrue(openFilesAllowed() > IDLE + 1_000, "ulimit -n is too low for this test");
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            List<SocketChannel> idle = new ArrayList<>();
            try {
                ByteBuffer answer = ByteBuffer.allocate(4096);
                for (int i = 0; i < IDLE; i++) {
                    SocketChannel channel = from(i, terpan.address());
                    idle.add(channel);
                    channel.write(GET.duplicate());
                    channel.read(answer.clear());
                }
                assertThat(terpan.metric("terpan_connections_open")).isEqualTo(IDLE);
                assertThat(terpan.get("/").status()).isEqualTo(200);
                assertThat(Processes.memory(terpan.pid())).isLessThanOrEqualTo(IDLE_MEMORY_MOST);
            } finally {
                for (SocketChannel channel : idle) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                    channel.close();
                }
            }
        }
    }

    private static long openFilesAllowed() throws IOException {
        return Files.readString(Path.of("/proc/self/limits"))
                .lines()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.replaceAll("^Max open files +(\\S+) .*", "$1").replace("unlimited", "10000000"))
                .mapToLong(Long::parseLong)
                .sum();
    }

    @Test
    void aFloodOfConnectsThatAreResetLeavesServiceMemoryAndDescriptorsAsBefore() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            // The same in small: what is opened once, as libraries and the link to the worker, is open then.
            Load first = Load.start(terpan.address(), "/", 1);
            flood(terpan.address(), Duration.ofSeconds(1));
            first.end();
            terpan.assertQuiet();
            long sockets = Processes.sockets(terpan.pid());
            long memory = Processes.memory(terpan.pid());
            Load load = Load.start(terpan.address(), "/", 1);
            int made = flood(terpan.address(), FLOOD);
            load.end();
            assertThat(made).isGreaterThan(1_000);
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            terpan.assertQuiet();
            await().untilAsserted(
                            () -> assertThat(Processes.sockets(terpan.pid())).isLessThanOrEqualTo(sockets));
            // What is compiled meanwhile stays; the heap that the flood left is given back when it is quiet.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(Processes.memory(terpan.pid())).isLessThan(memory + MEMORY_MORE));
        }
    }

    static int flood(SocketAddress to, Duration lasts) {
        long until = System.nanoTime() + lasts.toNanos();
        int made = 0;
        for (int i = 0; System.nanoTime() < until; i++) {
            try (SocketChannel channel = from(i, to)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                made++;
            } catch (IOException queueFull) {
                Thread.onSpinWait();
            }
        }
        return made;
    }

    @ParameterizedTest
    @CsvSource({
        "slowloris, -H -i 2, /",
        "slow body, -B -i 2 -s 8192 -t POST, /body",
        "slow read, -X -w 512 -y 1024 -n 2 -z 32 -k 3, /download?bytes=500000",
        "range, -R -a 1 -b 3000 -t HEAD, /",
    })
    void othersAreServedWhileAThousandClientsAreSlow(String name, String flags, String target) throws Exception {
        Assumptions.assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v slowhttptest")
                                .start()
                                .waitFor()
                        == 0,
                "slowhttptest is not installed: apt-get install slowhttptest");
        try (RunningTerpan terpan = RunningTerpan.serve("everything:application", "--workers", "1")) {
            int port = ((InetSocketAddress) terpan.address()).getPort();
            String command = String.format(
                    Locale.ROOT,
                    "slowhttptest %s -c 1000 -r 1000 -l 6 -p 3 -u 'http://127.0.0.1:%d%s'",
                    flags,
                    port,
                    target);
            Path said = folder.resolve("said");
            Load load = Load.start(terpan.address(), "/", 2);
            Process attack = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            assertThat(attack.waitFor(60, TimeUnit.SECONDS)).isTrue();
            load.end();
            assertServed(name, Files.readString(said, UTF_8).replaceAll("\u001b\\[[0-9;]*m", ""));
            assertThat(load.failures()).as(name).isEmpty();
            assertThat(load.statuses()).as(name).containsOnlyKeys(200);
        }
    }

    /** As the attacker itself saw it. Requests with a range are refused at once, so that no connection of theirs stays. */
    private static void assertServed(String name, String said) {
        assertThat(said).as(name).contains("Exit status").doesNotContainPattern("service available: +NO");
        int most = Pattern.compile("connected: +(\\d+)")
                .matcher(said)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .max()
                .orElse(0);
        assertThat(most).as(name).isGreaterThan(name.equals("range") ? -1 : 500);
    }
}
