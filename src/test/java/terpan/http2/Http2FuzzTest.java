package terpan.http2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import terpan.http.HeadLimits;

/**
 * Whatever the bytes are: no exception, the same result however they are cut, no more memory than is allowed, and everything given back. In a
 * normal build the committed inputs are run once.
 */
class Http2FuzzTest {
    private static final Http2Limits LIMITS =
            new Http2Limits(4, 1_000, 65_535, new HeadLimits(200, 200, 1_000, 20, false), 256, true);

    /** A connection past its preface; every request is answered with as many bytes as its id says. */
    @FuzzTest(maxDuration = "10m")
    void connections(byte[] bytes) {
        String whole = run(bytes, Math.max(1, bytes.length));
        assertThat(run(bytes, 1)).isEqualTo(whole);
        assertThat(run(bytes, 5)).isEqualTo(whole);
    }

    private static String run(byte[] bytes, int step) {
        Peer peer = new Peer(LIMITS);
        peer.send(Peer.preface());
        peer.send("SETTINGS@0:");
        for (int from = 0; from < bytes.length; from += step) {
            byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + step));
            peer.connection.receive(piece, 0, piece.length, 0);
            assertThat(peer.open.size()).isEqualTo(peer.connection.streams()).isLessThanOrEqualTo(4);
            assertThat(peer.buffers.lent).isLessThan(400_000);
        }
        for (Http2Stream stream : new ArrayList<>(peer.open.values())) {
            peer.answer(stream.id(), stream.id() % 5_000);
        }
        // When room is given back depends on the pieces in which bytes came.
        String frames = peer.collect().stream()
                .filter(frame -> !frame.startsWith("WINDOW"))
                .collect(Collectors.joining(", "));
        String told = frames + " " + peer.events + " " + peer.bodies + " " + peer.connection.problem();
        peer.connection.close();
        assertThat(peer.open).isEmpty();
        assertThat(peer.buffers.lent).isZero();
        return told;
    }

    /** Two blocks of one connection: what is unpacked is packed and unpacked again, alike. */
    @FuzzTest(maxDuration = "10m")
    void heads(byte[] bytes) {
        HpackDecoder decoder = new HpackDecoder(256);
        int half = bytes.length / 2;
        Peer.Fields fields = new Peer.Fields();
        boolean good = decoder.decode(bytes, 0, half, fields) && decoder.decode(bytes, half, bytes.length, fields);
        assertThat(decoder.table().size()).isLessThanOrEqualTo(4096);
        if (!good) {
            return;
        }
        List<String> lines = fields.list.stream()
                .filter(field -> !field[0].isEmpty())
                .map(field -> field[0] + ": " + field[1])
                .filter(line -> line.indexOf(": ") == line.indexOf(": ", 1) && line.length() < 5_000)
                .limit(50)
                .toList();
        HpackEncoder encoder = new HpackEncoder();
        HpackDecoder second = new HpackDecoder(Http2Limits.TABLE);
        for (int round = 0; round < 3; round++) {
            byte[] block = HpackTest.encode(encoder, lines.toArray(String[]::new));
            Peer.Fields again = new Peer.Fields();
            assertThat(second.decode(block, 0, block.length, again)).isTrue();
            assertThat(again.list.stream()
                            .skip(1)
                            .map(field -> field[0] + ": " + field[1])
                            .collect(Collectors.joining("\n")))
                    .isEqualTo(String.join("\n", lines));
        }
    }

    /** A request of these fields, each a line's name and value: no line of it leaves its bounds, and no control byte gets through. */
    @FuzzTest(maxDuration = "10m")
    void requests(byte[] bytes) {
        List<String[]> fields = new ArrayList<>();
        for (String line : new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).split("\u0001", -1)) {
            int colon = line.indexOf('\u0002');
            fields.add(new String[] {
                colon < 0 ? line : line.substring(0, colon), colon < 0 ? "" : line.substring(colon + 1)
            });
        }
        Peer peer = Peer.greeted(LIMITS);
        peer.request(1, false, fields.subList(0, Math.min(fields.size(), 100)));
        if (peer.last("request").isEmpty()) {
            return;
        }
        Http2Stream stream = peer.stream(1);
        assertThat(stream.head.end).isBetween(1, stream.head.bytes.length);
        for (int i = 0; i < stream.head.fieldCount; i++) {
            assertThat(stream.head.nameStart[i]).isBetween(0, stream.head.nameEnd[i] - 1);
            assertThat(stream.head.valueStart[i]).isBetween(stream.head.nameEnd[i] + 2, stream.head.valueEnd[i]);
            assertThat(stream.head.valueEnd[i]).isLessThanOrEqualTo(stream.head.end - 2);
            for (int at = stream.head.nameStart[i]; at < stream.head.valueEnd[i]; at++) {
                assertThat(terpan.http.Ascii.isFieldValue(stream.head.bytes[at]))
                        .isTrue();
            }
        }
    }
}
