package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseHeadTest {
    @ParameterizedTest
    @CsvSource({
        "X-Terpan-Took: 1234, 1234",
        "x-terpan-took:  7, 7",
        "X-Terpan-Took: 999999999, 999999999",
        "X-Terpan-Took: 1234567890, 0",
        "X-Terpan-Took: -1, 0",
        "X-Terpan-Took: 1.5, 0",
        "X-Terpan-Took:, 0",
        "X-Terpan-Other: 5, 0",
        "X-Took: 5, 0",
    })
    void whatTheWorkerSaysThatTheRequestTookIsReadOrLeft(String field, long micros) {
        byte[] bytes = ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + field + "\r\n\r\n").getBytes(ISO_8859_1);
        ResponseHead head = new ResponseHead();
        head.reset(bytes, 0);
        assertThat(new ResponseParser().parse(bytes, 0, bytes.length, head)).isEqualTo(bytes.length);
        assertThat(head.tookMicros()).isEqualTo(micros);
    }
}
