package terpan.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import terpan.picture.Connections;
import terpan.picture.Front;
import terpan.picture.Held;
import terpan.picture.Picture;

/** Writes all metrics in one of the formats; thread-safe, called by operators' requests. */
public final class Exposition {
    private static final double NANOS = 1e9;
    private static final int ROUTES_MOST = 50;

    /**
     * What is told of one application.
     *
     * @param name what it is called among several; empty: it is the only one, or what is told is of no application
     * @param picture it alone; empty: it is of no application
     */
    public record Figures(String name, Metrics metrics, Optional<Picture> picture) {}

    private final Metrics metrics;
    private final Supplier<Picture> pictures;
    private final Function<Picture, List<Figures>> figures;
    private final ExpositionFormatWriter plain =
            PrometheusTextFormatWriter.builder().build();
    private final ExpositionFormatWriter open =
            OpenMetricsTextFormatWriter.builder().build();

    /** Of one application. */
    public Exposition(Metrics metrics, Supplier<Picture> pictures) {
        this(metrics, pictures, picture -> List.of(new Figures("", metrics, Optional.of(picture))));
    }

    /**
     * Of several.
     *
     * @param metrics what is counted of connections, and of requests that are nobody's
     * @param figures of each application, and first those without one
     */
    public Exposition(Metrics metrics, Supplier<Picture> pictures, Function<Picture, List<Figures>> figures) {
        this.metrics = metrics;
        this.pictures = pictures;
        this.figures = figures;
    }

    /**
     * Writes every metric as it stands now.
     */
    public void write(OutputStream out, MetricsFormat format) throws IOException {
        Picture now = pictures.get();
        List<Figures> all = figures.apply(now);
        Histograms histograms = new Histograms(format == MetricsFormat.PROTOBUF);
        MetricSnapshots snapshots = new MetricSnapshots(Arrays.stream(Metric.values())
                .map(metric -> collect(metric, now, all, histograms))
                .toList());
        switch (format) {
            case TEXT -> plain.write(out, snapshots, EscapingScheme.UNDERSCORE_ESCAPING);
            case OPEN_METRICS -> open.write(out, snapshots, EscapingScheme.UNDERSCORE_ESCAPING);
            case PROTOBUF -> ProtobufFormat.write(out, snapshots);
        }
    }

    private MetricSnapshot collect(Metric metric, Picture now, List<Figures> all, Histograms histograms) {
        if (metric.kind() == Metric.Kind.HISTOGRAM) {
            return histograms.of(metric, all);
        }
        return metric.isOfApplications() ? ofApplications(metric, all) : ofAll(metric, now);
    }

    private MetricSnapshot ofAll(Metric metric, Picture now) {
        return switch (metric) {
            case CLIENT_REFUSED -> refusals();
            case LIMITS_REACHED -> limits();
            case CONNECTIONS -> plain(metric, LoopMetrics.OPENED);
            case CONNECTIONS_OPEN -> single(metric, openConnections());
            case HTTP2_OPEN -> single(metric, metrics.http2Open());
            case CONNECTION_STATES -> connectionStates(now);
            case HTTP2_FAILURES -> http2Failures();
            case HANDSHAKES -> handshakes();
            case CERTIFICATE_EXPIRY -> expiries(now);
            case CERTIFICATE_ORDERS ->
                new Family(metric)
                        .add(now.issuance().issued(), "issued")
                        .add(now.issuance().failed(), "failed")
                        .snapshot();
            case CERTIFICATE_FAILURES -> orderFailures(now);
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
            case ROUTE_OPEN ->
                held(metric, now, (held, add) -> {
                    add.accept("working", (double) held.working());
                    add.accept("waiting", (double) held.waiting());
                });
            case ROUTE_OLDEST ->
                held(metric, now, (held, add) -> {
                    if (held.working() > 0) {
                        add.accept("working", age(held.oldestWorking(), now));
                    }
                    if (held.waiting() > 0) {
                        add.accept("waiting", age(held.oldestWaiting(), now));
                    }
                });
            case START_TIME ->
                new Family(metric).add(now.started().toEpochMilli() / 1e3).snapshot();
            case LOOP_TIME -> loops(metric, now, Front.Loop::workedSeconds);
            case LOOP_WAIT -> loops(metric, now, Front.Loop::waitedSeconds);
            case LOOP_LAG -> loops(metric, now, Front.Loop::lagSeconds);
            case PROCESS_TIME ->
                new Family(metric)
                        .add(now.activity().front().processorSeconds())
                        .snapshot();
            case PROCESS_MEMORY -> single(metric, now.activity().front().residentBytes());
            case PROCESS_FILES -> single(metric, now.activity().front().files());
            case PROCESS_FILES_MOST -> single(metric, now.activity().front().filesMost());
            case HEAP_USED -> single(metric, now.activity().front().heapBytes(), "heap");
            case HEAP_MOST -> single(metric, now.activity().front().heapMost(), "heap");
            case BUILD -> single(metric, 1, now.version(), Runtime.version().toString());
            case LOG_LINES_DROPPED ->
                new Family(metric)
                        .add(now.dropped().log(), "log")
                        .add(now.dropped().access(), "access")
                        .snapshot();
            case TRACED ->
                new Family(metric)
                        .add(metrics.traces.sent(), "sent")
                        .add(metrics.traces.lostInQueue(), "dropped")
                        .add(metrics.traces.lostAtCollector(), "refused")
                        .snapshot();
            default -> throw new IllegalStateException(metric + " is told of each application");
        };
    }

