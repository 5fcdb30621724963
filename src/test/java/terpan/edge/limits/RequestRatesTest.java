package terpan.edge.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Token buckets by address, in a table that does not grow. */
class RequestRatesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aBucketGivesItsBurstThenItsRateAndTellsHowLongToWait() {
        RequestRates rates = new RequestRates(10, 5, 1);
        for (int i = 0; i < 5; i++) {
            assertThat(rates.take(7, 0)).isZero();
        }
        assertThat(rates.take(7, 0)).isEqualTo(SECOND / 10);
        assertThat(rates.take(7, SECOND / 10)).isZero();
        assertThat(rates.take(7, SECOND / 10)).isPositive();
        assertThat(rates.take(7, 10 * SECOND)).isZero();
    }

    @Test
    void overALongTimeNoMoreThanTheRateIsGiven() {
        RequestRates rates = new RequestRates(100, 20, 1);
        int given = 0;
        for (long now = 0; now < 10 * SECOND; now += SECOND / 1000) {
            given += rates.take(9, now) == 0 ? 1 : 0;
        }
        assertThat(given).isBetween(1_000, 1_021);
    }

    @Test
    void aFloodOfAddressesForgetsSomeButKeepsServingThem() {
        RequestRates rates = new RequestRates(1, 1, 12_345);
        for (long address = 1; address <= 300_000; address++) {
            assertThat(rates.take(address << 20, 0)).isZero();
        }
        assertThat(rates.take(5, SECOND)).isZero();
        assertThat(rates.take(5, SECOND)).isPositive();
    }

    @Test
    void anAddressIsItsIpv4NumberOrItsIpv6Network() throws Exception {
        assertThat(key("192.0.2.1")).isNotEqualTo(key("192.0.2.2")).isNotEqualTo(AddressKey.NONE);
        assertThat(key("2001:db8::1")).isEqualTo(key("2001:db8::2:1")).isNotEqualTo(key("2001:db8:0:1::1"));
        assertThat(key("0.0.0.0")).isNotEqualTo(AddressKey.NONE);
    }

    private static long key(String address) {
        return AddressKey.of(InetAddress.ofLiteral(address));
    }
}
