package terpan.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import terpan.http.HeadLimits;

/**
 * Random sequences of what a client and an owner may do, with what must hold checked after each step, by a client that keeps books of its own.
 * A seed: -Dhttp2.seed=N.
 */
class Http2RandomTest {
    private static final int RUNS = 60;
    private static final int STEPS = 400;
    private static final Http2Limits LIMITS = new Http2Limits(
            6, 20_000, 70_000, new HeadLimits(8000, 8000, 32 * 1024, 80, false), Http2Limits.TABLE, false);

    private final long seed = Long.getLong("http2.seed", System.nanoTime());
    private Random random = new Random(seed);

    /** What the client knows of one stream. */
    private static final class Mine {
        long window;
        long mayBeSent;
        boolean requestEnded;
        boolean answered;
        boolean over;
    }

    private final Map<Integer, Mine> mine = new TreeMap<>();
    private final Map<Integer, Integer> untaken = new HashMap<>();
    private long connectionWindow;
    private long connectionMayBeSent;
    private int initialWindow;
    private int nextId;
    private boolean goneAway;

    @Test
    void whatMustHoldHoldsAfterEveryStep() {
        for (int run = 0; run < RUNS; run++) {
            random = new Random(seed + run);
            run();
        }
    }

    private void run() {
        mine.clear();
        untaken.clear();
        connectionWindow = 65_535;
        connectionMayBeSent = LIMITS.connectionWindow();
        initialWindow = 65_535;
        nextId = 1;
        goneAway = false;
        Client client = new Client();
        Peer peer = client.peer;
        for (int step = 0; step < STEPS && !peer.connection.failed(); step++) {
            peer.now += 300_000_000L;
            act(client);
            if (random.nextInt(3) > 0) {
                flush(peer);
            }
            check(client);
        }
        assertThat(peer.connection.failed())
                .as("seed %d: %s", seed, peer.connection.problem())
                .isFalse();
        finish(client);
    }

    /** The peer of the other tests, as an owner that answers when the test says so. */
    private static final class Client {
        final Peer peer = Peer.greeted(LIMITS);
        final Map<Integer, Peer.Bytes> sources = new HashMap<>();

        Client() {
            peer.takesBodies = false;
        }
    }

    private void act(Client client) {
        Peer peer = client.peer;
        switch (random.nextInt(11)) {
            case 0, 1 -> open(peer);
            case 2, 3 -> body(peer);
            case 4 -> peerResets(peer);
            case 5 -> windows(peer);
            case 6 -> settings(peer);
            case 7, 8 -> answers(client);
            case 9 -> takes(peer);
            default -> ownerResets(client);
        }
    }

    private void open(Peer peer) {
        boolean end = random.nextBoolean();
        Mine stream = new Mine();
        stream.window = initialWindow;
        stream.mayBeSent = LIMITS.streamWindow();
        stream.requestEnded = end;
        mine.put(nextId, stream);
        peer.send("HEADERS." + (end ? "e" : "") + "h@" + nextId + ":" + (end ? "{get}" : "{post}"));
        nextId += 2;
    }

    private Mine mine(int id) {
        return Objects.requireNonNull(mine.get(id));
    }

    private int any(java.util.function.Predicate<Mine> which) {
        List<Integer> ids = new ArrayList<>();
        mine.forEach((id, stream) -> {
            if (which.test(stream)) {
                ids.add(id);
            }
        });
        return ids.isEmpty() ? 0 : ids.get(random.nextInt(ids.size()));
    }

    private void body(Peer peer) {
        int id = any(stream -> !stream.requestEnded && !stream.over);
        if (id == 0) {
            return;
        }
        Mine stream = mine(id);
        long most = Math.min(Math.min(stream.mayBeSent, connectionMayBeSent), 16_384);
        int count = most <= 0 ? 0 : 1 + random.nextInt((int) most);
        boolean end = count == 0 || random.nextInt(4) == 0;
        int before = peer.bodies.getOrDefault(id, 0);
        peer.send("DATA" + (end ? ".e" : "") + "@" + id + ":z" + count);
        int delivered = peer.bodies.getOrDefault(id, 0) - before;
        untaken.merge(id, delivered, Integer::sum);
        stream.mayBeSent -= count;
        connectionMayBeSent -= count;
        stream.requestEnded = end;
    }

    private void peerResets(Peer peer) {
        int id = any(stream -> !stream.over);
        if (id != 0 && random.nextBoolean()) {
            mine(id).over = true;
            peer.send("RST@" + id + ":00000008");
        }
    }

    private void windows(Peer peer) {
        int increment = 1 + random.nextInt(40_000);
        int id = random.nextBoolean() ? any(stream -> !stream.over) : 0;
        if (id == 0) {
            connectionWindow += increment;
        } else {
            mine(id).window += increment;
        }
        peer.send("WINDOW_UPDATE@" + id + ":" + String.format("%08x", increment));
    }

    private void settings(Peer peer) {
        if (random.nextInt(3) > 0) {
            return;
        }
        // What was sent before the client shrinks its windows is on its way by right.
        flush(peer);
        int window = random.nextInt(80_000);
        mine.values().forEach(stream -> stream.window += window - initialWindow);
        initialWindow = window;
        peer.send("SETTINGS@0:0004" + String.format("%08x", window) + "0001"
                + String.format("%08x", random.nextInt(5_000)));
    }