    private static MetricSnapshot ofApplications(Metric metric, List<Figures> all) {
        Family family = new Family(metric);
        for (Figures one : all) {
            family.of(one.name());
            if (metric.isCounted()) {
                addCounted(metric, family, one.metrics());
            } else {
                one.picture().ifPresent(now -> addSeen(metric, family, now));
            }
        }
        return family.snapshot();
    }

    private static void addCounted(Metric metric, Family family, Metrics counted) {
        switch (metric) {
            case REQUESTS -> statuses(family, counted);
            case STATIC_REQUESTS -> statics(family, counted);
            case REJECTED -> rejections(family, counted);
            case WORKER_FAILURES -> failures(family, counted);
            case TIMED_OUT -> family.add(counted.plainCount(LoopMetrics.TIMED_OUT));
            case ABANDONED -> family.add(counted.plainCount(LoopMetrics.ABANDONED));
            case CUT -> family.add(counted.plainCount(LoopMetrics.CUT));
            case RETRIED -> family.add(counted.plainCount(LoopMetrics.RETRIED));
            case RETURNED -> family.add(counted.plainCount(LoopMetrics.RETURNED));
            case ROUTE_REQUESTS -> routes(counted, (route, moment) -> family.add(moment.count(), route));
            case ROUTE_FAILURES -> routes(counted, (route, moment) -> family.add(moment.failed(), route));
            case ROUTE_WORKER_TIME -> routes(counted, (route, moment) -> family.add(moment.workerSeconds(), route));
            case ROUTES_REFUSED -> family.add(counted.plainCount(LoopMetrics.ROUTES_REFUSED));
            case TUNNELS -> tunnels(family, counted);
            case TUNNELS_OPEN -> family.add(counted.tunnelsOpen());
            case TUNNEL_BYTES ->
                family.add(counted.plainCount(LoopMetrics.TUNNEL_RECEIVED), "client")
                        .add(counted.plainCount(LoopMetrics.TUNNEL_SENT), "worker");
            case RECEIVED -> family.add(counted.plainCount(LoopMetrics.RECEIVED));
            case SENT -> family.add(counted.plainCount(LoopMetrics.SENT));
            case WORKER_RESTARTS -> events(family, counted.restarts());
            case WORKER_EJECTIONS -> events(family, counted.ejections());
            case WORKER_PROBES -> events(family, counted.probes());
            case WORKER_LOOKUPS -> events(family, counted.lookups());
            default -> throw new IllegalStateException(metric + " is not counted of an application");
        }
    }

