package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static terpan.http2.FrameClient.all;
import static terpan.http2.FrameClient.data;
import static terpan.http2.FrameClient.hello;
import static terpan.http2.FrameClient.request;
import static terpan.http2.FrameClient.window;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.edge.http2.Http2Protocol;
import terpan.http.WorkerFaults;
import terpan.http.WorkerFaults.Fault;
import terpan.http2.FrameClient;
import terpan.http2.FrameClient.Came;
import terpan.loop.PretendWire;

/** Every worker of the table that misbehaves, its bytes cut anywhere, before clients of HTTP/2: the same outcome, and nothing in another stream. */
class Http2MisbehavingWorkerTest {
    private static final String GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    private static final int PIECE = 16 * 1024;

    /** Cuts that are tried of an answer. */
    private static final int CUTS_MOST = 100;

    static List<Fault> faults() {
        return WorkerFaults.all();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theStreamSeesWhatTheTableSaysAndAnotherIsRight(Fault fault) {
        EdgeLimits limits = new EdgeLimits();
        limits.answerIdle = Duration.ofSeconds(2);
        int length = fault.answer().length();
        for (int cut = 0; cut <= length; cut += 1 + length / CUTS_MOST) {
            try (EdgeBench bench = new EdgeBench(limits)) {
                bench.worker(2);
                once(bench, fault, cut);
            }
        }
    }

    private static void once(EdgeBench bench, Fault fault, int cut) {
        FrameClient frames = new FrameClient();
        List<Came> came = new ArrayList<>();
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000),
                new InetSocketAddress("192.0.2.1", 8000),
                new Http2Protocol(1));
        send(bench, client, all(hello(1 << 24), window(0, 1 << 24)));
        ask(bench, client, fault);
        send(bench, client, request(3, true, "GET", "/other"));
        PretendWire worker = bench.link(0);
        PretendWire other = bench.link(1);
        worker.peerSends(fault.answer().substring(0, cut));
        bench.loop.settle();
        other.peerSends(GOOD);
        worker.peerSends(fault.answer().substring(cut));
        bench.loop.settle();
        switch (fault.end()) {
            case "close" -> worker.peerShutsOutput();
            case "reset" -> worker.peerResets();
            case "hang" -> bench.pass(Duration.ofSeconds(3));
            default -> {}
        }
        bench.loop.settle();
        came.addAll(frames.take(client.sentBytes()));
        String as = fault + ", cut at " + cut + ": " + came;
        String answered = text(came, 1);
        boolean reset =
                came.stream().anyMatch(each -> each.type().equals("RST") && each.stream() == 1 && each.number() != 0);
        if (fault.cut()) {
            // What came with the fault in one piece was not sent yet, so that it could be taken back.
            boolean takenBack = answered.startsWith("HTTP/1.1 502 ");
            assertThat(takenBack || answered.isEmpty() || answered.startsWith("HTTP/1.1 200 "))
                    .as(as)
                    .isTrue();
            assertThat(reset).as(as).isNotEqualTo(takenBack);
        } else {
            assertThat(fault.wrong(answered)).as(as).isEmpty();
            assertThat(reset).as(as).isFalse();
            assertThat(came).as(as).anyMatch(each -> each.stream() == 1 && each.end());
        }
        assertThat(text(came, 3)).as(as).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\ngood");
        assertThat(client.isOpen()).isTrue();
    }

    private static void ask(EdgeBench bench, PretendWire client, Fault fault) {
        boolean posts = fault.method().equals("POST");
        String path = "/fault/" + fault.line();
        send(
                bench,
                client,
                posts
                        ? request(1, false, "POST", path, "content-length: " + WorkerFaults.BODY)
                        : request(1, true, fault.method(), path));
        for (int sent = 0; posts && sent < WorkerFaults.BODY; sent += PIECE) {
            int count = Math.min(PIECE, WorkerFaults.BODY - sent);
            send(bench, client, data(1, sent + count == WorkerFaults.BODY, "x".repeat(count)));
        }
    }

    private static void send(EdgeBench bench, PretendWire client, byte[] bytes) {
        client.peerSends(bytes);
        bench.loop.settle();
    }

    /** As HTTP/1.1 would have it, without framing. */
    private static String text(List<Came> came, int stream) {
        StringBuilder text = new StringBuilder();
        for (Came each : came) {
            if (each.stream() == stream
                    && each.type().equals("HEADERS")
                    && !each.text().startsWith(":status: 1")) {
                text.append("HTTP/1.1 ").append(each.text().substring(":status: ".length(), ":status: 200".length()));
                text.append(' ')
                        .append(each.text().substring(":status: 200".length()).replace("|", "\r\n"));
                text.append("\r\n\r\n");
            } else if (each.stream() == stream && each.type().equals("DATA")) {
                text.append(each.text());
            }
        }
        return text.toString();
    }
}
