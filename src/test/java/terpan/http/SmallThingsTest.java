package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmallThingsTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void datesAreThoseOfTheStandard() {
        DateTimeFormatter format = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);
        HttpDate date = new HttpDate();
        long[] edges = {0, 951_782_400_000L, 951_868_799_999L, 4_107_542_399_000L, 1_735_689_599_999L};
        for (int i = 0; i < 20_000; i++) {
            long millis = i < edges.length ? edges[i] : random.nextLong(8_000_000_000_000L);
            String expected = format.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
            assertThat(new String(date.at(millis), US_ASCII))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
        assertThat(date.at(5000)).isSameAs(date.at(5999)).hasSize(HttpDate.LENGTH);
    }

    @Test
    void datesAreReadInTheFormsOfTheStandard() {
        DateTimeFormatter old = DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.US);
        DateTimeFormatter asctime = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);
        HttpDate date = new HttpDate();
        for (int i = 0; i < 20_000; i++) {
            long second = random.nextLong(8_000_000_000L);
            var moment = Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC);
            assertThat(read(new String(date.at(second * 1000), US_ASCII)))
                    .as("seed %d", seed)
                    .isEqualTo(second);
            assertThat(read(asctime.format(moment))).as("seed %d", seed).isEqualTo(second);
            if (moment.getYear() >= 1970 && moment.getYear() < 2070) {
                assertThat(read(old.format(moment))).as("seed %d", seed).isEqualTo(second);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 32 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:49:37 GMT",
                "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 06 Xxx 1994 08:49:37 GMT",
                "Sun, 06 Nov 1969 08:49:37 GMT",
                "Sun, 06 Nov +994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 CET",
                "Sun Nov  x 08:49:37 1994",
                "Sun Nov  6 08:49:37 19944",
                "1994-11-06T08:49:37Z"
            })
    void whatIsNoDateIsNone(String text) {
        assertThat(read(text)).isEqualTo(-1);
    }

    private static long read(String text) {
        byte[] bytes = ("x" + text + "y").getBytes(ISO_8859_1);
        return HttpDate.read(bytes, 1, bytes.length - 1);
    }

    @ParameterizedTest
    @CsvSource({"/a,/a", "/a%20b,/a b", "%2F%2f,//", "/%ff%41,/\u00ffA", "/%25zz,/%zz", "/+,/+", "'',''"})
    void escapesAreDecoded(String raw, String plain) {
        byte[] bytes = ("x" + raw + "y").getBytes(ISO_8859_1);
        byte[] into = new byte[bytes.length];
        int end = PercentDecoder.decode(bytes, 1, bytes.length - 1, into, 0);
        assertThat(new String(into, 0, end, ISO_8859_1)).isEqualTo(plain);
        int inPlace = PercentDecoder.decode(bytes, 1, bytes.length - 1, bytes, 1);
        assertThat(new String(bytes, 1, inPlace - 1, ISO_8859_1)).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%1", "%zz", "%1z", "%z1", "a%", "%%41", "%00", "%u0041", "%-1", "%\u00b21"})
    void badEscapesAreRefused(String raw) {
        byte[] bytes = raw.getBytes(ISO_8859_1);
        assertThat(PercentDecoder.decode(bytes, 0, bytes.length, new byte[bytes.length], 0))
                .isEqualTo(PercentDecoder.BAD);
        byte[] longer = (raw + "41").getBytes(ISO_8859_1);
        assertThat(PercentDecoder.decode(longer, 0, bytes.length, new byte[bytes.length], 0))
                .isEqualTo(PercentDecoder.BAD);
    }

    @Test
    void numbersAreWrittenAsLongDoes() {
        byte[] into = new byte[30];
        for (int i = 0; i < 5000; i++) {
            long value = i < 200 ? i : random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
            value = i == 200 ? Long.MAX_VALUE : value;
            int end = Ascii.appendDecimal(into, 3, value);
            assertThat(new String(into, 3, end - 3, US_ASCII)).isEqualTo(Long.toString(value));
            end = Ascii.appendHex(into, 3, value);
            assertThat(new String(into, 3, end - 3, US_ASCII)).isEqualTo(Long.toHexString(value));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,1",
        "HEAD,2",
        "POST,3",
        "PUT,4",
        "DELETE,5",
        "OPTIONS,6",
        "PATCH,7",
        "TRACE,8",
        "CONNECT,9",
        "PURGE,0",
        "POSE,0",
        "P,0",
        "G,0",
        "PATCHED,0",
        "PROPFIND,0",
        "Get,0"
    })
    void methodsAreNumbered(String name, int number) {
        assertThat(Method.of(name.getBytes(US_ASCII), 0, name.length())).isEqualTo(number);
    }

    @Test
    void answersWithoutABodyAreKnown() {
        assertThat(ResponseParser.bodyless(Method.HEAD, 200)).isTrue();
        assertThat(ResponseParser.bodyless(Method.GET, 204)).isTrue();
        assertThat(ResponseParser.bodyless(Method.GET, 304)).isTrue();
        assertThat(ResponseParser.bodyless(Method.GET, 103)).isTrue();
        assertThat(ResponseParser.bodyless(Method.GET, 200)).isFalse();
        assertThat(ResponseParser.bodyless(Method.POST, 404)).isFalse();
    }

    @Test
    void everyRefusalIsInTheDocument() throws IOException {
        String document = Files.readString(Path.of("docs", "http.md"));
        for (Refusal refusal : Refusal.values()) {
            assertThat(document).contains("| " + refusal.name() + " | " + refusal.status() + " |");
            assertThat(Refusal.of(refusal.result())).isEqualTo(refusal);
        }
    }
}
