package terpan.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.Mistake;

/**
 * Which certificates listeners have: one of {@code tls.certificate}, or those of the tables {@code tls.certificates} of the file. Reads
 * their files, for what is wrong with them is told with all other mistakes.
 */
final class Certificates {
    private static final int MOST = 1_024;
    private static final int HTTPS_PORT = 443;

    private final Values values;
    private final List<FromFile.Group> tables;
    private final AcmeSettings acme;
    private final List<Problem> problems;

    Certificates(Values values, List<FromFile.Group> tables, AcmeSettings acme, List<Problem> problems) {
        this.values = values;
        this.tables = tables;
        this.acme = acme;
        this.problems = problems;
    }

    /** Those of listeners. */
    Settings.Tls of(List<Bind> binds) {
        List<CertificateFiles> found = new ArrayList<>();
        if (isNamed() || tables.isEmpty()) {
            single().ifPresent(found::add);
        }
        // A flag or a variable replaces what the file lists.
        boolean replaced = isNamed() && !(place(values) instanceof Where.InFile);
        for (FromFile.Group table : tables) {
            Optional<CertificateFiles> one = ofTable(table);
            if (!replaced) {
                one.ifPresent(found::add);
            }
        }
        if (isNamed() && !tables.isEmpty() && !replaced) {
            add(place(values), "tls.certificate stands beside tls.certificates, expected one of them");
        }
        if (tables.size() > MOST) {
            add(tables.getLast().table(), "tls.certificates has " + tables.size() + " tables, expected at most 1,024");
        }
        listeners(binds);
        List<String> suites = TlsSuites.spoken(values.list(TlsDeclarations.SUITES));
        engine(suites);
        return new Settings.Tls(
                values.one(TlsDeclarations.ENGINE),
                List.copyOf(found),
                isDevelopment(),
                values.one(TlsDeclarations.MINIMUM).equals("1.3") ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2"),
                suites,
                values.one(TlsDeclarations.HANDSHAKE),
                values.one(TlsDeclarations.VERIFY),
                authorities(),
                redirectPort(binds),
                values.optional(TlsDeclarations.HSTS),
                acme.of(binds));
    }

    private void engine(List<String> suites) {
        if (values.one(TlsDeclarations.ENGINE) == Settings.TlsEngine.BORINGSSL) {
            TlsSuites.notByBoringSsl(suites)
                    .ifPresent(why -> add(
                            values.where(TlsDeclarations.SUITES),
                            "tls.engine is boringssl, and of tls.suites " + why + ", expected tls.engine = \"jdk\""));
        }
    }

    private boolean isNamed() {
        return values.isNamed(TlsDeclarations.CERTIFICATE);
    }

    private static Where place(Values of) {
        return of.where(TlsDeclarations.CERTIFICATE);
    }

    private Optional<CertificateFiles> single() {
        if (!isNamed()) {
            for (Setting<?> beside : List.of(TlsDeclarations.KEY, TlsDeclarations.PASSPHRASE)) {
                if (values.isNamed(beside)) {
                    add(values.where(beside), beside.name() + " is set, but tls.certificate is not, expected both");
                }
            }
            return Optional.empty();
        }
        return read(values, place(values), "tls.");
    }

    private Optional<CertificateFiles> ofTable(FromFile.Group table) {
        Values its = new Values(problems);
        its.add(table.settings());
        if (!its.isNamed(TlsDeclarations.CERTIFICATE)) {
            add(table.table(), "this table of tls.certificates has no certificate, expected the path of a PEM file");
            return Optional.empty();
        }
        return read(its, table.table(), "tls.certificates ");
    }

