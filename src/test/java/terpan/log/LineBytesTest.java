package terpan.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.log.LineBytes.Escape;

/** What is done eight bytes or two digits at a time is what it would be one by one. */
final class LineBytesTest {
    private static final int ROUNDS = 20_000;

    @ParameterizedTest
    @EnumSource(Escape.class)
    void everyByteIsEscapedAtEveryPlaceAsIfItStoodAlone(Escape escape) {
        for (int length = 1; length <= 20; length++) {
            for (int at = 0; at < length; at++) {
                for (int value = 0; value < 256; value++) {
                    byte[] text = "x".repeat(length).getBytes(ISO_8859_1);
                    text[at] = (byte) value;
                    assertThat(escaped(text, 0, length, 1_000, escape))
                            .isEqualTo(oneByOne(text, 0, length, 1_000, escape));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Escape.class)
    void anyTextIsCutWhereItWouldBe(Escape escape) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] text = new byte[random.nextInt(60)];
            for (int at = 0; at < text.length; at++) {
                text[at] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : 'a' + random.nextInt(26));
            }
            int start = random.nextInt(text.length + 1);
            int most = random.nextInt(70);
            assertThat(escaped(text, start, text.length, most, escape))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(oneByOne(text, start, text.length, most, escape));
        }
    }

    @Test
    void numbersHaveTheDigitsThatTheyHave() {
        LongStream powers = LongStream.iterate(1, power -> power * 10).limit(19);
        LongStream.concat(
                        powers.flatMap(power -> LongStream.of(power - 1, power, power + 1)),
                        LongStream.of(42, Long.MAX_VALUE))
                .forEach(number -> {
                    LineBytes line = new LineBytes(100);
                    line.digits(number);
                    line.put(' ');
                    line.digits(number % 1000, 3);
                    line.digits(number % 1_000_000, 6);
                    assertThat(new String(line.bytes, 0, line.end, ISO_8859_1))
                            .isEqualTo(String.format(
                                    Locale.ROOT, "%d %03d%06d", number, number % 1000, number % 1_000_000));
                });
    }

    @Test
    void aNumberBelowZeroIsZero() {
        LineBytes line = new LineBytes(100);
        line.digits(-1);
        line.seconds(-5);
        assertThat(new String(line.bytes, 0, line.end, ISO_8859_1)).isEqualTo("00.000000");
    }

    private static String escaped(byte[] text, int start, int stop, int most, Escape escape) {
        LineBytes line = new LineBytes(2_000);
        boolean whole = line.escaped(text, start, stop, most, escape);
        return new String(line.bytes, 0, line.end, ISO_8859_1) + whole;
    }

    /** By the words of the interface alone. */
    private static String oneByOne(byte[] text, int start, int stop, int most, Escape escape) {
        StringBuilder line = new StringBuilder();
        for (int at = start; at < stop; at++) {
            if (line.length() >= most) {
                return line + "...false";
            }
            char value = (char) (text[at] & 0xff);
            boolean harmless = value > ' ' && value < 0x7f || value == ' ' && escape != Escape.APACHE_WORD;
            if (value == '"' || value == '\\') {
                line.append('\\').append(value);
            } else if (harmless) {
                line.append(value);
            } else {
                line.append(String.format(Locale.ROOT, escape == Escape.JSON ? "\\u%04x" : "\\x%02x", (int) value));
            }
        }
        return line + "true";
    }
}
