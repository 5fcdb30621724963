package terpan.edge;

import static terpan.http2.FrameClient.all;
import static terpan.http2.FrameClient.hello;
import static terpan.http2.FrameClient.request;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import terpan.edge.http2.Http2Protocol;
import terpan.http2.FrameClient;
import terpan.loop.PretendWire;

/** One Terpan's edge without sockets, and clients that speak HTTP/2 with it. */
class Http2Clients {
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static final String DATE = "date: Fri, 02 Jan 2026 03:04:05 GMT";
    static final Duration SECOND = Duration.ofSeconds(1);

    final EdgeLimits limits = new EdgeLimits();
    EdgeBench bench = new EdgeBench();
    FrameClient frames = new FrameClient();

    /** What all clients speak, so that they share what a loop has. */
    Http2Protocol http2 = new Http2Protocol(1);

    final List<String> got = new ArrayList<>();

    @BeforeEach
    void anew() {
        begin();
        bench.worker(8);
    }

    void begin() {
        bench.close();
        bench = new EdgeBench(limits);
        http2 = new Http2Protocol(1);
        frames = new FrameClient();
        got.clear();
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    PretendWire client(byte[]... more) {
        PretendWire wire = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(wire, all(hello(), all(more)));
        return wire;
    }

    /** A client that takes ten bytes of each answer until it says more. */
    PretendWire waiting(byte[]... more) {
        PretendWire wire = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(wire, all(hello(10), all(more)));
        return wire;
    }

    void send(PretendWire wire, byte[]... bytes) {
        wire.peerSends(all(bytes));
        bench.loop.settle();
    }

    /** What came since the last call, but for settings and windows. */
    List<String> got(PretendWire wire) {
        bench.loop.settle();
        List<String> words = frames.read(wire.sentBytes()).stream()
                .filter(word -> !word.startsWith("SETTINGS") && !word.startsWith("WINDOW 0"))
                .toList();
        got.addAll(words);
        return words;
    }

    static byte[] get(int stream, String path) {
        return request(stream, true, "GET", path);
    }
}
