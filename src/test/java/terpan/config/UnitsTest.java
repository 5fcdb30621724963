package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({"30s,PT30S", "1 ms,PT0.001S", "250us,PT0.00025S", "2m,PT2M", "1h,PT1H", "1d,PT24H", "0,PT0S", "0s,PT0S"
    })
    void timesAreReadWithTheirUnit(String text, Duration time) {
        assertThat(Units.time(text)).isEqualTo(Parsed.good(time));
    }

    @ParameterizedTest
    @CsvSource({"16KiB,16384", "1GiB,1073741824", "5MB,5000000", "8000B,8000", "1kB,1000", "0,0", "2TiB,2199023255552"})
    void sizesAreReadWithTheirUnit(String text, long bytes) {
        assertThat(Units.size(text)).isEqualTo(Parsed.good(bytes));
    }

    @Test
    void aNumberWithoutUnitIsAskedForOne() {
        assertThat(message(Units.time("30"))).contains("it has no unit").contains("did you mean \"30s\"?");
        assertThat(message(Units.size("5"))).contains("it has no unit").contains("did you mean \"5MiB\"?");
    }

    @ParameterizedTest
    @CsvSource({"30sec", "s", "-1s", "1.5s", "''", "30 KiB", "99999999999999999999s"})
    void whatIsNoTimeIsRefused(String text) {
        assertThat(message(Units.time(text))).contains("expected a time with a unit");
    }

    @ParameterizedTest
    @CsvSource({"16K", "16kib", "KiB", "-1B", "1s", "''"})
    void whatIsNoSizeIsRefused(String text) {
        assertThat(message(Units.size(text))).contains("expected a size with a unit");
    }

    @Test
    void anAmountThatDoesNotFitIsRefusedAndDoesNotWrapAround() {
        assertThat(message(Units.time("999999999999999d"))).contains("too large");
        assertThat(message(Units.size("999999999999999TiB"))).contains("too large");
    }

    @ParameterizedTest
    @CsvSource({"30s", "1ms", "250us", "90s", "1d", "0s"})
    void aTimeIsShownAsItIsWritten(String text) {
        assertThat(Units.time(text))
                .isInstanceOfSatisfying(
                        Parsed.Good.class,
                        good -> assertThat(Units.show((Duration) good.value())).isEqualTo(text));
    }

    private static String message(Parsed<?> parsed) {
        assertThat(parsed).isInstanceOf(Parsed.Bad.class);
        return ((Parsed.Bad<?>) parsed).message();
    }
}
