package terpan.daemon;

import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.acme.Failure;
import terpan.acme.Renewals;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.Mistake;
import terpan.certificate.SelfSigned;
import terpan.certificate.ServerCertificate;
import terpan.config.Acme;
import terpan.config.Settings;
import terpan.config.Verify;
import terpan.edge.Challenges;
import terpan.picture.Picture;
import terpan.tls.BoringSsl;
import terpan.tls.ServerTls;
import terpan.tls.TlsLibrary;
import terpan.tls.TlsRules;

/**
 * TLS of the listeners: what it is made of, how it changes with the settings, with the files and with what an authority issues, and its threads.
 * Thread-safe.
 */
final class ListenerTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerTls.class);

    final ServerTls server;
    private final TlsThreads threads;
    private final CertificateWatch watch;
    private final Renewals renewals;

    private ListenerTls(
            Settings.Tls settings, Material material, Challenges challenges, TlsThreads threads, InstantSource clock) {
        this.threads = threads;
        server = new ServerTls(List.of(), material.rules(), settings.handshakeTimeout(), threads);
        renewals = new Renewals(new ShownProofs(challenges, server), this::use, clock, new SecureRandom());
        watch = new CertificateWatch(settings.certificates(), material.certificates(), server::refuses, read -> use());
        renewals.change(material.wish());
    }

    /**
     * TLS as the settings have it; empty where no listener speaks it. Nobody is asked for a certificate before {@link #begin}.
     *
     * @param challenges what authorities are answered without TLS
     * @throws IOException a file of a certificate can not be used; the message says which and why
     */
    static Optional<ListenerTls> open(Settings.Tls settings, Challenges challenges, InstantSource clock)
            throws IOException {
        if (!settings.isSpoken()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Material material = read(settings, now);
        TlsThreads threads = new TlsThreads(Runtime.getRuntime().availableProcessors());
        tell(settings, material);
        for (ServerCertificate certificate : material.certificates()) {
            if (certificate.expiry().isBefore(now)) {
                LOG.atWarn()
                        .addKeyValue("certificate", certificate.shownName())
                        .addKeyValue("expired", certificate.expiry())
                        .log("a certificate has expired: clients will refuse it");
            }
        }
        return Optional.of(new ListenerTls(settings, material, challenges, threads, clock));
    }

    private static void tell(Settings.Tls settings, Material material) {
        TlsLibrary library = material.rules().library();
        if (library == TlsLibrary.JDK && settings.engine() == Settings.TlsEngine.AUTO) {
            LOG.atWarn()
                    .addKeyValue(
                            "why", trouble(settings, material.certificates()).orElse(""))
                    .log("TLS is computed by the JDK, which takes about twice as long as BoringSSL");
        } else {
            LOG.atInfo().addKeyValue("engine", library).log("TLS is ready");
        }
    }

    /**
     * What handshakes are done with.
     *
     * @param certificates those of files
     * @param wish those of an authority, with what is kept of them; empty: none are asked for
     */
    record Material(List<ServerCertificate> certificates, TlsRules rules, Optional<Renewals.Wish> wish) {}

    /**
     * What the settings name.
     *
     * @throws IOException a file of one can not be used; the message says which and why
     */
    static Material read(Settings.Tls settings, Instant now) throws IOException {
        List<ServerCertificate> certificates = new ArrayList<>();
        if (settings.development()) {
            certificates.add(SelfSigned.forLocalhost(now));
        }
        for (CertificateFiles files : settings.certificates()) {
            switch (CertificateReader.read(files)) {
                case CertificateReader.Good good -> certificates.add(good.certificate());
                case CertificateReader.Bad bad -> throw changedMeanwhile(bad.mistakes());
            }
        }
        return new Material(
                certificates, rules(settings, certificates), settings.acme().map(Renewals.Wish::read));
    }

    /**
     * Whose engine it is.
     *
     * @throws IOException it is to be BoringSSL's, which can not be used here
     */
    private static TlsLibrary library(Settings.Tls settings, List<ServerCertificate> certificates) throws IOException {
        if (!settings.isSpoken() || settings.engine() == Settings.TlsEngine.JDK) {
            return TlsLibrary.JDK;
        }
        Optional<String> trouble = trouble(settings, certificates);
        if (trouble.isEmpty()) {
            return TlsLibrary.BORINGSSL;
        }
        if (settings.engine() == Settings.TlsEngine.BORINGSSL) {
            throw new IOException("tls.engine is boringssl: " + trouble.get() + "; with auto it would be the JDK");
        }
        return TlsLibrary.JDK;
    }

    private static Optional<String> trouble(Settings.Tls settings, List<ServerCertificate> certificates) {
        return settings.notByBoringSsl().or(BoringSsl::load).or(() -> BoringSsl.refuses(certificates));
    }

    private static TlsRules rules(Settings.Tls settings, List<ServerCertificate> certificates) throws IOException {
        List<Mistake> mistakes = new ArrayList<>();
        List<X509Certificate> authorities = settings.clientAuthorities()
                .map(file -> CertificateReader.authorities(file, mistakes))
                .orElse(List.of());
        if (!mistakes.isEmpty()) {
            throw changedMeanwhile(mistakes);
        }
        return new TlsRules(
                library(settings, certificates),
                settings.versions(),
                settings.suites(),
                authorities,
                settings.verify() == Verify.REQUIRE,
                settings.acme()
                        .filter(acme -> acme.challenge() == Acme.Challenge.TLS_ALPN_01)
                        .isPresent());
    }

    /** All were read with the settings, a moment ago. */
    private static IOException changedMeanwhile(List<Mistake> mistakes) {
        return new IOException("the certificate " + mistakes.getFirst());
    }

    /** Listeners listen: certificates may be asked for. More than once does no harm. */
    void begin() {
        renewals.begin();
    }

    /** Handshakes that begin from now on are done so. */
    void change(Settings.Tls settings, Material material) {
        TlsLibrary before = server.library();
        server.change(material.rules(), settings.handshakeTimeout());
        if (server.library() != before) {
            tell(settings, material);
        }
        watch.change(settings.certificates(), material.certificates());
        renewals.change(material.wish());
        renewals.begin();
    }

    /** Those of files first: a name that both are for is theirs. */
    private synchronized void use() {
        server.certificates(inUse().toList());
    }

    private Stream<ServerCertificate> inUse() {
        return Stream.concat(watch.inUse().stream(), renewals.inUse().stream());
    }

    /** Reads certificates again whose files have changed. May wait for a disk. */
    void look() {
        watch.look();
    }

    /** Whose engine computes it. */
    TlsLibrary library() {
        return server.library();
    }

    /** Those that clients are shown. */
    List<Picture.Certificate> certificates() {
        return inUse().map(one -> new Picture.Certificate(
                        one.shownName(), one.files().certificate().toString(), one.expiry()))
                .toList();
    }

    /** What becomes of those that an authority is asked for. */
    Picture.Issuance issuance() {
        Renewals.Seen seen = renewals.seen();
        return new Picture.Issuance(
                seen.issued(),
                seen.failed(),
                seen.names().stream().map(ListenerTls::picture).toList());
    }

    private static Picture.Renewal picture(Renewals.Name name) {
        return new Picture.Renewal(
                name.name(),
                name.certificate()
                        .map(one -> one.files().certificate().toString())
                        .orElse(""),
                name.certificate().map(ServerCertificate::expiry),
                name.due(),
                name.failure().map(Failure::tries).orElse(0),
                name.failure().map(Failure::why).orElse(""));
    }

    @Override
    public void close() {
        renewals.close();
        threads.close();
        server.close();
    }
}