    private static void addSeen(Metric metric, Family family, Picture now) {
        switch (metric) {
            case STUCK -> family.add(now.stuck());
            case QUEUE_LENGTH -> family.add(now.queueLength());
            case QUEUE_BOUND -> family.add(now.queueBound());
            case IN_FLIGHT -> family.add(now.inFlight());
            case GENERATION -> family.add(now.generation());
            case WORKERS -> workersByState(family, now);
            case WORKERS_BOUND ->
                ranges(now, (group, scaling) -> {
                    family.add(scaling.least(), group, "least");
                    family.add(scaling.most(), group, "most");
                });
            case WORKERS_WANTED -> ranges(now, (group, scaling) -> family.add(scaling.wanted(), group));
            case SCALINGS ->
                ranges(now, (group, scaling) -> {
                    family.add(scaling.grown(), group, "up");
                    family.add(scaling.shrunk(), group, "down");
                });
            case WORKER_REQUESTS -> bySlot(family, now, Picture.Slot::settled);
            case WORKER_IN_FLIGHT -> bySlot(family, now, slot -> (long) slot.inFlight());
            case WORKER_LOST -> bySlot(family, now, slot -> (long) slot.lost());
            case WORKER_WINDOW -> bySlot(family, now, slot -> (long) slot.window());
            case GROUP_WEIGHT -> weights(family, now);
            case WORKER_MEMORY ->
                byWorker(family, now, worker -> worker.residentBytes().stream().mapToDouble(bytes -> bytes));
            case WORKER_PROCESSOR -> byWorker(family, now, worker -> worker.processorSeconds().stream());
            default -> throw new IllegalStateException(metric + " is not seen of an application");
        }
    }

    /** Each route that was asked for. */
    private static void routes(Metrics counted, BiConsumer<String, Moment> each) {
        counted.routes().forEach((route, moment) -> {
            if (moment.count() > 0) {
                each.accept(route, moment);
            }
        });
    }

    /** Of each route that holds something: a value for each state. */
    private static MetricSnapshot held(
            Metric metric, Picture now, BiConsumer<Held, BiConsumer<String, Double>> values) {
        Family family = new Family(metric);
        now.activity().held().stream().limit(ROUTES_MOST).forEach(held -> {
            family.of(now.applications().isEmpty() ? "" : held.application());
            values.accept(held, (state, value) -> family.add(value, held.route(), state));
        });
        return family.snapshot();
    }

    private static double age(Instant since, Picture now) {
        Duration age = Duration.between(since, now.started().plus(now.uptime()));
        return Math.max(0, age.toNanos() / NANOS);
    }

    private MetricSnapshot plain(Metric metric, int index) {
        return single(metric, metrics.plainCount(index));
    }

    private static MetricSnapshot loops(Metric metric, Picture now, ToDoubleFunction<Front.Loop> value) {
        Family family = new Family(metric);
        now.activity()
                .front()
                .loops()
                .forEach(loop -> family.add(value.applyAsDouble(loop), Integer.toString(loop.index())));
        return family.snapshot();
    }

    private static MetricSnapshot single(Metric metric, long value, String... labels) {
        return new Family(metric).add(value, labels).snapshot();
    }

    private static MetricSnapshot connectionStates(Picture now) {
        Family family = new Family(Metric.CONNECTION_STATES);
        if (now.activity().complete()) {
            Connections open = now.activity().connections();
            for (Connections.Protocol protocol : Connections.Protocol.values()) {
                Stream.of(Connections.State.values())
                        .filter(state -> state.isOf(protocol))
                        .forEach(state -> family.add(open.count(protocol, state), protocol.label(), state.label()));
            }
        }
        return family.snapshot();
    }

    /** A loop may count a close between the two reads: never below zero. */
    private long openConnections() {
        long closed = metrics.plainCount(LoopMetrics.CLOSED);
        return Math.max(0, metrics.plainCount(LoopMetrics.OPENED) - closed);
    }

    private static void statuses(Family family, Metrics metrics) {
        for (int status = 0; status < LoopMetrics.STATUS_END; status++) {
            long count = metrics.statusCount(status);
            if (count > 0 || status == 200) {
                family.add(count, status == 0 ? "none" : Integer.toString(status));
            }
        }
    }

    private static void statics(Family family, Metrics metrics) {
        for (int status = 0; status < LoopMetrics.STATUS_END; status++) {
            long count = sum(metrics, loop -> loop.statics, status);
            if (count > 0 || status == 200) {
                family.add(count, status == 0 ? "none" : Integer.toString(status));
            }
        }
    }

