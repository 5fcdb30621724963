package terpan.config;

import static terpan.config.Section.TLS;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The settings of certificates that are had from an authority: a part of {@link Declarations}. */
final class AcmeDeclarations {
    static final String PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory";
    static final String STAGING_ADDRESS = "https://acme-staging-v02.api.letsencrypt.org/directory";

    private static final int NAME_MOST = 253;
    private static final String NAME_FORM = "a host's name in ASCII, such as shop.example";

    static final Setting<String> NAMES = list(
            TLS,
            "acme.names",
            "tls-acme-name",
            new Kind<>(String.class, Kind.Toml.STRING, NAME_FORM, "NAME", (text, base) -> name(text)),
            "",
            "A host's name that a certificate is had for from an authority (ACME), and renewed; may be given several times.");
    static final Setting<String> EMAIL = one(
            TLS,
            "acme.email",
            "tls-acme-email",
            Kind.text("ADDRESS", "an address such as ops@shop.example", "[^@\\s,?&]+@[^@\\s,?&]+"),
            "",
            "Where the authority may write to.");
    static final Setting<Boolean> TERMS = one(
            TLS,
            "acme.agree-to-terms",
            "tls-acme-agree-to-terms",
            Kind.onOff(),
            "false",
            "Whether you agree to the authority's terms of service; without that it issues nothing.");
    static final Setting<Boolean> STAGING = one(
            TLS,
            "acme.staging",
            "tls-acme-staging",
            Kind.onOff(),
            "false",
            "Whether Let's Encrypt's address for trying is asked, whose certificates nobody trusts.");
    static final Setting<String> AUTHORITY = one(
            TLS,
            "acme.directory-url",
            "tls-acme-directory-url",
            Kind.text("URL", "an address that begins with https://", "https://[^\\s/?#]+(/\\S*)?"),
            PRODUCTION,
            "The authority's directory.");
    static final Setting<Path> TRUST = one(
                    TLS,
                    "acme.trust",
                    "tls-acme-trust",
                    Kind.path(),
                    "",
                    "A PEM file with those that issued the authority's own certificate, if it is a private one.")
            .computed("those that Java trusts");
    static final Setting<Acme.Challenge> CHALLENGE = one(
            TLS,
            "acme.challenge",
            "tls-acme-challenge",
            Kind.oneOf(Acme.Challenge.class, Acme.Challenge.values()),
            "auto",
            "How the authority sees that a name is ours; auto takes http-01 where port 80 is listened on without TLS, else tls-alpn-01.");
    static final Setting<Path> DIRECTORY = one(
                    TLS,
                    "acme.directory",
                    "tls-acme-directory",
                    Kind.path(),
                    "",
                    "Where account, keys and certificates are kept, only for the user who runs Terpan.")
            .computed(
                    "acme below STATE_DIRECTORY (which systemd sets); else, for root, /var/lib/terpan/acme; else terpan/acme below XDG_STATE_HOME or ~/.local/state");
    static final Setting<String> EXTERNAL_ID = one(
            TLS,
            "acme.external-account",
            "tls-acme-external-account",
            Kind.text("ID", "what the authority calls the account", "\\S+"),
            "",
            "The account with the authority that ours is to belong to (external account binding).");
    static final Setting<Path> EXTERNAL_KEY = one(
            TLS,
            "acme.external-key-file",
            "tls-acme-external-key-file",
            Kind.path(),
            "",
            "A file whose first line is that account's key, in base64url.");

    private AcmeDeclarations() {}

    static List<Setting<?>> all() {
        return List.of(NAMES, EMAIL, TERMS, STAGING, AUTHORITY, TRUST, CHALLENGE, DIRECTORY, EXTERNAL_ID, EXTERNAL_KEY);
    }

    private static Parsed<String> name(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT);
        if (name.contains("*")) {
            return Parsed.bad(
                    "which an authority gives for a proof by DNS (dns-01) alone, and Terpan does not do that: expected "
                            + NAME_FORM + ", or a certificate of tls.certificates");
        }
        if (name.matches("[0-9.]+") || name.contains(":")) {
            return Parsed.bad("which is an address, expected " + NAME_FORM);
        }
        boolean good = name.length() <= NAME_MOST
                && name.matches("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
                && !name.equals("localhost");
        return good ? Parsed.good(name) : Parsed.bad("expected " + NAME_FORM);
    }
}
