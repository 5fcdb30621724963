package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.edge.http2.Http2Protocol;
import terpan.http2.FrameClient;
import terpan.link.Call;
import terpan.link.Link;
import terpan.loop.BufferPool;
import terpan.loop.PretendWire;

/** What only the native link does: requests given back, files as answers; with a link that the test plays itself. */
class ScriptedLinkTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    private final EdgeBench bench = new EdgeBench();
    private final Script script = new Script();

    @TempDir
    private Path directory;

    /** Keeps what it is given; the test answers. */
    private static final class Script implements Link {
        final List<Call> calls = new ArrayList<>();
        final List<Call> cancelled = new ArrayList<>();
        Runnable inForward = () -> {};

        @Override
        public void forward(Call call) {
            calls.add(call);
            inForward.run();
        }

        @Override
        public void bodyReady(Call call) {}

        @Override
        public void resume(Call call) {}

        @Override
        public void cancel(Call call, Runnable ended) {
            cancelled.add(call);
            ended.run();
        }

        @Override
        public void close() {}

        Call last() {
            return calls.getLast();
        }

        void answers(Call call, long length) {
            call.answerStart(200, "OK".getBytes(US_ASCII), 0, 2);
            call.answerHeadEnd(length);
        }
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private PretendWire client(String text) {
        bench.worker(1, loop -> script);
        return bench.client(text);
    }

    private FileChannel file(int size) throws IOException {
        Path path = directory.resolve("answer-" + size);
        Files.write(path, EdgeBench.bytes(size).getBytes(ISO_8859_1));
        return FileChannel.open(path);
    }

    @Test
    void aRequestGivenBackIsForwardedAgainWithItsBody() {
        PretendWire client = client("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        byte[] room = new byte[10];
        assertThat(script.last().body().take(room, 0, 10)).isEqualTo(3);
        script.last().returned();
        bench.loop.settle();
        assertThat(script.calls).hasSize(2);
        assertThat(script.last().body().take(room, 0, 10)).isEqualTo(3);
        script.answers(script.last(), 0);
        script.last().answerEnd(0);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aRequestGivenBackWhenItsBodyIsGoneIsA502() {
        PretendWire client = client("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
        bench.send(client, EdgeBench.bytes(300_000));
        byte[] room = new byte[100_000];
        while (script.last().body().take(room, 0, room.length) >= 0) {
            bench.loop.settle();
        }
        script.last().returned();
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502").contains("gave the request back");
    }

    @Test
    void aRequestGivenBackWithNobodyFreeWaitsAgain() {
        PretendWire first = client(GET);
        PretendWire second = bench.client(GET);
        Call given = script.last();
        given.returned();
        bench.loop.settle();
        assertThat(bench.inFlight()).isEqualTo(1);
        assertThat(bench.snapshot().waiting()).isEqualTo(1);
        for (int i = 0; i < 2; i++) {
            script.answers(script.last(), 0);
            script.last().answerEnd(0);
            bench.loop.settle();
        }
        assertThat(bench.got(first)).startsWith("HTTP/1.1 200");
        assertThat(bench.got(second)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aFileIsSentBehindTheHeadAsTheClientTakesIt() throws IOException {
        PretendWire client = client(GET);
        client.peerTakes(1_000);
        FileChannel file = file(3_000_000);
        script.answers(script.last(), 2_999_990);
        script.last().answerFile(file, 10, 2_999_990);
        script.last().answerEnd(0);
        StringBuilder got = new StringBuilder(bench.got(client));
        assertThat(bench.inFlight()).isZero();
        while (got.length() < 2_999_990) {
            bench.pass(Duration.ofSeconds(20));
            client.peerTakes(40_000);
            got.append(bench.got(client));
        }
        assertThat(got.toString())
                .endsWith("\r\n\r\n" + EdgeBench.bytes(3_000_000).substring(10));
        assertThat(file.isOpen()).isFalse();
        bench.send(client, GET);
        assertThat(script.calls).hasSize(2);
    }

    @Test
    void aFileIsNotReadForAStreamThatTakesNothingYet() throws IOException {
        bench.worker(1, loop -> script);
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000),
                new InetSocketAddress("192.0.2.1", 8000),
                new Http2Protocol(1));
        client.peerSends(FrameClient.all(FrameClient.hello(0), FrameClient.request(1, true, "GET", "/a")));
        bench.loop.settle();
        FileChannel file = file(100_000);
        script.answers(script.last(), 100_000);
        script.last().answerFile(file, 0, 100_000);
        script.last().answerEnd(0);
        bench.loop.settle();
        assertThat(bench.bounds.memory().held()).isLessThanOrEqualTo(BufferPool.BYTES);
        client.peerSends(FrameClient.all(FrameClient.window(0, 100_000), FrameClient.window(1, 100_000)));
        bench.loop.settle();
        String sent = String.join(
                "",
                new FrameClient()
                        .read(client.sentBytes()).stream()
                                .filter(word -> word.startsWith("DATA 1 "))
                                .map(word -> word.substring(7))
                                .toList());
        assertThat(sent).isEqualTo(EdgeBench.bytes(100_000) + " end");
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void aFileThatIsShorterThanAnnouncedCutsTheClient() throws IOException {
        PretendWire client = client(GET);
        FileChannel file = file(1_000);
        script.answers(script.last(), 2_000);
        script.last().answerFile(file, 0, 2_000);
        script.last().answerEnd(0);
        bench.loop.settle();
        assertThat(client.wasReset()).isTrue();
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void aClientThatTakesNothingOfAFileIsCut() throws IOException {
        PretendWire client = client(GET);
        client.peerTakes(500);
        FileChannel file = file(1_000);
        script.answers(script.last(), 1_000);
        script.last().answerFile(file, 0, 1_000);
        script.last().answerEnd(0);
        bench.pass(Duration.ofSeconds(61));
        assertThat(client.wasReset()).isTrue();
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void aFileForHeadIsClosedUnread() throws IOException {
        PretendWire client = client(GET.replace("GET", "HEAD"));
        FileChannel file = file(1_000);
        script.answers(script.last(), 1_000);
        script.last().answerFile(file, 0, 1_000);
        script.last().answerEnd(0);
        assertThat(bench.got(client)).contains("Content-Length: 1000").endsWith("\r\n\r\n");
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void aLeavingClientsCallIsCancelledOnce() {
        PretendWire client = client(GET);
        client.peerResets();
        bench.loop.settle();
        assertThat(script.cancelled).containsExactly(script.last());
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aFaultInAGrantedRequestCostsThatRequestAlone() {
        PretendWire first = client(GET);
        PretendWire second = bench.client(GET);
        PretendWire third = bench.client(GET);
        script.inForward = () -> {
            script.inForward = () -> {};
            throw new IllegalStateException("a broken invariant");
        };
        script.answers(script.calls.getFirst(), 0);
        script.calls.getFirst().answerEnd(0);
        bench.loop.settle();
        assertThat(bench.got(first)).startsWith("HTTP/1.1 200");
        assertThat(second.wasReset()).isTrue();
        script.answers(script.last(), 0);
        script.last().answerEnd(0);
        assertThat(bench.got(third)).startsWith("HTTP/1.1 200");
    }

    @Test
    void quickAnswersAreCountedInAndOut() {
        PretendWire client = client("");
        for (int i = 0; i < 200; i++) {
            bench.send(client, GET);
            assertThat(bench.loop.quick()).isBetween(0, 1);
            script.answers(script.last(), 0);
            script.last().answerEnd(0);
            bench.loop.settle();
            assertThat(bench.loop.quick()).isZero();
        }
    }

    @Test
    void aSocketIsNotClosedWhileAFileIsOnItsWayIntoIt() throws IOException {
        List<Runnable> work = new ArrayList<>();
        bench.disk = work::add;
        PretendWire client = client(GET);
        FileChannel file = file(5_000);
        client.duringTransfer(() -> {
            client.peerResets();
            bench.loop.settle();
            assertThat(client.isOpen()).isFalse();
            assertThat(client.socketClosed()).as("closed in a transfer").isFalse();
        });
        script.answers(script.last(), 5_000);
        script.last().answerFile(file, 0, 5_000);
        script.last().answerEnd(0);
        bench.loop.settle();
        work.removeFirst().run();
        bench.loop.settle();
        assertThat(client.socketClosed()).isTrue();
        bench.disk = Runnable::run;
        work.forEach(Runnable::run);
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void aFileThatWaitsForADiskThreadHoldsNoSocket() throws IOException {
        List<Runnable> work = new ArrayList<>();
        bench.disk = work::add;
        PretendWire client = client(GET);
        FileChannel file = file(5_000);
        script.answers(script.last(), 5_000);
        script.last().answerFile(file, 0, 5_000);
        script.last().answerEnd(0);
        bench.loop.settle();
        client.peerResets();
        bench.loop.settle();
        assertThat(client.socketClosed()).isTrue();
        bench.disk = Runnable::run;
        work.forEach(Runnable::run);
        assertThat(file.isOpen()).isFalse();
    }
}
