package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whatever the bytes are: no exception, no offset outside, the same result byte by byte; and what was accepted means the same
 * when it is written again from the offsets. In a normal build the committed inputs are run once.
 */
class HttpFuzzTest {
    private final RequestParser requests = new RequestParser(new HeadLimits(200, 200, 1000, 20, false));
    private final ResponseParser responses = new ResponseParser();

    @FuzzTest(maxDuration = "10m")
    void requestHeads(byte[] bytes) {
        RequestHead head = new RequestHead();
        int result = requests.parse(bytes, 0, bytes.length, head);
        RequestHead pieces = new RequestHead();
        int again = RequestParser.NEED_MORE;
        for (int to = 0; to <= bytes.length && again == RequestParser.NEED_MORE; to++) {
            again = requests.parse(bytes, 0, to, pieces);
        }
        assertThat(again).isEqualTo(result);
        if (result < 0) {
            return;
        }
        Map<String, String> text = HeadText.of(head);
        assertThat(HeadText.of(pieces)).isEqualTo(text);
        byte[] written = write(
                head,
                new String(bytes, head.start, head.targetEnd - head.start, ISO_8859_1)
                        + (head.version == 11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n"));
        RequestHead second = new RequestHead();
        assertThat(new RequestParser(new HeadLimits(200, 300, 2000, 20, false))
                        .parse(written, 0, written.length, second))
                .isEqualTo(written.length);
        text.remove("head");
        Map<String, String> secondText = HeadText.of(second);
        secondText.remove("head");
        assertThat(secondText).isEqualTo(text);
    }

    @FuzzTest(maxDuration = "10m")
    void answerHeads(byte[] bytes) {
        ResponseHead head = new ResponseHead();
        int result = responses.parse(bytes, 0, bytes.length, head);
        ResponseHead pieces = new ResponseHead();
        int again = ResponseParser.NEED_MORE;
        for (int to = 0; to <= bytes.length && again == ResponseParser.NEED_MORE; to++) {
            again = responses.parse(bytes, 0, to, pieces);
        }
        assertThat(again).isEqualTo(result);
        if (result >= 0) {
            assertThat(HeadText.of(pieces)).isEqualTo(HeadText.of(head));
            String reason = new String(bytes, head.reasonStart, head.reasonEnd - head.reasonStart, ISO_8859_1);
            byte[] written = write(head, "HTTP/1." + head.version % 10 + " " + head.status + " " + reason + "\r\n");
            ResponseHead second = new ResponseHead();
            assertThat(responses.parse(written, 0, written.length, second)).isEqualTo(written.length);
            assertThat(withoutSize(second)).isEqualTo(withoutSize(head));
            assertThat(head.status).isBetween(100, 599);
            assertThat(head.contentLength).isGreaterThanOrEqualTo(-1);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void chunkedBodies(byte[] bytes) {
        ChunkedBodyTest.Outcome whole =
                ChunkedBodyTest.decode(new ChunkDecoder(), bytes, bytes.length, Math.max(1, bytes.length));
        assertThat(ChunkedBodyTest.decode(new ChunkDecoder(), bytes, 0, 1)).isEqualTo(whole);
        assertThat(whole.body().length()).isLessThanOrEqualTo(bytes.length);
        if (whole.name().equals("ok")) {
            String size = whole.body().isEmpty()
                    ? ""
                    : Integer.toHexString(whole.body().length()) + "\r\n";
            String chunk = whole.body().isEmpty() ? "" : size + whole.body() + "\r\n";
            byte[] written = (chunk + "0\r\n\r\n" + whole.rest()).getBytes(ISO_8859_1);
            assertThat(ChunkedBodyTest.decode(new ChunkDecoder(), written, written.length, written.length))
                    .isEqualTo(whole);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void forwardedLines(byte[] bytes) {
        ForwardedLine.parse(bytes, 0, bytes.length).ifPresent(elements -> {
            String line = elements.stream()
                    .map(element -> (element.node().isEmpty() ? "" : "for=" + quoted(element.node()) + ";")
                            + (element.proto().isEmpty() ? "" : "proto=" + quoted(element.proto()) + ";")
                            + "x=y")
                    .collect(Collectors.joining(" , "));
            byte[] written = line.getBytes(ISO_8859_1);
            assertThat(ForwardedLine.parse(written, 0, written.length)).contains(elements);
        });
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static Map<String, String> withoutSize(ResponseHead head) {
        Map<String, String> text = HeadText.of(head);
        text.remove("head");
        return text;
    }

    @FuzzTest(maxDuration = "10m")
    void paths(byte[] bytes) {
        byte[] into = new byte[bytes.length];
        int end = PercentDecoder.decode(bytes, 0, bytes.length, into, 0);
        byte[] inPlace = Arrays.copyOf(bytes, bytes.length);
        assertThat(PercentDecoder.decode(inPlace, 0, inPlace.length, inPlace, 0))
                .isEqualTo(end);
        if (end >= 0) {
            assertThat(Arrays.copyOf(inPlace, end)).isEqualTo(Arrays.copyOf(into, end));
        }
    }

    /** The head again from its offsets; an absolute target's Host is set to the target's. */
    private static byte[] write(Head head, String first) {
        StringBuilder text = new StringBuilder(first);
        for (int i = 0; i < head.fieldCount; i++) {
            text.append(new String(head.bytes, head.nameStart[i], head.nameEnd[i] - head.nameStart[i], ISO_8859_1));
            text.append(": ");
            text.append(new String(head.bytes, head.valueStart[i], head.valueEnd[i] - head.valueStart[i], ISO_8859_1));
            text.append("\r\n");
        }
        return text.append("\r\n").toString().getBytes(ISO_8859_1);
    }
}
