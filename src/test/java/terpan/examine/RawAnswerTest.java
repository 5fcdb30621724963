package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RawAnswerTest {
    private static String body(String text, boolean ended) {
        return RawAnswer.at(0, new Received(text, ended), false)
                .map(RawAnswer::body)
                .orElse("(not whole)");
    }

    @Test
    void anAnswerIsWholeByItsLengthItsLastChunkOrTheEnd() {
        assertThat(body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false))
                .isEqualTo("hello");
        assertThat(body("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", false))
                .isEqualTo("(not whole)");
        assertThat(body(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a\r\nlo\r\n0\r\n\r\n",
                        false))
                .isEqualTo("hello");
        assertThat(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", true))
                .isEqualTo("(not whole)");
        assertThat(body("HTTP/1.0 200 OK\r\n\r\nhello", false)).isEqualTo("(not whole)");
        assertThat(body("HTTP/1.0 200 OK\r\n\r\nhello", true)).isEqualTo("hello");
        assertThat(body("HTTP/1.1 204 No Content\r\n\r\n", false)).isEmpty();
    }

    @Test
    void theNextAnswerBeginsWhereTheFirstEnds() {
        Received both = new Received(
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo",
                false);
        RawAnswer first = RawAnswer.at(0, both, false).orElseThrow();
        assertThat(RawAnswer.at(first.end(), both, false).orElseThrow().body()).isEqualTo("two");
    }
}
