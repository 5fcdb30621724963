package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Limits are exact to the byte, and the same however the bytes were cut. */
class LimitsTest {
    private final RequestParser parser = new RequestParser(new HeadLimits(20, 30, 100, 3, false));

    /** The refusal, or "ok" or "more"; whole and byte by byte alike. */
    private String parse(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        RequestHead whole = new RequestHead();
        int result = parser.parse(bytes, 0, bytes.length, whole);
        RequestHead pieces = new RequestHead();
        int again = RequestParser.NEED_MORE;
        for (int to = 1; to <= bytes.length && again == RequestParser.NEED_MORE; to++) {
            again = parser.parse(bytes, 0, to, pieces);
        }
        assertThat(again).isEqualTo(result);
        if (result >= 0) {
            return "ok";
        }
        return result == RequestParser.NEED_MORE ? "more" : Refusal.of(result).name();
    }

    @Test
    void aTargetMayFillItsLimitAndNotOneByteMore() {
        assertThat(parse("GET /" + "a".repeat(19) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo("ok");
        assertThat(parse("GET /" + "a".repeat(20) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo("TARGET_TOO_LONG");
        assertThat(parse("GET /" + "a".repeat(19))).isEqualTo("more");
        assertThat(parse("GET /" + "a".repeat(20))).isEqualTo("TARGET_TOO_LONG");
        assertThat(parse("GET /" + "a".repeat(19) + "\r\n")).isEqualTo("BAD_REQUEST_LINE");
    }

    @Test
    void aByteBeyondAsciiCountsAsItsEscape() {
        String most = "/" + "a".repeat(20 - 4) + "\u00e4";
        assertThat(parse("GET " + most + " HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("ok");
        assertThat(parse("GET " + most + "a HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("TARGET_TOO_LONG");
    }

    @Test
    void aFieldLineMayFillItsLimitAndNotOneByteMore() {
        assertThat(parse("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(27) + "\r\n\r\n"))
                .isEqualTo("ok");
        assertThat(parse("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(28) + "\r\n\r\n"))
                .isEqualTo("FIELD_TOO_LARGE");
        assertThat(parse("GET / HTTP/1.1\r\n" + "a".repeat(30))).isEqualTo("more");
        assertThat(parse("GET / HTTP/1.1\r\n" + "a".repeat(31))).isEqualTo("FIELD_TOO_LARGE");
        assertThat(parse("GET / HTTP/1.1\r\n" + "a".repeat(29) + ":\r\nHost: a\r\n\r\n"))
                .isEqualTo("ok");
    }

    @Test
    void aHeadMayFillItsLimitAndNotOneByteMore() {
        String most = "GET /" + "a".repeat(19) + " HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(27) + "\r\nY: ";
        String full = most + "b".repeat(100 - most.length() - 4) + "\r\n\r\n";
        assertThat(full).hasSize(100);
        assertThat(parse(full)).isEqualTo("ok");
        assertThat(parse(full + "GET")).isEqualTo("ok");
        assertThat(parse("\r\n" + full)).isEqualTo("ok");
        assertThat(parse(most + "b".repeat(100 - most.length() - 3) + "\r\n\r\n"))
                .isEqualTo("HEAD_TOO_LARGE");
        assertThat(parse(full.substring(0, 99))).isEqualTo("more");
    }

    @Test
    void aHeadMayHaveAsManyFieldsAsSetAndNotOneMore() {
        assertThat(parse("GET / HTTP/1.1\r\nHost: a\r\nA: \r\nB: \r\n\r\n")).isEqualTo("ok");
        assertThat(parse("GET / HTTP/1.1\r\nHost: a\r\nA: \r\nB: \r\nC: \r\n\r\n"))
                .isEqualTo("TOO_MANY_FIELDS");
    }

    @Test
    void connectionOptionsAreBounded() {
        RequestParser wide = new RequestParser(new HeadLimits(8000, 8000, 32_768, 80, false));
        for (int options : new int[] {32, 33}) {
            byte[] bytes = ("GET / HTTP/1.1\r\nHost: a\r\nConnection: " + "a,".repeat(options) + "\r\n\r\n")
                    .getBytes(ISO_8859_1);
            int result = wide.parse(bytes, 0, bytes.length, new RequestHead());
            assertThat(result).isEqualTo(options == 32 ? bytes.length : Refusal.TOO_MANY_CONNECTION_OPTIONS.result());
        }
    }

    @Test
    void anEndlessAnswerHeadIsRefused() {
        byte[] bytes = new byte[ResponseParser.HEAD_MOST + 10];
        Arrays.fill(bytes, (byte) 'a');
        byte[] begin = "HTTP/1.1 200 OK\r\nX: ".getBytes(ISO_8859_1);
        System.arraycopy(begin, 0, bytes, 0, begin.length);
        ResponseHead head = new ResponseHead();
        ResponseParser answers = new ResponseParser();
        assertThat(answers.parse(bytes, 0, ResponseParser.HEAD_MOST - 1, head)).isEqualTo(ResponseParser.NEED_MORE);
        int result = answers.parse(bytes, 0, bytes.length, head);
        assertThat(ResponseParser.problem(result)).isEqualTo(Refusal.HEAD_TOO_LARGE.reason());
    }

    @Test
    void anAnswerWithTooManyFieldsIsRefused() {
        byte[] bytes = ("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(ResponseParser.FIELDS_MOST + 1) + "\r\n")
                .getBytes(ISO_8859_1);
        int result = new ResponseParser().parse(bytes, 0, bytes.length, new ResponseHead());
        assertThat(Refusal.of(result)).isEqualTo(Refusal.TOO_MANY_FIELDS);
    }

    @Test
    void headsFollowEachOtherInOneArray() {
        String first = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        String second = "GET /b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
        byte[] bytes = (first + second).getBytes(ISO_8859_1);
        RequestHead head = new RequestHead();
        int next = parser.parse(bytes, 0, bytes.length, head);
        assertThat(head.fieldCount).isEqualTo(1);
        assertThat(parser.parse(bytes, next, bytes.length, head)).isEqualTo(bytes.length);
        assertThat(head.fieldCount).isEqualTo(2);
        assertThat(head.start).isEqualTo(next);
        assertThat(bytes[head.pathStart + 1]).isEqualTo((byte) 'b');
    }
}
