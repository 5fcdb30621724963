package terpan.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The histograms of a scrape, each of all loops together. */
final class Histograms {
    private static final double NANOS = 1e9;

    private final boolean natively;

    /** With native buckets, too, or with classic ones alone. */
    Histograms(boolean natively) {
        this.natively = natively;
    }

    MetricSnapshot of(Metric metric, List<Exposition.Figures> all) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(metric.exposedName()).help(metric.help());
        for (Exposition.Figures one : all) {
            Labels labels = Family.labels(one.name());
            Stream<LoopMetrics> loops = one.metrics().loops().stream();
            switch (metric) {
                case REQUEST_TIME -> histogram.dataPoint(point(loops.map(loop -> loop.requestTime), labels));
                case QUEUE_TIME -> histogram.dataPoint(point(loops.map(loop -> loop.queueTime), labels));
                case SENDING_TIME -> histogram.dataPoint(point(loops.map(loop -> loop.sendingTime), labels));
                case WORKER_TIME ->
                    one.metrics()
                            .groups()
                            .forEach(group -> histogram.dataPoint(point(
                                    group.loops().map(loop -> loop.time),
                                    labels.merge(Labels.of("group", group.name())))));
                default -> throw new IllegalStateException(metric + " is no histogram");
            }
        }
        return histogram.build();
    }

    private HistogramSnapshot.HistogramDataPointSnapshot point(Stream<TimeHistogram> loops, Labels labels) {
        long[] exponential = ExponentialBuckets.none();
        long[] classic = TimeBuckets.none();
        long nanos = 0;
        for (TimeHistogram loop : (Iterable<TimeHistogram>) loops::iterator) {
            loop.exponential.addTo(exponential);
            loop.classic.addTo(classic);
            nanos += loop.classic.sumNanos();
        }
        HistogramSnapshot.HistogramDataPointSnapshot.Builder point =
                HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .labels(labels)
                        .sum(nanos / NANOS);
        if (natively) {
            long both = Math.min(
                    LongStream.of(exponential).sum(), LongStream.of(classic).sum());
            keep(exponential, both);
            keep(classic, both);
            addNative(point, exponential);
        }
        return point.classicHistogramBuckets(ClassicHistogramBuckets.of(upperBounds(), classic))
                .build();
    }

    /** The loops count on while they are read, and both kinds of buckets have to tell of as many: of the longest some are left for the next scrape. */
    private static void keep(long[] counts, long most) {
        long left = most;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.min(counts[i], left);
            left -= counts[i];
        }
    }

    private static void addNative(HistogramSnapshot.HistogramDataPointSnapshot.Builder point, long[] counts) {
        NativeHistogramBuckets.Builder buckets = NativeHistogramBuckets.builder();
        for (int place = 1; place < counts.length; place++) {
            if (counts[place] > 0) {
                buckets.bucket(ExponentialBuckets.index(place), counts[place]);
            }
        }
        point.nativeSchema(ExponentialBuckets.SCHEMA)
                .nativeZeroThreshold(ExponentialBuckets.ZERO_THRESHOLD)
                .nativeZeroCount(counts[0])
                .nativeBucketsForPositiveValues(buckets.build());
    }

    private static double[] upperBounds() {
        double[] upper = new double[TimeBuckets.BOUNDS.length + 1];
        for (int bucket = 0; bucket < TimeBuckets.BOUNDS.length; bucket++) {
            upper[bucket] = TimeBuckets.BOUNDS[bucket] / NANOS;
        }
        upper[TimeBuckets.BOUNDS.length] = Double.POSITIVE_INFINITY;
        return upper;
    }
}