    private Optional<CertificateFiles> read(Values of, Where otherwise, String prefix) {
        Optional<Path> certificate = of.optional(TlsDeclarations.CERTIFICATE);
        if (certificate.isEmpty()) {
            return Optional.empty(); // told of already
        }
        CertificateFiles files = new CertificateFiles(
                certificate.get(), of.optional(TlsDeclarations.KEY), of.optional(TlsDeclarations.PASSPHRASE));
        if (CertificateReader.read(files) instanceof CertificateReader.Bad bad) {
            for (Mistake mistake : bad.mistakes()) {
                Setting<?> setting = switch (mistake.part()) {
                    case CERTIFICATE -> TlsDeclarations.CERTIFICATE;
                    case KEY -> TlsDeclarations.KEY;
                    case PASSPHRASE -> TlsDeclarations.PASSPHRASE;
                };
                add(
                        of.isNamed(setting) ? of.where(setting) : otherwise,
                        prefix + setting.key() + " is " + mistake.file() + ", " + mistake.what());
            }
        }
        return Optional.of(files);
    }

    private Optional<Path> authorities() {
        boolean asked = values.one(TlsDeclarations.VERIFY) != Verify.OFF;
        Optional<Path> file = values.optional(TlsDeclarations.AUTHORITIES);
        if (asked && file.isEmpty() && !values.isNamed(TlsDeclarations.AUTHORITIES)) {
            add(
                    values.where(TlsDeclarations.VERIFY),
                    "tls.verify is set, but tls.client-authorities is not, expected the file of those that issue"
                            + " clients' certificates");
        }
        if (!asked && file.isPresent()) {
            add(
                    values.where(TlsDeclarations.AUTHORITIES),
                    "tls.client-authorities is set, but clients are not asked, expected tls.verify = \"require\""
                            + " or \"request\" beside it");
        }
        List<Mistake> mistakes = new ArrayList<>();
        file.ifPresent(named -> CertificateReader.authorities(named, mistakes));
        for (Mistake mistake : mistakes) {
            add(
                    values.where(TlsDeclarations.AUTHORITIES),
                    "tls.client-authorities is " + mistake.file() + ", " + mistake.what());
        }
        return file;
    }

    /** That of the first listener that speaks TLS; the usual one where the kernel chooses, or it is no port. */
    private OptionalInt redirectPort(List<Bind> binds) {
        if (!values.one(TlsDeclarations.REDIRECT)) {
            return OptionalInt.empty();
        }
        Optional<Bind> secure = binds.stream().filter(Bind::tls).findFirst();
        if (secure.isEmpty()) {
            add(
                    values.where(TlsDeclarations.REDIRECT),
                    "tls.redirect is set, but no listener speaks TLS, expected tls behind an address of bind");
        }
        return OptionalInt.of(secure.map(Bind::address)
                .map(address -> address instanceof Address.Tcp tcp ? tcp.port() : 0)
                .filter(port -> port != 0)
                .orElse(HTTPS_PORT));
    }

    private boolean isDevelopment() {
        return values.one(TlsDeclarations.DEVELOPMENT);
    }

    private void listeners(List<Bind> binds) {
        List<Bind> secure = binds.stream().filter(Bind::tls).toList();
        boolean any = isNamed() || !tables.isEmpty() || acme.isNamed();
        if (any && isDevelopment()) {
            add(
                    values.where(TlsDeclarations.DEVELOPMENT),
                    "tls.development is set beside a certificate, expected one of them");
        }
        if (!secure.isEmpty() && !any && !isDevelopment()) {
            add(
                    values.where(Declarations.BIND),
                    "bind has " + secure.getFirst().address() + ",tls, but there is no certificate,"
                            + " expected tls.certificate and tls.key (--tls-certificate FILE --tls-key FILE),"
                            + " tls.acme.names for certificates from an authority,"
                            + " or --tls-development on your own machine");
        }
        if (secure.isEmpty() && (any || isDevelopment())) {
            Where where = isDevelopment()
                    ? values.where(TlsDeclarations.DEVELOPMENT)
                    : isNamed()
                            ? place(values)
                            : tables.isEmpty()
                                    ? acme.where()
                                    : tables.getFirst().table();
            add(
                    where,
                    "there is a certificate, but no listener speaks TLS, expected tls behind an address of bind,"
                            + " such as --bind 0.0.0.0:443,tls");
        }
    }

    private void add(Where where, String message) {
        problems.add(Problem.setting(where, message));
    }
}
