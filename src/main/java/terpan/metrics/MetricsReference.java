package terpan.metrics;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import terpan.picture.Connections;

/** The reference page of the metrics, made from their declarations. */
final class MetricsReference {
    private MetricsReference() {}

    private static List<String> labels(Metric metric) {
        return Stream.concat(
                        metric.isOfApplications() ? Stream.of(Family.APPLICATION) : Stream.of(),
                        metric.labels().stream())
                .toList();
    }

    static String markdown() {
        StringBuilder page = new StringBuilder("""
                # Metrics

                `GET /metrics` on the operators' socket gives these in the text format of Prometheus, in that of OpenMetrics where `Accept` ranks
                `application/openmetrics-text` first, or as Prometheus's protobuf messages where it does so with `application/vnd.google.protobuf`. Over TCP, where `[operators] bind` asks for it,
                a reader's token suffices. `examples/monitoring` has a configuration of Prometheus, alerts with their tests, and a dashboard for Grafana. This page is made from the
                declarations in `terpan.metrics.Metric`; a test keeps the two equal.

                Of several applications those with `application` among their labels are told of each, with its name in that label; requests that are nobody's
                have no such label, and neither have the figures of a single application.

                In protobuf the histograms have native buckets beside the classic ones, eight for each doubling (schema 3), from a microsecond to 36 hours, so that a quantile is off by less than 9 %.
                Prometheus asks so with `--enable-feature=native-histograms`, later with `scrape_native_histograms: true`; the alerts and the dashboard that are shipped need the classic ones, which it
                then keeps with `scrape_classic_histograms: true`, in version 3 `always_scrape_classic_histograms: true`.

                | name | kind | labels | meaning |
                | --- | --- | --- | --- |
                """);
        for (Metric metric : Metric.values()) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            metric.exposedName(),
                            metric.kind().name().toLowerCase(Locale.ROOT),
                            String.join(", ", labels(metric)),
                            metric.help()));
        }
        page.append("\n## Label values\n\n");
        page.append("- `terpan_requests_rejected_total`, reason: ")
                .append(String.join(", ", Metrics.REJECTIONS))
                .append('\n');
        page.append("- `terpan_worker_failures_total`, reason: ")
                .append(String.join(", ", Metrics.FAILURES))
                .append('\n');
        page.append("- `terpan_connections_by_state`, protocol: ")
                .append(Arrays.stream(Connections.Protocol.values())
                        .map(Connections.Protocol::label)
                        .collect(Collectors.joining(", ")))
                .append("; state: ")
                .append(Arrays.stream(Connections.State.values())
                        .map(Connections.State::label)
                        .collect(Collectors.joining(", ")))
                .append('\n');
        page.append("- `terpan_route_requests_open` and `terpan_route_oldest_seconds`, state: working, waiting\n");
        page.append("- `terpan_worker_ejections_total`, reason: name, connect, answer, check\n");
        page.append("- `terpan_worker_probes_total`, result: passed, failed\n");
        page.append("- `terpan_worker_lookups_total`, result: found, failed\n");
        page.append("- `terpan_tls_handshakes_total`, result: ")
                .append(Arrays.stream(Handshake.values()).map(Handshake::label).collect(Collectors.joining(", ")))
                .append('\n');
        page.append("- `terpan_http2_connections_failed_total`, reason: ")
                .append(String.join(", ", Metrics.HTTP2_FAILURES))
                .append('\n');
        page.append("- `terpan_requests_refused_total`, reason (status): ");
        String separator = "";
        for (ClientRefusal refusal : ClientRefusal.values()) {
            page.append(separator).append("%s (%d)".formatted(refusal.label(), refusal.status()));
            separator = ", ";
        }
        page.append("\n- `terpan_limits_reached_total`, reason: ")
                .append(Arrays.stream(Limit.values()).map(Limit::label).collect(Collectors.joining(", ")));
        page.append("\n\n## Buckets of the histograms, seconds\n\n");
        separator = "";
        for (long bound : TimeBuckets.BOUNDS) {
            page.append(separator)
                    .append(BigDecimal.valueOf(bound, 9).stripTrailingZeros().toPlainString());
            separator = ", ";
        }
        return page.append('\n').toString();
    }
}
