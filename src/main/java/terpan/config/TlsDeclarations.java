package terpan.config;

import static terpan.config.Section.TLS;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of listeners that speak TLS: a part of {@link Declarations}. */
final class TlsDeclarations {
    /** A list of tables with the keys of one certificate; it is no setting of its own, for neither flag nor variable could hold it. */
    static final String CERTIFICATES = "certificates";

    static final Setting<Path> CERTIFICATE = one(
            TLS,
            "certificate",
            "tls-certificate",
            Kind.path(),
            "",
            "A PEM file with the server's certificate and, behind it, those that it was issued by.");
    static final Setting<Path> KEY = one(
                    TLS, "key", "tls-key", Kind.path(), "", "A PEM file with the certificate's private key.")
            .computed("the certificate's file");
    static final Setting<Path> PASSPHRASE = one(
            TLS,
            "passphrase-file",
            "tls-passphrase-file",
            Kind.path(),
            "",
            "A file whose first line opens an encrypted key.");
    static final Setting<Duration> HANDSHAKE = one(
            TLS,
            "handshake-timeout",
            "tls-handshake-timeout",
            Kind.time(Duration.ofMillis(10), Duration.ofMinutes(5)),
            "10s",
            "How long a client may take for its handshake; over it the connection is closed.");

    static final Setting<Settings.TlsEngine> ENGINE = one(
            TLS,
            "engine",
            "tls-engine",
            Kind.oneOf(Settings.TlsEngine.class, Settings.TlsEngine.values()),
            "auto",
            "What computes TLS: BoringSSL (boringssl), the JDK (jdk), or BoringSSL where it is there and can do what is asked for, else the JDK (auto).");
    static final Setting<String> MINIMUM = one(
            TLS,
            "minimum-version",
            "tls-minimum-version",
            Kind.text("VERSION", "1.2 or 1.3", "1\\.[23]"),
            "1.2",
            "The oldest version that is spoken.");
    static final Setting<String> SUITES = list(
                    TLS,
                    "suites",
                    "tls-suite",
                    Kind.suite(),
                    "",
                    "A suite that is spoken, of a version of which any is named; may be given several times.")
            .computed("the modern ones of each version");
    static final Setting<Boolean> DEVELOPMENT = one(
            TLS,
            "development",
            "tls-development",
            Kind.onOff(),
            "false",
            "Whether a certificate for localhost is made at the start, signed by itself; for a machine that one develops on.");

    static final Setting<Boolean> REDIRECT = one(
            TLS,
            "redirect",
            "tls-redirect",
            Kind.onOff(),
            "false",
            "Whether requests that come without TLS are sent to the same address with https (308).");
    static final Setting<String> HSTS = one(
            TLS,
            "hsts",
            "tls-hsts",
            Kind.text(
                    "VALUE",
                    "max-age=SECONDS, and perhaps includeSubDomains and preload behind it, each after a semicolon",
                    "max-age=[0-9]{1,10}(; ?includeSubDomains)?(; ?preload)?"),
            "",
            "What answers over TLS say in Strict-Transport-Security (RFC 6797) where the application says nothing; not written unless set.");

    static final Setting<Verify> VERIFY = one(
            TLS,
            "verify",
            "tls-verify",
            Kind.oneOf(Verify.class, Verify.values()),
            "off",
            "Whether clients are asked for a certificate, and sent away where they show none (require).");
    static final Setting<Path> AUTHORITIES = one(
            TLS,
            "client-authorities",
            "tls-client-authorities",
            Kind.path(),
            "",
            "A PEM file with the authorities that issue clients' certificates.");

    private TlsDeclarations() {}

    /** The keys of one table of {@link #CERTIFICATES}. */
    static List<Setting<?>> ofCertificate() {
        return List.of(CERTIFICATE, KEY, PASSPHRASE);
    }
}
