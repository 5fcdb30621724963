package terpan.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The formats in which metrics are told. */
public enum MetricsFormat {
    /** The text format of Prometheus. */
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    /** That of OpenMetrics. */
    OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8"),
    /** Prometheus's messages in protobuf, which alone have native histograms. */
    PROTOBUF("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited");

    private static final double MOST = 1;

    private final String mediaType;

    MetricsFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /** As Content-Type has it. */
    public String mediaType() {
        return mediaType;
    }

    /** What a scraper's Accept ranks first (RFC 9110, section 12.5.1); the text format of Prometheus where it names none. */
    public static MetricsFormat wanted(String accept) {
        MetricsFormat wanted = TEXT;
        double best = 0;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            List<String> parts =
                    Arrays.stream(range.split(";", -1)).map(String::strip).toList();
            Optional<MetricsFormat> format = of(parts);
            double weight = weight(parts);
            if (format.isPresent() && weight > best) {
                wanted = format.get();
                best = weight;
            }
        }
        return wanted;
    }

    private static Optional<MetricsFormat> of(List<String> parts) {
        return switch (parts.getFirst()) {
            case "text/plain", "text/*", "*/*" -> Optional.of(TEXT);
            case "application/openmetrics-text" -> Optional.of(OPEN_METRICS);
            case "application/vnd.google.protobuf" ->
                parts.contains("proto=io.prometheus.client.metricfamily") && parts.contains("encoding=delimited")
                        ? Optional.of(PROTOBUF)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** 0 to 1; 0 where it can not be read. */
    private static double weight(List<String> parts) {
        Optional<String> told =
                parts.stream().filter(part -> part.startsWith("q=")).findFirst();
        return told.map(text -> text.matches("q=(?:0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?)")
                        ? Double.parseDouble(text.substring(2))
                        : 0)
                .orElse(MOST);
    }
}
