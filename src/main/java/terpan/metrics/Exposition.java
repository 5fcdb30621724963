package terpan.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import terpan.picture.Picture;

/** Writes all metrics in the Prometheus text format; thread-safe, called by operators' requests. */
public final class Exposition {
    private static final double NANOS = 1e9;

    private final Metrics metrics;
    private final Supplier<Picture> pictures;
    private final PrometheusTextFormatWriter writer =
            PrometheusTextFormatWriter.builder().build();

    public Exposition(Metrics metrics, Supplier<Picture> pictures) {
        this.metrics = metrics;
        this.pictures = pictures;
    }

    /** The media type of what {@link #write} writes. */
    public String contentType() {
        return writer.getContentType();
    }

    /** Writes every metric as it stands now. */
    public void write(OutputStream out) throws IOException {
        Picture now = pictures.get();
        MetricSnapshots snapshots = new MetricSnapshots(Arrays.stream(Metric.values())
                .map(metric -> collect(metric, now))
                .toList());
        writer.write(out, snapshots, EscapingScheme.UNDERSCORE_ESCAPING);
    }

    private MetricSnapshot collect(Metric metric, Picture now) {
        return switch (metric) {
            case REQUESTS -> statuses();
            case REQUEST_TIME -> histogram(metric, metrics.loops().stream().map(loop -> loop.requestTime));
            case QUEUE_TIME -> histogram(metric, metrics.loops().stream().map(loop -> loop.queueTime));
            case WORKER_TIME -> workerTimes();
            case REJECTED -> rejections();
            case CLIENT_REFUSED -> refusals();
            case LIMITS_REACHED -> limits();
            case WORKER_FAILURES -> failures();
            case TIMED_OUT -> plain(metric, LoopMetrics.TIMED_OUT);
            case ABANDONED -> plain(metric, LoopMetrics.ABANDONED);
            case CUT -> plain(metric, LoopMetrics.CUT);
            case RETRIED -> plain(metric, LoopMetrics.RETRIED);
            case RETURNED -> plain(metric, LoopMetrics.RETURNED);
            case STUCK -> single(metric, now.stuck());
            case CONNECTIONS -> plain(metric, LoopMetrics.OPENED);
            case CONNECTIONS_OPEN -> single(metric, openConnections());
            case HTTP2_FAILURES -> http2Failures();
            case HANDSHAKES -> handshakes();
            case CERTIFICATE_EXPIRY -> expiries(now);
            case RECEIVED -> plain(metric, LoopMetrics.RECEIVED);
            case SENT -> plain(metric, LoopMetrics.SENT);
            case SPOOLED ->
                new Family(metric)
                        .add(metrics.plainCount(LoopMetrics.BODIES_SPOOLED), "body")
                        .add(metrics.plainCount(LoopMetrics.ANSWERS_SPOOLED), "answer")
                        .snapshot();
            case SPOOL_BYTES -> single(metric, now.spool().bytes());
            case SPOOL_WAITING -> single(metric, now.spool().waiting());
            case LOOP_BUFFER_BYTES -> single(metric, now.buffers().bytes());
            case BUFFER_BOUND -> single(metric, now.buffers().most());
            case CONNECTIONS_BOUND -> single(metric, now.connectionsBound());
            case QUEUE_LENGTH -> single(metric, now.queueLength());
            case QUEUE_BOUND -> single(metric, now.queueBound());
            case IN_FLIGHT -> single(metric, now.inFlight());
            case GENERATION -> single(metric, now.generation());
            case START_TIME ->
                new Family(metric).add(now.started().toEpochMilli() / 1e3).snapshot();
            case LOG_LINES_DROPPED ->
                new Family(metric)
                        .add(now.dropped().log(), "log")
                        .add(now.dropped().access(), "access")
                        .snapshot();
            case WORKERS -> workersByState(now);
            case WORKER_RESTARTS -> events(metric, metrics.restarts());
            case WORKER_EJECTIONS -> events(metric, metrics.ejections());
            case WORKER_PROBES -> events(metric, metrics.probes());
            case WORKER_LOOKUPS -> events(metric, metrics.lookups());
            case WORKER_REQUESTS -> bySlot(metric, now, Picture.Slot::settled);
            case WORKER_IN_FLIGHT -> bySlot(metric, now, slot -> (long) slot.inFlight());
            case WORKER_LOST -> bySlot(metric, now, slot -> (long) slot.lost());
            case WORKER_WINDOW -> bySlot(metric, now, slot -> (long) slot.window());
            case GROUP_WEIGHT -> weights(now);
            case WORKER_MEMORY -> workerMemory(now);
        };
    }

    private MetricSnapshot plain(Metric metric, int index) {
        return single(metric, metrics.plainCount(index));
    }

    private static MetricSnapshot single(Metric metric, long value) {
        return new Family(metric).add(value).snapshot();
    }

    /** A loop may count a close between the two reads: never below zero. */
    private long openConnections() {
        long closed = metrics.plainCount(LoopMetrics.CLOSED);
        return Math.max(0, metrics.plainCount(LoopMetrics.OPENED) - closed);
    }

    private MetricSnapshot statuses() {
        Family family = new Family(Metric.REQUESTS);
        for (int status = 0; status < LoopMetrics.STATUS_END; status++) {
            long count = metrics.statusCount(status);
            if (count > 0 || status == 200) {
                family.add(count, status == 0 ? "none" : Integer.toString(status));
            }
        }
        return family.snapshot();
    }

    private MetricSnapshot rejections() {
        Family family = new Family(Metric.REJECTED);
        for (int reason = 0; reason < Metrics.REJECTIONS.size(); reason++) {
            family.add(sum(loop -> loop.rejections, reason), Metrics.REJECTIONS.get(reason));
        }
        return family.snapshot();
    }

