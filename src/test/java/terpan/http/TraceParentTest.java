package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of Trace Context, with the examples of its text and what clients may make of it. */
class TraceParentTest {
    private static final String GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static boolean isGood(String value) {
        byte[] bytes = ("xx" + value + "xx").getBytes(ISO_8859_1);
        return TraceParent.isGood(bytes, 2, bytes.length - 2);
    }

    private static int members(String value) {
        byte[] bytes = ("a" + value + "=").getBytes(ISO_8859_1);
        return TraceParent.stateMembers(bytes, 1, bytes.length - 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
                "cc-12345678901234567890123456789012-1234567890123456-01",
                "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like"
            })
    void aTraceparentIsGoodOfThisVersionAndOfLaterOnesThatBeginAlike(String value) {
        assertThat(isGood(value)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "cc-12345678901234567890123456789012-1234567890123456-01.what",
                "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e47\u00e9\u00e9-00f067aa0ba902b7-01"
            })
    void whatIsWrongInOneByteIsNoTraceparent(String value) {
        assertThat(isGood(value)).isFalse();
    }

    @Test
    void noByteOfAGoodOneMayBeAnother() {
        for (int i = 0; i < GOOD.length(); i++) {
            for (char other : new char[] {'g', 'A', '-', ' ', '\t', '\u0080', '\u00ff'}) {
                if (other != GOOD.charAt(i)) {
                    String changed = GOOD.substring(0, i) + other + GOOD.substring(i + 1);
                    assertThat(isGood(changed)).as(changed).isFalse();
                }
            }
            assertThat(isGood(GOOD.substring(0, i))).isFalse();
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        byte[] bytes = new byte[TraceParent.LENGTH];
        TraceParent.write(bytes, 0x4bf92f3577b34da6L, 0xa3ce929d0e0e4736L, 0x00f067aa0ba902b7L, TraceParent.SAMPLED);
        assertThat(new String(bytes, ISO_8859_1)).isEqualTo(GOOD);
        assertThat(TraceParent.isGood(bytes, 0, bytes.length)).isTrue();
        assertThat(TraceParent.number(bytes, TraceParent.TRACE_START)).isEqualTo(0x4bf92f3577b34da6L);
        assertThat(TraceParent.number(bytes, TraceParent.TRACE_START + 16)).isEqualTo(0xa3ce929d0e0e4736L);
        assertThat(TraceParent.number(bytes, TraceParent.PARENT_START)).isEqualTo(0x00f067aa0ba902b7L);
        assertThat(TraceParent.flags(bytes, 0)).isEqualTo(TraceParent.SAMPLED);
    }

    @ParameterizedTest
    @CsvSource({"00,0", "01,1", "02,2", "03,3", "ff,3", "f0,0"})
    void flagsThatNobodyKnowsDoNotGoOn(String written, int flags) {
        byte[] bytes = (GOOD.substring(0, 53) + written).getBytes(ISO_8859_1);
        assertThat(TraceParent.flags(bytes, 0)).isEqualTo(flags);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE|2",
                "tenant@system=1|1",
                "a=b , ,\tc=d|2",
                "a= leading|1",
                "''|0",
                ", ,|0",
                "a|-1",
                "=b|-1",
                "a=|-1",
                "A=b|-1",
                "a=b=c|-1",
                "a=\u00e9|-1"
            })
    void aTracestateIsMembersOfKeysAndValues(String value, int members) {
        assertThat(members(value)).isEqualTo(members);
    }

    @Test
    void aTracestateHasBounds() {
        assertThat(members("a=1,".repeat(32))).isEqualTo(32);
        assertThat(members("a=1,".repeat(33))).isEqualTo(-1);
        assertThat(members("a=" + "1".repeat(256))).isEqualTo(1);
        assertThat(members("a=" + "1".repeat(257))).isEqualTo(-1);
        assertThat(members("k".repeat(257) + "=1")).isEqualTo(-1);
        assertThat(members(",".repeat(513))).isEqualTo(-1);
    }
}
