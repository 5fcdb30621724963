package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import terpan.edge.http1.ClientConnection;
import terpan.edge.http2.Http2Protocol;
import terpan.edge.http2.PriorKnowledge;
import terpan.http2.FrameClient;
import terpan.loop.PretendWire;

/** Random clients of HTTP/2 with many streams, and workers, that do as they like; {@link EdgeBench#close} says whether all came back. */
class RandomStreamsTest {
    private static final int ROUNDS = Integer.getInteger("terpan.random.rounds", 60);
    private static final String[] ANSWERS = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + EdgeBench.bytes(300_000),
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "nonsense that is no answer\r\n\r\n",
    };

    /** One of them: what it has to send yet, and its last streams. */
    private static final class Peer {
        final PretendWire wire;
        byte[] pending;
        int last = -1;

        Peer(PretendWire wire, int window) {
            this.wire = wire;
            this.pending = FrameClient.hello(window);
        }

        void sends(byte[]... bytes) {
            pending = FrameClient.all(pending, FrameClient.all(bytes));
        }

        void delivers(int count) {
            wire.peerSends(Arrays.copyOf(pending, count));
            pending = Arrays.copyOfRange(pending, count, pending.length);
        }
    }

    @Test
    void whateverClientsAndWorkersDoNothingIsLeftBehind() {
        long seed = Long.getLong("terpan.random.seed", System.nanoTime());
        for (int round = 0; round < ROUNDS; round++) {
            try {
                play(new Random(seed + round));
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError("with -Dterpan.random.seed=" + (seed + round), failed);
            }
        }
    }

    private static void play(Random random) {
        EdgeLimits limits = new EdgeLimits();
        limits.queueSize = 2;
        limits.spoolMost = 256 * 1024;
        limits.memory = random.nextBoolean() ? 0 : 1 << 20;
        limits.keepAliveRequests = random.nextInt(3) == 0 ? 4 : 0;
        limits.stream = List.of("/stream");
        try (EdgeBench bench = new EdgeBench(limits)) {
            List<EdgeBench.Place> places = new ArrayList<>(List.of(bench.worker(2), bench.worker(3)));
            List<Peer> peers = new ArrayList<>();
            Http2Protocol http2 = new Http2Protocol(1);
            for (int step = 0; step < 200; step++) {
                step(random, bench, places, peers, http2);
                assertThat(bench.inFlight()).isLessThanOrEqualTo(6);
            }
            if (random.nextBoolean()) {
                bench.loop.execute(() -> bench.edge.stop(() -> {}));
                bench.loop.settle();
                bench.loop.execute(bench.edge::stopWaiting);
            }
        }
    }

    private static void step(
            Random random, EdgeBench bench, List<EdgeBench.Place> places, List<Peer> peers, Http2Protocol http2) {
        switch (random.nextInt(14)) {
            case 0 -> peers.add(peer(random, bench, http2));
            case 1, 2, 3, 4, 5, 6, 7 -> clientSends(random, peers);
            case 8, 9, 10 -> workerSends(random, bench);
            case 11 -> ends(random, bench, peers);
            case 12 -> bench.pass(Duration.ofMillis(random.nextInt(6) == 0 ? 31_000 : 60));
            default -> {
                if (random.nextInt(4) == 0) {
                    bench.gone(places.remove(0));
                    places.add(bench.worker(2));
                }
            }
        }
        for (int turns = random.nextInt(4); turns > 0; turns--) {
            bench.loop.turn();
        }
    }

    private static Peer peer(Random random, EdgeBench bench, Http2Protocol http2) {
        ClientProtocol protocol = random.nextBoolean() ? http2 : new PriorKnowledge(http2, ClientConnection::new);
        PretendWire wire = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), protocol);
        return new Peer(wire, random.nextBoolean() ? 65_535 : random.nextInt(3_000));
    }

    private static void clientSends(Random random, List<Peer> peers) {
        if (peers.isEmpty()) {
            return;
        }
        Peer peer = peers.get(random.nextInt(peers.size()));
        int known = Math.max(1, peer.last - 2 * random.nextInt(3));
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> peer.sends(FrameClient.request(peer.last += 2, true, "GET", "/a"));
            case 3 -> peer.sends(FrameClient.request(peer.last += 2, false, "POST", "/b"));
            case 4 ->
                peer.sends(FrameClient.request(
                        peer.last += 2,
                        false,
                        "PUT",
                        random.nextBoolean() ? "/stream" : "/c",
                        "content-length: " + (random.nextBoolean() ? 3_000 : 90_000)));
            case 5, 6 -> {
                if (peer.last > 0) {
                    peer.sends(FrameClient.data(known, random.nextInt(3) == 0, EdgeBench.bytes(3_000)));
                }
            }
            case 7 -> {
                if (peer.last > 0) {
                    peer.sends(FrameClient.reset(known));
                }
            }
            case 8 -> peer.sends(FrameClient.window(0, 1 + random.nextInt(100_000)));
            default -> {
                if (peer.last > 0) {
                    peer.sends(FrameClient.window(known, 1 + random.nextInt(100_000)));
                }
            }
        }
        peer.delivers(random.nextInt(3) == 0 ? random.nextInt(peer.pending.length + 1) : peer.pending.length);
        peer.wire.peerTakes(random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(50_000));
    }

    private static void workerSends(Random random, EdgeBench bench) {
        if (bench.links() == 0) {
            return;
        }
        PretendWire link = bench.link(random.nextInt(bench.links()));
        String answer = ANSWERS[random.nextInt(ANSWERS.length)];
        link.peerSends(random.nextInt(3) == 0 ? answer.substring(0, random.nextInt(answer.length())) : answer);
    }

    private static void ends(Random random, EdgeBench bench, List<Peer> peers) {
        boolean worker = random.nextBoolean();
        if (worker ? bench.links() == 0 : peers.isEmpty()) {
            return;
        }
        PretendWire wire =
                worker ? bench.link(random.nextInt(bench.links())) : peers.get(random.nextInt(peers.size())).wire;
        if (random.nextBoolean()) {
            wire.peerResets();
        } else {
            wire.peerShutsOutput();
        }
    }
}