    private static void rejections(Family family, Metrics metrics) {
        for (int reason = 0; reason < Metrics.REJECTIONS.size(); reason++) {
            family.add(sum(metrics, loop -> loop.rejections, reason), Metrics.REJECTIONS.get(reason));
        }
    }

    private static void tunnels(Family family, Metrics metrics) {
        for (TunnelEnding why : TunnelEnding.values()) {
            family.add(sum(metrics, loop -> loop.tunnels, LoopMetrics.index(why)), why.label());
        }
    }

    private MetricSnapshot http2Failures() {
        Family family = new Family(Metric.HTTP2_FAILURES);
        for (int reason = 0; reason < Metrics.HTTP2_FAILURES.size(); reason++) {
            family.add(sum(metrics, loop -> loop.http2Failures, reason), Metrics.HTTP2_FAILURES.get(reason));
        }
        return family.snapshot();
    }

    private static void failures(Family family, Metrics metrics) {
        for (GroupMetrics group : metrics.groups()) {
            for (int reason = 0; reason < Metrics.FAILURES.size(); reason++) {
                family.add(group.failed(reason), group.name(), Metrics.FAILURES.get(reason));
            }
        }
    }

    /** Of several for one name, as of both kinds of keys, the first to expire. */
    private static MetricSnapshot expiries(Picture now) {
        Map<String, Long> first = new TreeMap<>();
        now.certificates().forEach(one -> first.merge(one.name(), one.expires().getEpochSecond(), Math::min));
        Family family = new Family(Metric.CERTIFICATE_EXPIRY);
        first.forEach((name, seconds) -> family.add(seconds, name));
        return family.snapshot();
    }

    private static MetricSnapshot orderFailures(Picture now) {
        Family family = new Family(Metric.CERTIFICATE_FAILURES);
        now.issuance().names().forEach(one -> family.add(one.failures(), one.name()));
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
                    sum(metrics, loop -> loop.refusals, LoopMetrics.index(refusal)),
                    refusal.label(),
                    Integer.toString(refusal.status()));
        }
        return family.snapshot();
    }

    private MetricSnapshot limits() {
        Family family = new Family(Metric.LIMITS_REACHED);
        for (Limit limit : Limit.values()) {
            family.add(sum(metrics, loop -> loop.limits, LoopMetrics.index(limit)), limit.label());
        }
        return family.snapshot();
    }

    private static void events(Family family, Map<Metrics.WorkerEvent, LongAdder> counts) {
        counts.forEach((event, count) -> family.add(count.sum(), event.group(), event.worker(), event.word()));
    }

    private static void workersByState(Family family, Picture now) {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (Picture.Worker worker : now.workers()) {
            counts.computeIfAbsent(worker.group(), none -> new TreeMap<>()).merge(worker.state(), 1, Integer::sum);
        }
        counts.forEach((group, states) -> states.forEach((state, count) -> family.add(count, group, state)));
    }

    private static void ranges(Picture now, BiConsumer<String, Picture.Scaling> each) {
        now.groups().forEach(group -> group.scaling().ifPresent(scaling -> each.accept(group.name(), scaling)));
    }

    private static void bySlot(Family family, Picture now, Function<Picture.Slot, Long> value) {
        now.slots().forEach(slot -> family.add(value.apply(slot), slot.group(), slot.name()));
    }

    /** A figure of each worker where it is known; both processes' together while one takes the other's place. */
    private static void byWorker(Family family, Picture now, Function<Picture.Worker, DoubleStream> value) {
        Map<List<String>, Double> byName = new LinkedHashMap<>();
        for (Picture.Worker worker : now.workers()) {
            value.apply(worker)
                    .forEach(figure -> byName.merge(List.of(worker.group(), worker.name()), figure, Double::sum));
        }
        byName.forEach((labels, figure) -> family.add(figure, labels.get(0), labels.get(1)));
    }

    private static void weights(Family family, Picture now) {
        now.groups()
                .forEach(group ->
                        family.add(group.weight(), group.name(), group.server().orElse("")));
    }

    private static long sum(Metrics metrics, Function<LoopMetrics, Cells> row, int index) {
        return metrics.loops().stream()
                .mapToLong(loop -> row.apply(loop).get(index))
                .sum();
    }
}
