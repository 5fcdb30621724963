package terpan.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** One counter or gauge with its values by label, on the way into a scrape. */
final class Family {
    static final String APPLICATION = "application";

    private record Point(Labels labels, double value) {}

    private final Metric metric;
    private Labels of = Labels.EMPTY;
    private final List<Point> points = new ArrayList<>();

    Family(Metric metric) {
        this.metric = metric;
    }

    /** What is added from now on is told of this application; empty: of none. */
    void of(String application) {
        of = labels(application);
    }

    /** The label of an application; none where it has no name. */
    static Labels labels(String application) {
        return application.isEmpty() ? Labels.EMPTY : Labels.of(APPLICATION, application);
    }

    /** Adds a value; the label values in the order of the metric's label names. */
    Family add(double value, String... labelValues) {
        points.add(new Point(of.merge(Labels.of(metric.labels().toArray(new String[0]), labelValues)), value));
        return this;
    }

    /** Adds a count, exact up to 2^53. */
    Family add(long value, String... labelValues) {
        return add((double) value, labelValues);
    }

    MetricSnapshot snapshot() {
        return switch (metric.kind()) {
            case COUNTER -> counter();
            case GAUGE -> gauge();
            case HISTOGRAM -> throw new IllegalStateException(metric.exposedName() + " is a histogram");
        };
    }

    private MetricSnapshot counter() {
        String name = metric.exposedName();
        CounterSnapshot.Builder builder = CounterSnapshot.builder()
                .name(name.substring(0, name.length() - "_total".length()))
                .help(metric.help());
        points.forEach(point -> builder.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(point.labels())
                .value(point.value())
                .build()));
        return builder.build();
    }

    private MetricSnapshot gauge() {
        GaugeSnapshot.Builder builder =
                GaugeSnapshot.builder().name(metric.exposedName()).help(metric.help());
        points.forEach(point -> builder.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(point.labels())
                .value(point.value())
                .build()));
        return builder.build();
    }
}
