package terpan.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When certificates are renewed and failures tried again. */
class RenewalTimesTest {
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "90d, 0, 60d",
        "90d, 0.5, 57d18h",
        "6d, 0, 4d",
        "30s, 0, 20s",
    })
    void aCertificateIsRenewedWhenAThirdOfItsLifeIsLeftOrALittleBefore(String life, double random, String after) {
        assertThat(Duration.between(NOW, RenewalTimes.renewal(NOW, NOW.plus(time(life)), random)))
                .isEqualTo(time(after));
    }

    @Test
    void renewalsOfWhatWasIssuedTogetherAreSpread() {
        Duration life = Duration.ofDays(90);
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> RenewalTimes.renewal(NOW, NOW.plus(life), i / 100.0))
                        .distinct()
                        .toList())
                .hasSize(100)
                .allMatch(
                        at -> at.isAfter(NOW.plus(Duration.ofDays(55))) && !at.isAfter(NOW.plus(Duration.ofDays(60))));
    }

    @ParameterizedTest
    @CsvSource({
        "1, '', 0.5, 3m",
        "2, '', 0.5, 6m",
        "5, '', 0.5, 48m",
        "7, '', 0.5, 3h12m",
        "8, '', 0.5, 6h",
        "1000000, '', 0.5, 6h",
        "1, '', 0, 162s",
        "1, 90d, 0.5, 3m",
        "20, 90d, 0.5, 6h",
        "20, 6d, 0.5, 4h48m",
        "1, 60s, 0.5, 2s",
        "1, 3s, 0.5, 1s",
    })
    void thePauseDoublesUpToABoundThatLeavesTimeForManyTries(int failures, String life, double random, String pause) {
        Optional<Duration> whole = life.isEmpty() ? Optional.empty() : Optional.of(time(life));
        assertThat(RenewalTimes.pause(failures, whole, random)).isEqualTo(time(pause));
    }

    @Test
    void anHourHasNoMoreTriesThanAuthoritiesAllow() {
        Duration at = Duration.ZERO;
        int tries = 1;
        while (true) {
            at = at.plus(RenewalTimes.pause(tries, Optional.empty(), 0));
            if (at.compareTo(Duration.ofHours(1)) > 0) {
                break;
            }
            tries++;
        }
        assertThat(tries).isEqualTo(5);
    }

    @Test
    void whatTheAuthorityAsksForCountsWithinBounds() {
        Duration pause = Duration.ofMinutes(2);
        assertThat(RenewalTimes.next(NOW, pause, Optional.empty())).isEqualTo(NOW.plus(pause));
        assertThat(RenewalTimes.next(NOW, pause, Optional.of(NOW.plusSeconds(1))))
                .isEqualTo(NOW.plus(pause));
        Instant hour = NOW.plus(Duration.ofHours(1));
        assertThat(RenewalTimes.next(NOW, pause, Optional.of(hour))).isEqualTo(hour);
        assertThat(RenewalTimes.next(NOW, pause, Optional.of(NOW.plus(Duration.ofDays(400)))))
                .isEqualTo(NOW.plus(RenewalTimes.ASKED_MOST));
    }

    @ParameterizedTest
    @CsvSource({
        "120, 2026-05-01T00:02:00Z",
        "'Fri, 01 May 2026 01:00:00 GMT', 2026-05-01T01:00:00Z",
        "soon, ''",
        "-1, ''",
        "99999999999999, ''",
    })
    void retryAfterIsSecondsOrADate(String said, String expected) {
        HttpHeaders fields = HttpHeaders.of(Map.of("Retry-After", List.of(said)), (name, value) -> true);
        assertThat(BoundedClient.retryAfter(fields, NOW))
                .isEqualTo(expected.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(expected)));
    }

    /** Such as 57d18h. */
    private static Duration time(String text) {
        return Pattern.compile("(\\d+)([dhms])")
                .matcher(text)
                .results()
                .map(part -> Duration.of(
                        Long.parseLong(part.group(1)),
                        switch (part.group(2)) {
                            case "d" -> ChronoUnit.DAYS;
                            case "h" -> ChronoUnit.HOURS;
                            case "m" -> ChronoUnit.MINUTES;
                            default -> ChronoUnit.SECONDS;
                        }))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
