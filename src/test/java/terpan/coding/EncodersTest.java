package terpan.coding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.config.Settings;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;

class EncodersTest {
    private static final int ROUNDS = 60;
    private static final int LONGEST = 300_000;
    private static final RequestParser PARSER = new RequestParser(new HeadLimits(8_000, 8_000, 32_000, 100, false));

    private final Encoders encoders = new Encoders();
    private final ByteArrayOutputStream coded = new ByteArrayOutputStream();

    @BeforeAll
    static void load() {
        List<String> troubles = new ArrayList<>();
        Encoders.load(EnumSet.allOf(Settings.Coding.class), troubles::add);
        assertThat(troubles).isEmpty();
    }

    private void take(byte[] bytes, int from, int to) {
        assertThat(to).isGreaterThan(from);
        coded.write(bytes, from, to - from);
    }

    private BodyEncoder taken(Settings.Coding coding, int level) {
        return Objects.requireNonNull(encoders.take(coding, level));
    }

    /** Text, noise, or the same byte again and again. */
    private static byte[] body(Random random) {
        byte[] body = new byte[random.nextInt(LONGEST)];
        switch (random.nextInt(3)) {
            case 0 -> random.nextBytes(body);
            case 1 -> Arrays.fill(body, (byte) 'x');
            default -> {
                for (int i = 0; i < body.length; i++) {
                    body[i] = (byte) "{\"name\": \"value\", \"number\": 12}".charAt((i + random.nextInt(2)) % 31);
                }
            }
        }
        return body;
    }

    @ParameterizedTest
    @EnumSource(Settings.Coding.class)
    void whateverComesInPiecesIsThereWhenItIsDecoded(Settings.Coding coding) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = body(random);
            coded.reset();
            int level = 1 + random.nextInt(6);
            BodyEncoder encoder = taken(coding, level);
            if (random.nextInt(4) == 0) {
                encoder.write(body, 0, body.length / 2, false, (bytes, from, to) -> {});
                encoders.give(coding, level, encoder); // left in the middle
                encoder = taken(coding, level);
            }
            for (int at = 0; at < body.length; ) {
                int end = Math.min(body.length, at + 1 + random.nextInt(random.nextBoolean() ? 100_000 : 100));
                encoder.write(body, at, end, random.nextInt(10) == 0, this::take);
                at = end;
            }
            encoder.end(this::take);
            encoders.give(coding, level, encoder);
            assertThat(Decoded.of(coding, coded.toByteArray()))
                    .as(coding + ", seed " + seed + ", round " + round)
                    .isEqualTo(body);
        }
    }

    @ParameterizedTest
    @EnumSource(Settings.Coding.class)
    void whatWasFlushedCanBeReadBeforeTheRestIsThere(Settings.Coding coding) throws IOException {
        BodyEncoder encoder = taken(coding, 3);
        StringBuilder given = new StringBuilder();
        for (int piece = 0; piece < 20; piece++) {
            byte[] bytes = ("piece " + piece + "\n").getBytes(ISO_8859_1);
            given.append("piece ").append(piece).append('\n');
            encoder.write(bytes, 0, bytes.length, true, this::take);
            assertThat(new String(Decoded.asFar(coding, coded.toByteArray()), ISO_8859_1))
                    .isEqualTo(given.toString());
        }
        encoders.give(coding, 3, encoder);
    }

    @Test
    void noMoreThanABoundAreThereAtATime() {
        List<BodyEncoder> all = new ArrayList<>();
        for (int i = 0; i < Encoders.MOST; i++) {
            all.add(taken(Settings.Coding.GZIP, 1));
        }
        assertThat(encoders.take(Settings.Coding.BR, 1)).isNull();
        encoders.give(Settings.Coding.GZIP, 1, all.removeLast());
        encoders.give(Settings.Coding.BR, 1, taken(Settings.Coding.BR, 1));
        all.forEach(one -> encoders.give(Settings.Coding.GZIP, 1, one));
    }

    /** As many as a load needs are not made anew for each body; what it does not need any more goes. */
    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void thoseThatAreNeededStayAndTheRestGoes(Settings.Coding coding) {
        assertThat(encoders.trim()).isFalse();
        List<BodyEncoder> all = new ArrayList<>();
        for (int i = 0; i < Encoders.MOST; i++) {
            all.add(taken(coding, 3));
        }
        all.forEach(one -> encoders.give(coding, 3, one));
        assertThat(encoders.kept()).isEqualTo(Encoders.MOST);
        BodyEncoder another = taken(coding, 3);
        encoders.give(Settings.Coding.BR, 3, taken(Settings.Coding.BR, 3));
        assertThat(encoders.kept()).as("what is kept counts too").isEqualTo(Encoders.MOST - 2);
        encoders.give(coding, 3, another);
        assertThat(encoders.trim()).isTrue();
        for (int round = 0; round < 2; round++) {
            BodyEncoder first = taken(coding, 3);
            BodyEncoder second = taken(coding, 3);
            assertThat(all).contains(first, second);
            encoders.give(coding, 3, first);
            encoders.give(coding, 3, second);
        }
        assertThat(encoders.trim()).isTrue();
        assertThat(encoders.kept()).isEqualTo(2);
        assertThat(encoders.trim()).isFalse();
        assertThat(encoders.kept()).isZero();
    }

    private static Settings.@Nullable Coding best(String... lines) {
        String text = "GET / HTTP/1.1\r\nHost: h\r\n" + String.join("", lines) + "\r\n";
        byte[] bytes = text.getBytes(ISO_8859_1);
        RequestHead head = new RequestHead();
        head.reset(bytes, 0);
        assertThat(PARSER.parse(bytes, 0, bytes.length, head)).isEqualTo(bytes.length);
        return AcceptedCodings.best(head, List.of(Settings.Coding.ZSTD, Settings.Coding.BR, Settings.Coding.GZIP));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "gzip|GZIP",
                "gzip, deflate, br, zstd|ZSTD",
                "gzip, deflate, br|BR",
                "GZip|GZIP",
                "x-gzip|GZIP",
                "deflate|none",
                "''|none",
                "*|ZSTD",
                "*;q=0|none",
                "*, zstd;q=0|BR",
                "zstd;q=0.5, gzip;q=0.8|GZIP",
                "zstd;q=0.5,br;q=0.50,gzip;q=0.500|ZSTD",
                "gzip;q=0|none",
                "gzip;q=0.000|none",
                "gzip;q=0.001|GZIP",
                "gzip; Q=1|GZIP",
                "gzip ; q=1.000|GZIP",
                "gzip;q=0.4, identity;q=0.5|none",
                "gzip;q=0.5, identity;q=0.5|GZIP",
                "identity|none",
                "gzip;q=2|none",
                "gzip;q=1.5|none",
                "gzip;q=a|none",
                "gzip;level=1|none",
                "gzip;|none",
                "gzip;q=|none",
                "gzip;q=0.1234|none",
                "gzipped, brotli|none",
                ", ,gzip,|GZIP",
            })
    void theClientsWordsCount(String value, Settings.@Nullable Coding wanted) {
        assertThat(best("Accept-Encoding: " + value + "\r\n")).isEqualTo(wanted);
    }

    @Test
    void severalFieldsAreOneAndNoneIsNoWish() {
        assertThat(best()).isNull();
        assertThat(best("Accept-Encoding: gzip;q=0.1\r\n", "accept-encoding: br\r\n"))
                .isEqualTo(Settings.Coding.BR);
    }
}
