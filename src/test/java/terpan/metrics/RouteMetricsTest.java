package terpan.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

final class RouteMetricsTest {
    private final Metrics metrics = new Metrics(2);
    private final RouteMetrics routes = metrics.loop(0).routes;

    @Test
    void aRouteIsNamedOnceAndFoundByItsHash() {
        assertThat(routes.find(7)).isNull();
        RouteCells added = routes.add(7, "GET /");
        assertThat(routes.find(7)).isSameAs(added);
        assertThat(routes.find(8)).isNull();
    }

    @Test
    void routesBeyondTheBoundCountTogether() {
        for (int hash = 1; hash <= 3 * RouteMetrics.MOST; hash++) {
            RouteCells cells = routes.find(hash * 31);
            (cells == null ? routes.add(hash * 31, "GET /" + hash) : cells).settled(200, 1, 1);
        }
        assertThat(routes.all()).hasSize(RouteMetrics.MOST + 1);
        assertThat(Objects.requireNonNull(metrics.routes().get(RouteMetrics.OTHER))
                        .since(Moment.none())
                        .count())
                .isEqualTo(2L * RouteMetrics.MOST);
        assertThat(routes.find(31)).isNotSameAs(routes.find(31 * 3 * RouteMetrics.MOST));
    }

    @Test
    void loopsCountARouteTogether() {
        routes.add(7, "GET /").settled(200, 1_000_000, 500_000);
        metrics.loop(1).routes.add(7, "GET /").settled(503, 3_000_000, -1);
        Moment.Between between =
                Objects.requireNonNull(metrics.routes().get("GET /")).since(Moment.none());
        assertThat(between.count()).isEqualTo(2);
        assertThat(between.failed()).isEqualTo(1);
        assertThat(between.workerSeconds()).isEqualTo(0.0005);
    }
}
