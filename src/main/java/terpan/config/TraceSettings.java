package terpan.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Traces of requests (W3C Trace Context, OpenTelemetry).
 *
 * @param collector where spans are sent, by OTLP over HTTP; empty: no request has a trace of ours
 * @param share how many of the traces that begin here are told of, in hundred-thousandths, 0 to 100,000
 * @param serviceName what Terpan is called among the services of a trace
 * @param fieldsFile a file of fields that go with what is sent, such as one with a token; empty: none do
 */
public record TraceSettings(Optional<URI> collector, int share, String serviceName, Optional<Path> fieldsFile) {
    /** No request has a trace of ours. */
    public static final TraceSettings NONE =
            new TraceSettings(Optional.empty(), AccessRule.ALL, TraceDeclarations.SERVICE, Optional.empty());
}
