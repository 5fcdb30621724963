package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import terpan.metrics.GroupMetrics;
import terpan.metrics.Metrics;
import terpan.metrics.Reasons;
import terpan.picture.Activity;

final class HistoryTest {
    private static final long MILLISECOND = 1_000_000;

    private final Metrics metrics = new Metrics(2);
    private final GroupMetrics web = metrics.open("web");
    private long nanos = 5;
    private final History history = new History(
            () -> List.of(new History.Source("shop", metrics)),
            () -> nanos,
            InstantSource.fixed(Instant.ofEpochSecond(1_000)));

    private void second() {
        nanos += TimeUnit.SECONDS.toNanos(1);
        history.look();
    }

    @Test
    void nothingIsKnownBeforeASecondHasPassed() {
        history.look();
        assertThat(history.rates()).isEqualTo(Activity.Rates.NONE);
        assertThat(history.rates("nobody")).isEqualTo(Activity.Rates.NONE);
        assertThat(history.seconds()).isEmpty();
        assertThat(history.routes()).isEmpty();
    }

    @Test
    void ratesAreOfTheLastTenSeconds() {
        history.look();
        for (int i = 0; i < 98; i++) {
            metrics.loop(i % 2).requestSettled(200, 2 * MILLISECOND, 0, MILLISECOND, -1, web.loop(i % 2));
        }
        metrics.loop(0).requestSettled(500, 900 * MILLISECOND, 40 * MILLISECOND, 800 * MILLISECOND, -1, web.loop(0));
        metrics.loop(1).requestSettled(502, 900 * MILLISECOND, 40 * MILLISECOND, 800 * MILLISECOND, -1, web.loop(1));
        second();
        Activity.Rates rates = history.rates();
        assertThat(rates.seconds()).isEqualTo(1);
        assertThat(rates.perSecond()).isEqualTo(100);
        assertThat(rates.failedPerSecond()).isEqualTo(2);
        assertThat(rates.half()).isBetween(0.001, 0.0025);
        assertThat(rates.most()).isBetween(0.5, 1.0);
        assertThat(rates.queueMost()).isBetween(0.025, 0.05);
        assertThat(history.rates("shop")).isEqualTo(rates);
        assertThat(history.ofGroup("web").perSecond()).isEqualTo(100);
        for (int i = 0; i < 10; i++) {
            second();
        }
        assertThat(history.rates().perSecond()).isZero();
        assertThat(history.seconds()).hasSize(11);
        assertThat(history.seconds().getFirst().requests()).isEqualTo(100);
    }

    @Test
    void whatIsLeftOfFailuresIsTheApplications() {
        history.look();
        metrics.loop(0).requestRejected(Thread.State.NEW); // the first of the dispatcher's reasons
        metrics.loop(0).requestSettled(503, MILLISECOND, -1, -1, -1, null);
        metrics.loop(1).requestSettled(500, MILLISECOND, 0, MILLISECOND, -1, web.loop(1));
        second();
        List<Long> errors = history.seconds().getFirst().errors();
        assertThat(errors).hasSameSizeAs(Reasons.ALL);
        assertThat(errors.get(Reasons.ALL.indexOf("queue-full"))).isEqualTo(1);
        assertThat(errors.get(Reasons.ALL.indexOf("application"))).isEqualTo(1);
        assertThat(errors.stream().mapToLong(Long::longValue).sum()).isEqualTo(2);
    }

    @Test
    void routesAreThoseThatTookTheWorkersTimeFirst() {
        history.look();
        metrics.loop(0).routes.add(7, "GET /report/{}").settled(200, 900 * MILLISECOND, 750 * MILLISECOND);
        metrics.loop(1).routes.add(8, "GET /").settled(500, 300 * MILLISECOND, 250 * MILLISECOND);
        for (int i = 0; i < 5; i++) {
            second();
        }
        List<Activity.Route> routes = history.routes();
        assertThat(routes).extracting(Activity.Route::name).containsExactly("GET /report/{}", "GET /");
        assertThat(routes.getFirst().share()).isEqualTo(0.75);
        assertThat(routes.getFirst().application()).isEqualTo("shop");
        assertThat(routes.getLast().rates().failedPerSecond()).isPositive();
    }

    @Test
    void secondsAreBounded() {
        for (int i = 0; i < History.SECONDS_MOST + 50; i++) {
            second();
        }
        assertThat(history.seconds())
                .hasSize(History.SECONDS_MOST)
                .extracting(Activity.Second::at)
                .as("the clock stands still")
                .isSorted()
                .doesNotHaveDuplicates();
    }
}
