package terpan.config;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.certificate.CertificateReader;
import terpan.certificate.Mistake;

/** Puts together what is said of certificates from an authority, and checks it. */
final class AcmeSettings {
    private static final int HTTP_PORT = 80;

    private final Values values;
    private final Map<String, String> environment;
    private final boolean root;
    private final List<Problem> problems;

    /**
     * @param environment the variables of this process
     * @param root whether it runs as root
     */
    AcmeSettings(Values values, Map<String, String> environment, boolean root, List<Problem> problems) {
        this.values = values;
        this.environment = environment;
        this.root = root;
        this.problems = problems;
    }

    /** Whether names were named, well or badly. */
    boolean isNamed() {
        return values.isNamed(AcmeDeclarations.NAMES)
                && (!values.list(AcmeDeclarations.NAMES).isEmpty() || values.isUnread(AcmeDeclarations.NAMES));
    }

    Where where() {
        return values.where(AcmeDeclarations.NAMES);
    }

    /** What is said; empty: no names. */
    Optional<Acme> of(List<Bind> binds) {
        List<String> names =
                values.list(AcmeDeclarations.NAMES).stream().distinct().toList();
        if (names.isEmpty()) {
            alone();
            return Optional.empty();
        }
        if (!values.one(AcmeDeclarations.TERMS)) {
            add(
                    AcmeDeclarations.NAMES,
                    "tls.acme.names is set, but tls.acme.agree-to-terms is not, expected true beside it once you have"
                            + " read the authority's terms of service");
        }
        Optional<Path> directory = directory();
        Optional<Path> trust = trust();
        Optional<Acme.External> external = external();
        URI authority = authority();
        Acme.Challenge challenge = challenge(binds);
        return directory.map(place ->
                new Acme(names, values.optional(AcmeDeclarations.EMAIL), authority, trust, challenge, place, external));
    }

    /** Settings that say nothing without names. */
    private void alone() {
        if (isNamed()) {
            return; // told of already
        }
        for (Setting<?> setting : AcmeDeclarations.all()) {
            if (!setting.equals(AcmeDeclarations.NAMES) && values.isNamed(setting)) {
                add(setting, setting.name() + " is set, but tls.acme.names is not, expected the names of hosts");
                return;
            }
        }
    }

    private URI authority() {
        if (values.one(AcmeDeclarations.STAGING)) {
            if (values.isNamed(AcmeDeclarations.AUTHORITY)) {
                add(
                        AcmeDeclarations.STAGING,
                        "tls.acme.staging is set beside tls.acme.directory-url, expected one of them");
            }
            return URI.create(AcmeDeclarations.STAGING_ADDRESS);
        }
        try {
            return URI.create(values.one(AcmeDeclarations.AUTHORITY));
        } catch (IllegalArgumentException broken) {
            add(
                    AcmeDeclarations.AUTHORITY,
                    "tls.acme.directory-url is \"" + values.one(AcmeDeclarations.AUTHORITY) + "\", expected "
                            + AcmeDeclarations.AUTHORITY.form());
            return URI.create(AcmeDeclarations.PRODUCTION);
        }
    }

    private Acme.Challenge challenge(List<Bind> binds) {
        boolean plain = binds.stream().anyMatch(bind -> !bind.tls() && bind.address() instanceof Address.Tcp);
        boolean usual = binds.stream()
                .anyMatch(bind -> !bind.tls() && bind.address() instanceof Address.Tcp tcp && tcp.port() == HTTP_PORT);
        boolean required = values.one(TlsDeclarations.VERIFY) == Verify.REQUIRE;
        Acme.Challenge said = values.one(AcmeDeclarations.CHALLENGE);
        Acme.Challenge taken = said != Acme.Challenge.AUTO
                ? said
                : usual || (required && plain) ? Acme.Challenge.HTTP_01 : Acme.Challenge.TLS_ALPN_01;
        if (taken == Acme.Challenge.HTTP_01 && !plain) {
            add(
                    AcmeDeclarations.CHALLENGE,
                    "tls.acme.challenge is \"http-01\", but no listener speaks plain HTTP, expected one, such as"
                            + " --bind 0.0.0.0:80, that the authority reaches at port 80");
        }
        if (taken == Acme.Challenge.TLS_ALPN_01 && required) {
            add(
                    TlsDeclarations.VERIFY,
                    "tls.verify is \"require\", but an authority that comes for tls-alpn-01 shows no certificate,"
                            + " expected a listener without TLS that it reaches at port 80, such as --bind 0.0.0.0:80");
        }
        return taken;
    }

