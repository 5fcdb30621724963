package terpan.edge.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Whatever a load balancer says first: the same however it is cut, nothing before the end is known, and within its bounds. */
final class GreetingFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void headersAreTheSameHoweverTheyAreCut(byte[] bytes) {
        ProxyHeader header = new ProxyHeader();
        int whole = header.parse(bytes, 0, bytes.length);
        int pieces = ProxyHeader.NEED_MORE;
        ProxyHeader second = new ProxyHeader();
        for (int to = 0; to <= bytes.length && pieces == ProxyHeader.NEED_MORE; to++) {
            pieces = second.parse(bytes, 0, to);
        }
        assertThat(pieces).isEqualTo(whole);
        assertThat(second.source).isEqualTo(header.source);
        assertThat(second.destination).isEqualTo(header.destination);
        if (whole >= 0) {
            assertThat(whole).isBetween(1, Math.min(bytes.length, ProxyHeader.MOST));
            ProxyHeader third = new ProxyHeader();
            assertThat(third.parse(Arrays.copyOf(bytes, whole), 0, whole)).isEqualTo(whole);
            assertThat(third.source).isEqualTo(header.source);
            assertThat(third.unix).isEqualTo(header.unix);
        }
    }
}
