package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendWire;

/**
 * Honest and hostile uploads at once, at random, with little room: others are served all along, no bound is passed, every honest one
 * ends, and all room comes back, as {@link EdgeBench#close} asserts.
 */
class IntakeSimulationTest {
    private static final int ROUNDS = Integer.getInteger("terpan.random.rounds", 12);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final int STEPS = 120;
    private static final int ROOM = 512 * 1024;
    private static final int MEMORY = 700 * 1024;
    private static final int LENGTH_MOST = 400_000;

    /** Steps of half a second that an upload has once no new hostile ones come. */
    private static final int STEPS_MOST = 1_200;

    /** A client that wants its body taken, and comes again as long as it is told to. */
    private static final class Upload {
        final Random random;
        final String body;
        final boolean chunked;
        private PretendWire wire;
        private int sent;
        private boolean ended;
        boolean done;

        Upload(EdgeBench bench, Random random) {
            this.random = random;
            body = EdgeBench.bytes(1 + random.nextInt(LENGTH_MOST));
            chunked = random.nextBoolean();
            wire = begin(bench);
        }

        private PretendWire begin(EdgeBench bench) {
            sent = 0;
            ended = false;
            String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length();
            wire = bench.client();
            wire.peerSends("POST /up HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n");
            return wire;
        }

        void step(EdgeBench bench) {
            String got = wire.sent();
            if (got.startsWith("HTTP/1.1 200 ")) {
                done = true;
            } else if (got.startsWith("HTTP/1.1 503 ")) {
                assertThat(got).contains("\r\nRetry-After: ");
                wire.peerShutsOutput();
                begin(bench);
            } else {
                assertThat(got).isEmpty();
                assertThat(wire.isOpen())
                        .as("an honest upload is told when it ends")
                        .isTrue();
                sendSome();
            }
        }

        private void sendSome() {
            int piece = Math.min(body.length() - sent, 10_000 + random.nextInt(60_000));
            if (piece > 0) {
                String bytes = body.substring(sent, sent + piece);
                wire.peerSends(chunked ? Integer.toHexString(piece) + "\r\n" + bytes + "\r\n" : bytes);
                sent += piece;
            } else if (chunked && !ended) {
                ended = true;
                wire.peerSends("0\r\n\r\n");
            }
        }
    }

    @Test
    void honestUploadsEndWhateverHostileOnesDo() {
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
        limits.spoolMost = ROOM;
        limits.memory = MEMORY;
        try (EdgeBench bench = new EdgeBench(limits)) {
            bench.worker(4);
            List<Upload> honest = new ArrayList<>();
            List<PretendWire> hostile = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(6) == 0) {
                    honest.add(new Upload(bench, random));
                }
                for (int more = random.nextInt(4); more > 0; more--) {
                    hostile.add(attack(bench, random));
                }
                if (!hostile.isEmpty() && random.nextBoolean()) {
                    leave(random, hostile.remove(random.nextInt(hostile.size())));
                }
                turn(bench, random, honest);
            }
            for (int step = 0; !honest.isEmpty(); step++) {
                assertThat(step).as("%d uploads do not end", honest.size()).isLessThan(STEPS_MOST);
                turn(bench, random, honest);
            }
        }
    }

    private static PretendWire attack(EdgeBench bench, Random random) {
        int length = 1 + random.nextInt(LENGTH_MOST);
        PretendWire wire = bench.client();
        boolean chunked = random.nextBoolean();
        String part = EdgeBench.bytes(random.nextInt(Math.min(length, 60_000)));
        wire.peerSends("POST /up HTTP/1.1\r\nHost: h\r\n"
                + (chunked
                        ? "Transfer-Encoding: chunked\r\n\r\n" + length + "fff\r\n"
                        : "Content-Length: " + length + "\r\n\r\n")
                + part);
        return wire;
    }

    private static void leave(Random random, PretendWire wire) {
        if (random.nextBoolean()) {
            wire.peerResets();
        } else {
            wire.peerShutsOutput();
        }
    }

    private static void turn(EdgeBench bench, Random random, List<Upload> honest) {
        honest.forEach(upload -> upload.step(bench));
        honest.removeIf(upload -> upload.done);
        bench.serve(OK);
        bench.served.clear();
        assertThat(bench.spool.bytesOnDisk()).isLessThanOrEqualTo(ROOM);
        assertThat(bench.bounds.memory().held()).isLessThan(MEMORY);
        PretendWire other = bench.client(GET);
        bench.serve(OK);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200 ");
        other.peerShutsOutput();
        bench.pass(Duration.ofMillis(500L * (1 + random.nextInt(2))));
    }
}