    private Optional<Path> directory() {
        Optional<Path> named = values.optional(AcmeDeclarations.DIRECTORY);
        Optional<Path> found = named.isPresent() ? named : usualDirectory();
        if (found.isEmpty()) {
            if (!values.isNamed(AcmeDeclarations.DIRECTORY)) {
                add(
                        AcmeDeclarations.NAMES,
                        "tls.acme.names is set, but there is no place to keep certificates in, expected"
                                + " tls.acme.directory, or HOME among the variables");
            }
            return found;
        }
        Path there = found.get();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            boolean same = there.equals(found.get());
            add(
                    named.isPresent() ? AcmeDeclarations.DIRECTORY : AcmeDeclarations.NAMES,
                    "tls.acme.directory is " + found.get() + ", where nothing can be kept: "
                            + (same ? "it" : there)
                            + (Files.isDirectory(there)
                                    ? " is not writable for user " + System.getProperty("user.name")
                                    : " is no directory")
                            + ", expected a directory that can be written to");
        }
        return found;
    }

    private Optional<Path> usualDirectory() {
        String ofService = environment.getOrDefault("STATE_DIRECTORY", "").split(":", 2)[0];
        if (!ofService.isEmpty()) {
            return Optional.of(Path.of(ofService, "acme"));
        }
        if (root) {
            return Optional.of(Path.of("/var/lib/terpan/acme"));
        }
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (state.startsWith("/")) {
            return Optional.of(Path.of(state, "terpan", "acme"));
        }
        return home.startsWith("/")
                ? Optional.of(Path.of(home, ".local", "state", "terpan", "acme"))
                : Optional.empty();
    }

    private Optional<Path> trust() {
        Optional<Path> file = values.optional(AcmeDeclarations.TRUST);
        List<Mistake> mistakes = new ArrayList<>();
        file.ifPresent(named -> CertificateReader.authorities(named, mistakes));
        for (Mistake mistake : mistakes) {
            add(AcmeDeclarations.TRUST, "tls.acme.trust is " + mistake.file() + ", " + mistake.what());
        }
        return file;
    }

    private Optional<Acme.External> external() {
        Optional<String> id = values.optional(AcmeDeclarations.EXTERNAL_ID);
        Optional<Path> file = values.optional(AcmeDeclarations.EXTERNAL_KEY);
        boolean oneAlone =
                values.isNamed(AcmeDeclarations.EXTERNAL_ID) != values.isNamed(AcmeDeclarations.EXTERNAL_KEY);
        if (oneAlone) {
            add(
                    id.isPresent() ? AcmeDeclarations.EXTERNAL_ID : AcmeDeclarations.EXTERNAL_KEY,
                    "tls.acme.external-account and tls.acme.external-key-file belong together, expected both");
        }
        file.filter(path -> !holdsKey(path))
                .ifPresent(path -> add(
                        AcmeDeclarations.EXTERNAL_KEY,
                        "tls.acme.external-key-file is " + path + ", expected a file that can be read and whose first"
                                + " line is a key in base64url"));
        return id.flatMap(known -> file.map(path -> new Acme.External(known, path)));
    }

    private static boolean holdsKey(Path file) {
        try {
            return Files.size(file) <= SettingsFile.LONGEST
                    && Files.readString(file).lines().findFirst().orElse("").matches("[A-Za-z0-9_-]+");
        } catch (IOException unreadable) {
            return false;
        }
    }

    private void add(Setting<?> setting, String message) {
        problems.add(Problem.setting(values.where(setting), message));
    }
}
