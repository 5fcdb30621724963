package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.edge.origin.Origins;
import terpan.edge.origin.TraceRules;
import terpan.http.HeadLimits;
import terpan.http.RequestParser;
import terpan.log.QueryMask;

/**
 * What the client side reads of the settings, as one immutable value: the edge of a loop has the present one ({@link Edge#change}), and a
 * request is judged by the one that was present when its first byte came, however long it takes. What belongs to its {@link Application} is
 * not in it, nor what counts for all clients together ({@link terpan.edge.limits.Bounds}).
 */
public final class EdgeSettings {
    private static final int HTTPS_PORT = 443;

    /** Limits and deadlines of clients. */
    public final Settings.Http limits;

    /** What a head may have. */
    public final HeadLimits heads;

    /** Most requests of one connection of HTTP/2 at a time. */
    public final int streams;

    /** Reads heads of HTTP/1 within those limits. */
    public final RequestParser parser;

    /** Who clients are. */
    public final Origins origins;

    /** Whether requests that come without TLS are sent to the same address with https. */
    public final boolean redirects;

    /** What stands behind the host then: a port, if it is not the usual one. */
    final byte[] redirectPort;

    /** What answers over TLS say in Strict-Transport-Security; empty: nothing. */
    final byte[] hsts;

    final boolean development;

    /** How much of an answer one client may have in memory, bytes. */
    final int memory;

    /** Whether answers have the request's id. */
    final boolean tellsIds;

    /** What answers say of Terpan in Via; empty: nothing. */
    final byte[] via;

    /** Null where no answer is compressed. */
    final @Nullable Compression compression;

    /** Shapes of paths that a person has given; null: none. */
    final @Nullable OwnShapes shapes;

    /** What is hidden of targets wherever they are told. */
    final QueryMask mask;

    /** Which requests ask how Terpan is. */
    final ProbePaths probes;

    /** Which traces are told of; null: requests have none. */
    final @Nullable TraceRules traces;

    /** From how long on a request is told of in the log, nanoseconds. */
    final long slowNanos;

    public EdgeSettings(Settings settings) {
        this.mask = new QueryMask(settings.log().masks().query());
        this.traces = TraceRules.of(settings.traces());
        this.probes = new ProbePaths(settings.probes());
        this.slowNanos = settings.log().slow().map(Duration::toNanos).orElse(Long.MAX_VALUE);
        this.limits = settings.http();
        this.shapes = OwnShapes.of(limits.routeShapes());
        this.heads = new HeadLimits(
                limits.targetMost(),
                limits.fieldMost(),
                limits.headMost(),
                limits.fieldsMost(),
                limits.strictTargets());
        this.streams = settings.limits().streamsPerConnection();
        this.parser = new RequestParser(heads);
        this.origins = new Origins(limits.trustedProxies(), settings.forwarding());
        this.development =
                settings.application().filter(Settings.Application::development).isPresent();
        OptionalInt port = settings.tls().redirectPort();
        this.redirects = port.isPresent();
        this.redirectPort = (port.orElse(HTTPS_PORT) == HTTPS_PORT ? "" : ":" + port.getAsInt()).getBytes(US_ASCII);
        this.hsts = settings.tls().hsts().orElse("").getBytes(US_ASCII);
        this.memory = settings.spool().memory();
        this.compression = Compression.of(limits.compression());
        this.tellsIds = origins.rules.requestIds();
        this.via = origins.rules.via().map(name -> "1.1 " + name).orElse("").getBytes(US_ASCII);
    }
}