    private MetricSnapshot http2Failures() {
        Family family = new Family(Metric.HTTP2_FAILURES);
        for (int reason = 0; reason < Metrics.HTTP2_FAILURES.size(); reason++) {
            family.add(sum(loop -> loop.http2Failures, reason), Metrics.HTTP2_FAILURES.get(reason));
        }
        return family.snapshot();
    }

    private MetricSnapshot failures() {
        Family family = new Family(Metric.WORKER_FAILURES);
        for (GroupMetrics group : metrics.groups()) {
            for (int reason = 0; reason < Metrics.FAILURES.size(); reason++) {
                family.add(group.failed(reason), group.name(), Metrics.FAILURES.get(reason));
            }
        }
        return family.snapshot();
    }

    /** Of several for one name, as of both kinds of keys, the first to expire. */
    private static MetricSnapshot expiries(Picture now) {
        Map<String, Long> first = new TreeMap<>();
        now.certificates().forEach(one -> first.merge(one.name(), one.expires().getEpochSecond(), Math::min));
        Family family = new Family(Metric.CERTIFICATE_EXPIRY);
        first.forEach((name, seconds) -> family.add(seconds, name));
        return family.snapshot();
    }

    private MetricSnapshot handshakes() {
        Family family = new Family(Metric.HANDSHAKES);
        for (Handshake how : Handshake.values()) {
            family.add(metrics.handshakes(how), how.label());
        }
        return family.snapshot();
    }

    private MetricSnapshot refusals() {
        Family family = new Family(Metric.CLIENT_REFUSED);
        for (ClientRefusal refusal : ClientRefusal.values()) {
            family.add(
                    sum(loop -> loop.refusals, LoopMetrics.index(refusal)),
                    refusal.label(),
                    Integer.toString(refusal.status()));
        }
        return family.snapshot();
    }

    private MetricSnapshot limits() {
        Family family = new Family(Metric.LIMITS_REACHED);
        for (Limit limit : Limit.values()) {
            family.add(sum(loop -> loop.limits, LoopMetrics.index(limit)), limit.label());
        }
        return family.snapshot();
    }

    private static MetricSnapshot events(Metric metric, Map<Metrics.WorkerEvent, LongAdder> counts) {
        Family family = new Family(metric);
        counts.forEach((event, count) -> family.add(count.sum(), event.group(), event.worker(), event.word()));
        return family.snapshot();
    }

    private static MetricSnapshot workersByState(Picture now) {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (Picture.Worker worker : now.workers()) {
            counts.computeIfAbsent(worker.group(), none -> new TreeMap<>()).merge(worker.state(), 1, Integer::sum);
        }
        Family family = new Family(Metric.WORKERS);
        counts.forEach((group, states) -> states.forEach((state, count) -> family.add(count, group, state)));
        return family.snapshot();
    }

    private static MetricSnapshot bySlot(Metric metric, Picture now, Function<Picture.Slot, Long> value) {
        Family family = new Family(metric);
        now.slots().forEach(slot -> family.add(value.apply(slot), slot.group(), slot.name()));
        return family.snapshot();
    }

    private static MetricSnapshot workerMemory(Picture now) {
        Map<List<String>, Long> byName = new LinkedHashMap<>(); // two processes while one takes the other's place
        for (Picture.Worker worker : now.workers()) {
            worker.residentBytes()
                    .ifPresent(bytes -> byName.merge(List.of(worker.group(), worker.name()), bytes, Long::sum));
        }
        Family family = new Family(Metric.WORKER_MEMORY);
        byName.forEach((labels, bytes) -> family.add(bytes, labels.get(0), labels.get(1)));
        return family.snapshot();
    }

    private static MetricSnapshot weights(Picture now) {
        Family family = new Family(Metric.GROUP_WEIGHT);
        now.groups()
                .forEach(group ->
                        family.add(group.weight(), group.name(), group.server().orElse("")));
        return family.snapshot();
    }

    private long sum(Function<LoopMetrics, Cells> row, int index) {
        return metrics.loops().stream()
                .mapToLong(loop -> row.apply(loop).get(index))
                .sum();
    }

    private static MetricSnapshot histogram(Metric metric, Stream<TimeBuckets> loops) {
        return HistogramSnapshot.builder()
                .name(metric.exposedName())
                .help(metric.help())
                .dataPoint(times(loops).build())
                .build();
    }

    private MetricSnapshot workerTimes() {
        HistogramSnapshot.Builder histogram = HistogramSnapshot.builder()
                .name(Metric.WORKER_TIME.exposedName())
                .help(Metric.WORKER_TIME.help());
        for (GroupMetrics group : metrics.groups()) {
            histogram.dataPoint(times(group.loops().map(loop -> loop.time))
                    .labels(Labels.of("group", group.name()))
                    .build());
        }
        return histogram.build();
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot.Builder times(Stream<TimeBuckets> loops) {
        int bounds = TimeBuckets.BOUNDS.length;
        double[] upper = new double[bounds + 1];
        long[] counts = new long[bounds + 1];
        double sum = 0;
        for (int bucket = 0; bucket <= bounds; bucket++) {
            upper[bucket] = bucket == bounds ? Double.POSITIVE_INFINITY : TimeBuckets.BOUNDS[bucket] / NANOS;
        }
        for (TimeBuckets buckets : (Iterable<TimeBuckets>) loops::iterator) {
            for (int bucket = 0; bucket <= bounds; bucket++) {
                counts[bucket] += buckets.count(bucket);
            }
            sum += buckets.sumNanos() / NANOS;
        }
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(upper, counts))
                .sum(sum);
    }
}
