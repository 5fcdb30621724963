package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import terpan.loop.PretendWire;

/** One Terpan's edge without sockets, and clients that speak WebSocket through it. */
class TunnelClients {
    static final String HANDSHAKE = """
            GET /chat?room=1 HTTP/1.1
            Host: h
            Upgrade: websocket
            Connection: keep-alive, Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Protocol: chat

            """.replace("\n", "\r\n");
    static final String SWITCHED = """
            HTTP/1.1 101 Switching Protocols
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
            Sec-WebSocket-Protocol: chat

            """.replace("\n", "\r\n");
    static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    final EdgeLimits limits = new EdgeLimits();
    EdgeBench bench = new EdgeBench();
    EdgeBench.Place place = bench.worker(1);

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    void again() {
        bench.close();
        bench = new EdgeBench(limits);
        place = bench.worker(1);
    }

    /** A client whose handshake the worker has taken; what it was told is read. */
    PretendWire open() {
        PretendWire client = bench.client(HANDSHAKE);
        PretendWire worker = bench.lastLink();
        assertThat(worker.sent()).startsWith("GET /chat?room=1 HTTP/1.1\r\n");
        bench.send(worker, SWITCHED);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 101 ");
        return client;
    }
}
