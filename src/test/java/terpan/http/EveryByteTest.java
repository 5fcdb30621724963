package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each of the 256 bytes at each kind of place: only what the grammar has is let through. */
class EveryByteTest {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final String NAME_MARKS = "-._~!$&'()*+,;=";

    private final RequestParser requests = new RequestParser(new HeadLimits(8000, 8000, 32 * 1024, 80, false));

    private static boolean letterOrDigit(int b) {
        return b < 128 && Character.isLetterOrDigit(b);
    }

    private static boolean token(int b) {
        return letterOrDigit(b) || TOKEN_MARKS.indexOf(b) >= 0;
    }

    private static boolean value(int b) {
        return b == '\t' || (b >= ' ' && b != 0x7f);
    }

    private static boolean allowed(String place, int b) {
        IntPredicate rule = switch (place) {
            case "method" -> EveryByteTest::token;
            case "path" -> c -> c > ' ' && c != 0x7f && c != '#' && c != '%';
            case "query" -> c -> c > ' ' && c != 0x7f && c != '#';
            case "name" -> EveryByteTest::token;
            case "value" -> EveryByteTest::value;
            case "host" -> c -> letterOrDigit(c) || NAME_MARKS.indexOf(c) >= 0;
            case "port", "length" -> c -> c >= '0' && c <= '9';
            case "coding", "nothing" -> c -> false;
            default -> throw new IllegalArgumentException(place);
        };
        return rule.test(b);
    }

    @ParameterizedTest
    @CsvSource({
        "method,  9112 3,   G, ET / HTTP/1.1~Host: a~~",
        "nothing, 9112 3,   GET / HTTP/1.1, ~Host: a~~",
        "nothing, 9112 2.3, GET / HTT, P/1.1~Host: a~~",
        "path,    9112 3.2, GET /a, b HTTP/1.1~Host: a~~",
        "query,   9112 3.2, GET /a?, b HTTP/1.1~Host: a~~",
        "nothing, 9112 2.2, GET / HTTP/1.1~, Host: a~~",
        "name,    9110 5.1, GET / HTTP/1.1~Host: a~X, Y: z~~",
        "value,   9110 5.5, GET / HTTP/1.1~Host: a~X: y, z~~",
        "host,    9110 7.2, GET / HTTP/1.1~Host: a, b~~",
        "port,    9110 7.2, GET / HTTP/1.1~Host: a:1, 2~~",
        "length,  9110 8.6, POST / HTTP/1.1~Host: a~Content-Length: 1, 2~~",
        "coding,  9112 6.1, POST / HTTP/1.1~Host: a~Transfer-Encoding: chun, ked~~",
        "nothing, 9112 2.2, GET / HTTP/1.1~Host: a~, ~~",
    })
    void onlyWhatTheGrammarHasIsLetThrough(String place, String section, String before, String after) {
        for (int b = 0; b < 256; b++) {
            // A percent sign needs two digits, a colon ends a name, and what follows makes some bytes good again.
            boolean special = (b == '%' && place.equals("host")) || harmless(place, before, b);
            String text = before.replace("~", "\r\n") + (char) b + after.replace("~", "\r\n");
            byte[] bytes = text.getBytes(ISO_8859_1);
            int result = requests.parse(bytes, 0, bytes.length, new RequestHead());
            assertThat(result).as("RFC %s, byte %02x, %s", section, b, text).isNotEqualTo(RequestParser.NEED_MORE);
            if (!special) {
                assertThat(result >= 0)
                        .as("RFC %s, byte %02x, %s", section, b, text)
                        .isEqualTo(allowed(place, b));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GET /a, b", "GET /a?, b", "GET http://a/, b"})
    void strictTargetsHaveNothingBeyondAscii(String before, String after) {
        RequestParser strict = new RequestParser(new HeadLimits(8000, 8000, 32 * 1024, 80, true));
        for (int b = 0x80; b < 256; b++) {
            byte[] bytes = (before + (char) b + after + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1);
            assertThat(strict.parse(bytes, 0, bytes.length, new RequestHead()))
                    .as("byte %02x", b)
                    .isEqualTo(Refusal.BAD_TARGET.result());
        }
    }

    private static boolean harmless(String place, String before, int b) {
        return switch (place) {
            case "method" -> b == ' ';
            case "path" -> b == ' ';
            case "query" -> b == ' ';
            case "name" -> b == ':';
            case "host" -> b == ':';
            // In front of Host stands a name then, and Host is missing unless the byte is no part of it.
            case "nothing" -> before.endsWith("Host: a~") && token(b);
            default -> false;
        };
    }
}
