package terpan.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.http.HeadLimits;
import terpan.http.HeadText;
import terpan.http.Refusal;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.http.Rows;
import terpan.http.Rows.Row;

/** The truth tables: requests, trailers, frames, each as a whole, byte by byte, and cut into frames. */
class Http2TablesTest {
    private static final Http2Limits EXTENDED = new Http2Limits(
            8, 65_536, 100_000, new HeadLimits(8000, 8000, 32 * 1024, 80, false), Http2Limits.TABLE, true);

    private static final String PSEUDO = ":scheme: http{E}:authority: a{E}:path: /{E}";

    static List<Row> requests() {
        return Rows.read("/terpan/http2/requests.txt");
    }

    static List<Row> extendedConnects() {
        return Rows.read("/terpan/http2/extended-connect.txt");
    }

    static List<Row> trailers() {
        return Rows.read("/terpan/http2/trailers.txt");
    }

    static List<Row> frames() {
        return Rows.read("/terpan/http2/frames.txt");
    }

    static List<String[]> fields(Row row) {
        String raw =
                Rows.repeated(row.raw()).replace("{G}", ":method: GET{E}{M}").replace("{M}", PSEUDO);
        List<String[]> fields = new ArrayList<>();
        for (String line : raw.isBlank() ? List.<String>of() : List.of(raw.split("\\{E\\}"))) {
            int colon = line.startsWith(": ") ? 0 : line.indexOf(": ", 1);
            fields.add(new String[] {Rows.plain(line.substring(0, colon)), Rows.plain(line.substring(colon + 2))});
        }
        return fields;
    }

    /** Names of what went wrong are those of what HTTP/2 forbids, or of refusals. */
    private static void check(Row row, Peer peer) {
        String outcome = row.outcome();
        if (outcome.equals("ok")) {
            assertThat(peer.events).as("%s", row).first().isEqualTo("request 1");
            assertThat(peer.last("malformed")).as("%s", row).isEmpty();
        } else if (isRefusal(outcome)) {
            assertThat(peer.last("refused")).as("%s", row).isEqualTo("refused 1 " + outcome);
        } else {
            assertThat(peer.last("malformed")).as("%s", row).isEqualTo("malformed " + outcome);
            assertThat(peer.received).as("%s", row).contains("RST 1 PROTOCOL_ERROR");
        }
        assertThat(peer.connection.failed()).as("%s", row).isFalse();
    }

