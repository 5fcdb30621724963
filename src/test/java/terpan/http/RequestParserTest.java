package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestParserTest {
    private final RequestParser parser = new RequestParser(new HeadLimits(8000, 8000, 32 * 1024, 80, false));
    private final RequestHead head = new RequestHead();

    private int parse(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        head.reset(bytes, 0);
        return parser.parse(bytes, 0, bytes.length, head);
    }

    private String cut(int from, int to) {
        return new String(head.bytes, from, to - from, ISO_8859_1);
    }

    @Test
    void aPlainRequestIsTakenApart() {
        String text = "GET /a%20b?x=1 HTTP/1.1\r\nHost: example.org:80\r\nCookie:  a=b \r\n\r\nrest";
        assertThat(parse(text)).isEqualTo(text.length() - 4);
        assertThat(head.method).isEqualTo(Method.GET);
        assertThat(cut(head.methodStart, head.methodEnd)).isEqualTo("GET");
        assertThat(cut(head.targetStart, head.targetEnd)).isEqualTo("/a%20b?x=1");
        assertThat(cut(head.pathStart, head.pathEnd)).isEqualTo("/a%20b");
        assertThat(head.pathEscaped).isTrue();
        assertThat(cut(head.queryStart, head.queryEnd)).isEqualTo("x=1");
        assertThat(cut(head.hostStart, head.hostEnd)).isEqualTo("example.org:80");
        assertThat(head.version).isEqualTo(11);
        assertThat(head.fieldCount).isEqualTo(2);
        assertThat(head.field[1]).isEqualTo(Field.COOKIE);
        assertThat(cut(head.valueStart[1], head.valueEnd[1])).isEqualTo("a=b");
        assertThat(head.keepAlive).isTrue();
        assertThat(head.contentLength).isZero();
        assertThat(head.end).isEqualTo(text.length() - 4);
    }

    @Test
    void anAbsoluteTargetGivesTheHost() {
        assertThat(parse("GET http://a.example:81?q HTTP/1.1\r\nHost: b.example\r\n\r\n"))
                .isPositive();
        assertThat(head.absolute).isTrue();
        assertThat(head.pathMissing).isTrue();
        assertThat(head.pathStart).isEqualTo(head.pathEnd);
        assertThat(cut(head.queryStart, head.queryEnd)).isEqualTo("q");
        assertThat(cut(head.hostStart, head.hostEnd)).isEqualTo("a.example:81");
        assertThat(cut(head.valueStart[0], head.valueEnd[0])).isEqualTo("a.example:81");
    }

    @Test
    void fieldsNamedByConnectionAreDropped() {
        assertThat(parse("GET / HTTP/1.1\r\nX-Secret: 1\r\nHost: a\r\nConnection: close, x-secret,,host\r\n\r\n"))
                .isPositive();
        assertThat(head.keepAlive).isFalse();
        assertThat(head.field[0]).isEqualTo(Field.DROPPED);
        assertThat(head.field[1]).isEqualTo(Field.HOST);
        assertThat(Field.hopByHop(head.field[0])).isTrue();
        assertThat(Field.hopByHop(head.field[2])).isTrue();
    }

    @Test
    void aHeadCanBeMovedWhileItIsRead() {
        String text = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n";
        byte[] bytes = text.getBytes(ISO_8859_1);
        head.reset(bytes, 0);
        assertThat(parser.parse(bytes, 0, 30, head)).isEqualTo(RequestParser.NEED_MORE);
        byte[] elsewhere = new byte[bytes.length + 7];
        System.arraycopy(bytes, 0, elsewhere, 7, bytes.length);
        head.moved(elsewhere, 7);
        assertThat(parser.parse(elsewhere, 7, elsewhere.length, head)).isEqualTo(elsewhere.length);
        assertThat(cut(head.pathStart, head.pathEnd)).isEqualTo("/p");
        assertThat(cut(head.hostStart, head.hostEnd)).isEqualTo("a");
        assertThat(head.contentLength).isEqualTo(12);
    }
}
