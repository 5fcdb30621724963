package terpan.config;

import static terpan.config.Section.TRACES;
import static terpan.config.Setting.one;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** The settings of traces: a part of {@link Declarations}. */
final class TraceDeclarations {
    static final String SERVICE = "terpan";

    private static final int PORT_MOST = 65_535;
    private static final String ENDPOINT_FORM =
            "an address such as http://127.0.0.1:4318 or https://collector.example, without user, query and fragment";
    private static final String SHARE_FORM = "a share from 0% to 100%, such as 10% or 0.5%";

    static final Setting<URI> ENDPOINT = one(
                    TRACES,
                    "endpoint",
                    "traces-endpoint",
                    new Kind<>(
                            URI.class, Kind.Toml.STRING, ENDPOINT_FORM, "URL", (text, base) -> endpoint(text.strip())),
                    "",
                    "Where spans of requests are sent, by OTLP over HTTP; v1/traces is put behind it.")
            .computed("nowhere: requests have no traces of ours");
    static final Setting<Integer> SHARE = one(
            TRACES,
            "share",
            "traces-share",
            new Kind<>(Integer.class, Kind.Toml.STRING, SHARE_FORM, "SHARE", (text, base) -> share(text.strip())),
            "100%",
            "How many of the traces that begin here are told of; of those that a trusted proxy began its flag says so.");
    static final Setting<String> SERVICE_NAME = one(
            TRACES,
            "service-name",
            "traces-service-name",
            Kind.text("NAME", "1 to 100 characters of ASCII", "[ -~]{1,100}"),
            SERVICE,
            "What Terpan is called among the services of a trace.");
    static final Setting<Path> FIELDS_FILE = one(
            TRACES,
            "fields-file",
            "traces-fields-file",
            Kind.path(),
            "",
            "A file with fields for whoever takes the spans, one a line, such as Authorization: Bearer TOKEN; only the user who runs Terpan may read it.");

    private TraceDeclarations() {}

    static TraceSettings read(Values values) {
        return new TraceSettings(
                values.optional(ENDPOINT), values.one(SHARE), values.one(SERVICE_NAME), values.optional(FIELDS_FILE));
    }

    private static Parsed<Integer> share(String text) {
        return AccessRule.hundredThousandths(text)
                .map(Parsed::good)
                .orElseGet(() -> Parsed.bad("expected " + SHARE_FORM));
    }

    private static Parsed<URI> endpoint(String text) {
        try {
            URI address = new URI(text);
            boolean good = ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getHost() != null
                    && address.getPort() != 0
                    && address.getPort() <= PORT_MOST
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null;
            return good ? Parsed.good(address) : Parsed.bad("expected " + ENDPOINT_FORM);
        } catch (URISyntaxException nonsense) {
            return Parsed.bad("expected " + ENDPOINT_FORM);
        }
    }
}
