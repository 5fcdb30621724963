package terpan.edge;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import terpan.loop.PretendWire;
import terpan.tls.LoopTls;
import terpan.tls.ServerTls;
import terpan.tls.TestCertificates;
import terpan.tls.TlsLibrary;
import terpan.tls.TlsPeer;
import terpan.tls.TlsRules;

/** A bench whose clients speak TLS; everything is computed at once, on the caller's thread. */
final class TlsBench implements AutoCloseable {
    static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private static final Map<TlsLibrary, ServerTls> SERVERS =
            Map.of(TlsLibrary.BORINGSSL, server(TlsLibrary.BORINGSSL), TlsLibrary.JDK, server(TlsLibrary.JDK));

    private static ServerTls server(TlsLibrary library) {
        return new ServerTls(
                List.of(TestCertificates.read(TestCertificates.EC)),
                new TlsRules(
                        library,
                        List.of("TLSv1.3", "TLSv1.2"),
                        List.of(
                                "TLS_AES_128_GCM_SHA256",
                                "TLS_AES_256_GCM_SHA384",
                                "TLS_CHACHA20_POLY1305_SHA256",
                                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                        List.of(),
                        false,
                        true),
                HANDSHAKE,
                Runnable::run);
    }

    final EdgeBench bench;
    final ServerTls server;
    final LoopTls tls;

    TlsBench(TlsLibrary library, EdgeLimits limits) {
        bench = new EdgeBench(limits);
        server = Objects.requireNonNull(SERVERS.get(library));
        tls = bench.edge.tls(server);
    }

    /** A client with the socket that it speaks through. */
    record Speaker(TlsPeer peer, PretendWire wire) {}

    /** A client that has begun its handshake and was not answered yet. */
    Speaker begins(String... versions) {
        return begins(new TlsPeer(versions));
    }

    /** The same of one that says more. */
    Speaker begins(TlsPeer peer) {
        Speaker speaker = new Speaker(peer, bench.client(tls));
        speaker.wire().peerSends(speaker.peer().begins());
        return speaker;
    }

    /** A client whose handshake is done. */
    Speaker client(String... versions) {
        Speaker speaker = begins(versions);
        exchange(speaker);
        return speaker;
    }

    void send(Speaker speaker, String text) {
        speaker.wire().peerSends(speaker.peer().sends(text));
        exchange(speaker);
    }

    /** Both say what they have to say until neither has anything. */
    void exchange(Speaker speaker) {
        byte[] more = {};
        do {
            speaker.wire().peerSends(more);
            bench.loop.settle();
            receive(speaker);
            more = speaker.peer().sends();
        } while (more.length > 0);
    }

    private static void receive(Speaker speaker) {
        try {
            speaker.peer().receives(speaker.wire().sentBytes());
        } catch (SSLException refused) {
            throw new AssertionError(refused);
        }
    }

    /** What the client was sent since the last call. */
    String got(Speaker speaker) {
        exchange(speaker);
        return speaker.peer().text();
    }

    @Override
    public void close() {
        bench.close();
    }
}