    static boolean isRefusal(String name) {
        for (Refusal refusal : Refusal.values()) {
            if (refusal.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestsAreReadAsTheTableSays(Row row) {
        request(row, Peer.LIMITS);
    }

    @ParameterizedTest
    @MethodSource("extendedConnects")
    void requestsWithAProtocolAreReadAsTheTableSays(Row row) {
        request(row, EXTENDED);
    }

    private static void request(Row row, Http2Limits limits) {
        Peer peer = Peer.greeted(limits);
        boolean body = row.wanted().contains("body=yes");
        peer.request(1, !body, fields(row));
        peer.collect();
        check(row, peer);
        if (row.outcome().equals("ok")) {
            Http2Stream stream = peer.stream(1);
            assertThat(stream.requestEnded()).isEqualTo(!body);
            Map<String, String> text = HeadText.of(stream.head);
            for (String wanted : row.wanted()) {
                if (wanted.startsWith("protocol=")) {
                    assertThat(new String(
                                    stream.head.bytes,
                                    stream.protocolStart,
                                    stream.protocolEnd - stream.protocolStart,
                                    ISO_8859_1))
                            .isEqualTo(wanted.substring("protocol=".length()));
                } else if (!wanted.equals("body=yes")) {
                    assertThat(HeadText.wrong(text, wanted)).as("%s", row).isEmpty();
                }
            }
            if (stream.protocolStart < 0) {
                likeHttp11(row, stream.head, text);
            }
        }
    }

    /** The same head written as HTTP/1.1 is read alike: who parsed it makes no difference. */
    private static void likeHttp11(Row row, RequestHead head, Map<String, String> text) {
        StringBuilder written = new StringBuilder(text.get("methodBytes") + " " + text.get("target") + " HTTP/1.1\r\n");
        boolean hostField = false;
        for (int i = 0; i < head.fieldCount; i++) {
            hostField |= head.field[i] == terpan.http.Field.HOST;
            assertThat(head.bytes[head.valueEnd[i]]).isEqualTo((byte) '\r');
            written.append(
                    new String(head.bytes, head.nameStart[i], head.valueEnd[i] + 2 - head.nameStart[i], ISO_8859_1));
        }
        if (!hostField) {
            written.append("Host: ").append(text.get("host")).append("\r\n");
        }
        if (head.contentLength < 0) {
            written.append("transfer-encoding: chunked\r\n");
        }
        byte[] bytes = written.append("\r\n").toString().getBytes(ISO_8859_1);
        RequestHead second = new RequestHead();
        assertThat(new RequestParser(new HeadLimits(8000, 8000, 64 * 1024, 82, false))
                        .parse(bytes, 0, bytes.length, second))
                .as("%s", row)
                .isEqualTo(bytes.length);
        Map<String, String> secondText = HeadText.of(second);
        text.forEach((name, value) -> {
            if (!name.equals("version") && !name.equals("head") && !name.equals("https")) {
                assertThat(secondText.get(name)).as("%s: %s", row, name).isEqualTo(value);
            }
        });
        RequestHead copy = new RequestHead();
        copy.copyFrom(head);
        assertThat(HeadText.of(copy)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("trailers")
    void trailersAreReadAsTheTableSays(Row row) {
        Peer peer = Peer.greeted();
        peer.send("HEADERS.h@1:{post}", "DATA@1:z3");
        peer.request(1, !row.wanted().contains("open=yes"), fields(row));
        peer.collect();
        check(row, peer);
        if (row.outcome().equals("ok")) {
            assertThat(peer.last("whole")).isEqualTo("whole 1");
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void framesAreJudgedAsTheTableSays(Row row) {
        Peer whole = frames(row, Integer.MAX_VALUE);
        List<String> received = whole.collect();
        Peer bytewise = frames(row, 1);
        assertThat(bytewise.collect()).as("%s, byte by byte", row).isEqualTo(received);
        assertThat(bytewise.events).as("%s, byte by byte", row).isEqualTo(whole.events);
        Peer pieces = frames(row, 7);
        assertThat(pieces.collect()).as("%s, in pieces", row).isEqualTo(received);
        String[] expected = row.outcome().split(" ", -1);
        String told = received.toString();
        switch (expected[0]) {
            case "ok" -> assertThat(told).as("%s", row).doesNotContain("GOAWAY", "RST");
            case "reset" ->
                assertThat(told)
                        .as("%s", row)
                        .containsPattern("RST \\d+ " + expected[1])
                        .doesNotContain("GOAWAY");
            case "goaway" -> {
                assertThat(told).as("%s", row).containsPattern("GOAWAY \\d+ " + expected[1]);
                assertThat(whole.connection.over()).isTrue();
                assertThat(whole.connection.streams()).isZero();
            }
            default -> throw new IllegalArgumentException(row.outcome());
        }
        whole.connection.close();
        assertThat(whole.buffers.lent).isZero();
        assertThat(whole.open).isEmpty();
    }

    private static Peer frames(Row row, int step) {
        Peer peer = new Peer();
        peer.takesBodies = false;
        String raw = row.message();
        if (!raw.startsWith("RAW")) {
            peer.send(Peer.preface());
            peer.send("SETTINGS@0:");
        }
        for (String frame : raw.split(" ", -1)) {
            int at = frame.indexOf('@');
            if (frame.startsWith("ANSWER")) {
                peer.answer(Integer.parseInt(frame.substring(at + 1)), 5);
                peer.collect();
            } else if (frame.startsWith("RESET")) {
                peer.stream(Integer.parseInt(frame.substring(at + 1))).reset(ErrorCode.CANCEL);
            } else if (!frame.equals("RAW")) {
                cut(peer, Peer.frame(frame), step);
            }
        }
        return peer;
    }

    private static void cut(Peer peer, byte[] bytes, int step) {
        for (int from = 0; from < bytes.length; from += Math.min(step, bytes.length)) {
            int to = (int) Math.min((long) from + step, bytes.length);
            byte[] elsewhere = java.util.Arrays.copyOfRange(bytes, from, to);
            peer.connection.receive(elsewhere, 0, elsewhere.length, 0);
        }
    }

    @Test
    void everyRuleHasACase() {
        List<Row> all = new ArrayList<>(requests());
        all.addAll(extendedConnects());
        all.addAll(trailers());
        List<String> outcomes = all.stream().map(Row::outcome).toList();
        for (Malformed rule : Malformed.values()) {
            assertThat(outcomes).contains(rule.name());
        }
    }
}
