package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendWire;

/** Random clients and workers that send, take, leave and fail as they like; {@link EdgeBench#close} says whether all came back. */
class RandomClientsTest {
    private static final int ROUNDS = Integer.getInteger("terpan.random.rounds", 60);
    private static final String[] PIECES = {
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "POST /d HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n" + EdgeBench.bytes(90_000),
        "HEAD /e HTTP/1.0\r\n\r\n",
        "POST /f HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        "GET /g",
        "nonsense\r\n\r\n",
    };
    private static final String[] ANSWERS = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + EdgeBench.bytes(300_000),
        "HTTP/1.0 200 OK\r\n\r\nok",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "nonsense that is no answer\r\n\r\n",
    };

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
        try (EdgeBench bench = new EdgeBench(limits)) {
            List<EdgeBench.Place> places = new ArrayList<>(List.of(bench.worker(1), bench.worker(2)));
            List<PretendWire> clients = new ArrayList<>();
            for (int step = 0; step < 150; step++) {
                step(random, bench, places, clients);
                assertThat(bench.inFlight()).isLessThanOrEqualTo(3);
            }
        }
    }

    private static void step(Random random, EdgeBench bench, List<EdgeBench.Place> places, List<PretendWire> clients) {
        switch (random.nextInt(12)) {
            case 0, 1 -> clients.add(bench.client());
            case 2, 3, 4 -> clientSends(random, clients);
            case 5 -> ends(random, clients);
            case 6, 7, 8 -> workerSends(random, bench);
            case 9 -> ends(random, bench.loop.connected());
            case 10 -> bench.pass(Duration.ofMillis(random.nextInt(4) == 0 ? 31_000 : 60));
            default -> {
                if (random.nextInt(4) == 0) {
                    bench.gone(places.remove(0));
                    places.add(bench.worker(1));
                }
            }
        }
        for (int turns = random.nextInt(4); turns > 0; turns--) {
            bench.loop.turn();
        }
    }

    private static void clientSends(Random random, List<PretendWire> clients) {
        if (clients.isEmpty()) {
            return;
        }
        PretendWire client = clients.get(random.nextInt(clients.size()));
        String piece = PIECES[random.nextInt(PIECES.length)];
        client.peerSends(random.nextInt(3) == 0 ? piece.substring(0, random.nextInt(piece.length())) : piece);
        client.peerTakes(random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(50_000));
    }

    private static void workerSends(Random random, EdgeBench bench) {
        if (bench.links() == 0) {
            return;
        }
        PretendWire link = bench.link(random.nextInt(bench.links()));
        String answer = ANSWERS[random.nextInt(ANSWERS.length)];
        link.peerSends(random.nextInt(3) == 0 ? answer.substring(0, random.nextInt(answer.length())) : answer);
    }

    private static void ends(Random random, List<PretendWire> wires) {
        if (wires.isEmpty()) {
            return;
        }
        PretendWire wire = wires.get(random.nextInt(wires.size()));
        if (random.nextBoolean()) {
            wire.peerResets();
        } else {
            wire.peerShutsOutput();
        }
    }
}
