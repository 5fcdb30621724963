package terpan.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a scrape as messages {@code io.prometheus.client.MetricFamily}, each behind its length; numbers of fields are those of
 * prometheus/client_model, {@code io/prometheus/client/metrics.proto}. Histograms have their classic buckets and their native ones.
 */
final class ProtobufFormat {
    /** Values of the enum MetricType. */
    private static final int COUNTER = 0;

    private static final int GAUGE = 1;
    private static final int HISTOGRAM = 4;

    private ProtobufFormat() {}

    static void write(OutputStream out, MetricSnapshots snapshots) throws IOException {
        for (MetricSnapshot snapshot : snapshots) {
            family(snapshot).writeDelimited(out);
        }
    }

    private static Message family(MetricSnapshot snapshot) {
        String name = snapshot.getMetadata().getPrometheusName();
        return switch (snapshot) {
            case CounterSnapshot counter -> {
                Message family = family(counter, name + "_total", COUNTER);
                counter.getDataPoints()
                        .forEach(point -> family.message(
                                4, metric(point.getLabels()).message(3, new Message().real(1, point.getValue()))));
                yield family;
            }
            case GaugeSnapshot gauge -> {
                Message family = family(gauge, name, GAUGE);
                gauge.getDataPoints()
                        .forEach(point -> family.message(
                                4, metric(point.getLabels()).message(2, new Message().real(1, point.getValue()))));
                yield family;
            }
            case HistogramSnapshot histogram -> {
                Message family = family(histogram, name, HISTOGRAM);
                histogram
                        .getDataPoints()
                        .forEach(point ->
                                family.message(4, metric(point.getLabels()).message(7, histogram(point))));
                yield family;
            }
            default -> throw new IllegalStateException(name + " is no counter, gauge or histogram");
        };
    }

    private static Message family(MetricSnapshot snapshot, String name, int type) {
        return new Message()
                .text(1, name)
                .text(2, snapshot.getMetadata().getHelp())
                .number(3, type);
    }

    private static Message metric(Labels labels) {
        Message metric = new Message();
        for (Label label : labels) {
            metric.message(1, new Message().text(1, label.getName()).text(2, label.getValue()));
        }
        return metric;
    }

    private static Message histogram(HistogramSnapshot.HistogramDataPointSnapshot point) {
        Message histogram = new Message().number(1, point.getCount()).real(2, point.getSum());
        ClassicHistogramBuckets classic = point.getClassicBuckets();
        long passed = 0;
        for (int i = 0; i < classic.size(); i++) {
            passed += classic.getCount(i);
            histogram.message(3, new Message().number(1, passed).real(2, classic.getUpperBound(i)));
        }
        histogram
                .signed(5, point.getNativeSchema())
                .real(6, point.getNativeZeroThreshold())
                .number(7, point.getNativeZeroCount());
        addNative(histogram, point.getNativeBucketsForPositiveValues());
        return histogram;
    }

    /** Runs of buckets without a gap, each by its distance from the one before, and by how much each bucket has more than the one before. */
    private static void addNative(Message histogram, NativeHistogramBuckets buckets) {
        List<Long> deltas = new ArrayList<>();
        int next = 0;
        int start = 0;
        int length = 0;
        long before = 0;
        for (NativeHistogramBucket bucket : buckets) {
            if (length > 0 && bucket.getBucketIndex() != next) {
                histogram.message(12, span(start, length));
                length = 0;
            }
            if (length == 0) {
                start = bucket.getBucketIndex() - (deltas.isEmpty() ? 0 : next);
            }
            length++;
            next = bucket.getBucketIndex() + 1;
            deltas.add(bucket.getCount() - before);
            before = bucket.getCount();
        }
        if (length > 0) {
            histogram.message(12, span(start, length));
        }
        histogram.packed(13, deltas);
    }

    private static Message span(int offset, int length) {
        return new Message().signed(1, offset).number(2, length);
    }
}