    private void answers(Client client) {
        Peer peer = client.peer;
        if (peer.open.isEmpty()) {
            return;
        }
        List<Integer> ids = new ArrayList<>(peer.open.keySet());
        int id = ids.get(random.nextInt(ids.size()));
        Http2Stream stream = peer.stream(id);
        Peer.Bytes source = client.sources.get(id);
        if (source != null) {
            source.left += source.last ? 0 : random.nextInt(20_000);
            source.last |= random.nextInt(3) == 0;
            stream.ready();
            return;
        }
        int bytes = random.nextInt(3) == 0 ? random.nextInt(60_000) : random.nextInt(100);
        stream.answer(200 + random.nextInt(300));
        stream.length(bytes);
        Peer.Bytes made = new Peer.Bytes(0);
        client.sources.put(id, made);
        if (random.nextBoolean()) {
            stream.headEnd(false);
            byte[] body = new byte[bytes];
            boolean end = random.nextBoolean();
            int taken = stream.offer(body, 0, bytes, end);
            if (peer.open.get(id) == stream && stream.id() == id) {
                made.left = bytes - taken;
                made.last = end;
                stream.source(made);
                stream.ready();
            }
        } else {
            made.left = bytes;
            made.last = random.nextBoolean();
            stream.source(made);
            stream.headEnd(false);
        }
    }

    private void takes(Peer peer) {
        for (Http2Stream stream : peer.open.values()) {
            int held = untaken.getOrDefault(stream.id(), 0);
            if (held > 0) {
                int count = 1 + random.nextInt(held);
                stream.taken(count);
                untaken.merge(stream.id(), -count, Integer::sum);
            }
        }
    }

    private void ownerResets(Client client) {
        if (random.nextInt(4) == 0 && !client.peer.open.isEmpty()) {
            List<Http2Stream> streams = new ArrayList<>(client.peer.open.values());
            streams.get(random.nextInt(streams.size())).reset(ErrorCode.INTERNAL_ERROR);
        }
    }

    /** Takes what is sent and keeps the books. */
    private void flush(Peer peer) {
        peer.received.clear();
        for (String frame : peer.collect()) {
            String[] words = frame.split(" ", -1);
            switch (words[0]) {
                case "DATA" -> data(words);
                case "HEADERS" -> {
                    Mine stream = mine(Integer.parseInt(words[1]));
                    assertThat(stream.answered).isFalse();
                    stream.answered = true;
                    ends(stream, words);
                }
                case "RST" -> mine(Integer.parseInt(words[1])).over = true;
                case "WINDOW" -> {
                    int id = Integer.parseInt(words[1]);
                    if (id == 0) {
                        connectionMayBeSent += Integer.parseInt(words[2]);
                    } else {
                        mine(id).mayBeSent += Integer.parseInt(words[2]);
                    }
                }
                case "GOAWAY" -> goneAway = true;
                default -> {}
            }
        }
    }

    private void data(String[] words) {
        Mine stream = mine(Integer.parseInt(words[1]));
        int count = Integer.parseInt(words[2]);
        stream.window -= count;
        connectionWindow -= count;
        assertThat(stream.answered).isTrue();
        if (!stream.over) {
            assertThat(count == 0 || stream.window >= 0)
                    .as("seed %d: a stream's window is %d", seed, stream.window)
                    .isTrue();
        }
        assertThat(connectionWindow).as("seed %d", seed).isGreaterThanOrEqualTo(0);
        ends(stream, words);
    }

    private static void ends(Mine stream, String[] words) {
        if (words[words.length - 1].equals("end")) {
            stream.over |= stream.requestEnded;
        }
    }

    private void check(Client client) {
        Peer peer = client.peer;
        assertThat(peer.connection.streams()).as("seed %d", seed).isEqualTo(peer.open.size());
        assertThat(peer.open.size()).isLessThanOrEqualTo(LIMITS.streamsMost());
        assertThat(peer.connection.receiveWindow).isBetween(0, LIMITS.connectionWindow());
        assertThat(peer.connection.outputLength()).isLessThan(200_000);
        client.sources.keySet().retainAll(peer.open.keySet());
        untaken.keySet().retainAll(peer.open.keySet());
        int held = 0;
        for (Http2Stream stream : peer.open.values()) {
            assertThat(stream.untaken).isEqualTo(untaken.getOrDefault(stream.id(), 0));
            held += stream.untaken;
        }
        assertThat(held).as("seed %d", seed).isLessThanOrEqualTo(LIMITS.connectionWindow());
    }

    /** The client opens all windows and the owner ends all answers: then everything ends. */
    private void finish(Client client) {
        Peer peer = client.peer;
        flush(peer);
        peer.now += 60_000_000_000L;
        peer.send("WINDOW_UPDATE@0:10000000", "SETTINGS@0:000410000000");
        connectionWindow += 0x10000000;
        mine.values().forEach(stream -> stream.window += 0x10000000 - initialWindow);
        for (Http2Stream stream : new ArrayList<>(peer.open.values())) {
            Peer.Bytes source = client.sources.get(stream.id());
            if (source == null) {
                peer.answer(stream.id(), 3);
            } else {
                source.last = true;
                stream.source(source);
                stream.ready();
            }
        }
        flush(peer);
        assertThat(goneAway).isFalse();
        assertThat(peer.connection.streams()).as("seed %d", seed).isZero();
        peer.connection.close();
        assertThat(peer.buffers.lent).as("seed %d", seed).isZero();
    }
}
