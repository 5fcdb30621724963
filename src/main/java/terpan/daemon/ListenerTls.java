package terpan.daemon;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.Mistake;
import terpan.certificate.SelfSigned;
import terpan.certificate.ServerCertificate;
import terpan.config.Settings;
import terpan.picture.Picture;
import terpan.tls.ServerTls;
import terpan.tls.TlsRules;

/** TLS of the listeners: what it is made of, how it changes with the settings and with the files, and its threads. Thread-safe. */
final class ListenerTls implements AutoCloseable {
    final ServerTls server;
    private final TlsThreads threads;
    private final CertificateWatch watch;

    private ListenerTls(ServerTls server, TlsThreads threads, CertificateWatch watch) {
        this.server = server;
        this.threads = threads;
        this.watch = watch;
    }

    /**
     * TLS as the settings have it; empty where no listener speaks it.
     *
     * @throws IOException a file of a certificate can not be used; the message says which and why
     */
    static Optional<ListenerTls> open(Settings.Tls settings, Instant now) throws IOException {
        if (!settings.isSpoken()) {
            return Optional.empty();
        }
        Material material = read(settings, now);
        List<ServerCertificate> certificates = material.certificates();
        TlsThreads threads = new TlsThreads(Runtime.getRuntime().availableProcessors());
        ServerTls server = new ServerTls(certificates, material.rules(), settings.handshakeTimeout(), threads);
        for (ServerCertificate certificate : certificates) {
            if (certificate.expiry().isBefore(now)) {
                LoggerFactory.getLogger(ListenerTls.class)
                        .atWarn()
                        .addKeyValue("certificate", certificate.shownName())
                        .addKeyValue("expired", certificate.expiry())
                        .log("a certificate has expired: clients will refuse it");
            }
        }
        return Optional.of(new ListenerTls(
                server, threads, new CertificateWatch(settings.certificates(), certificates, server::certificates)));
    }

    /** What handshakes are done with. */
    record Material(List<ServerCertificate> certificates, TlsRules rules) {}

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
        return new Material(certificates, rules(settings));
    }

    private static TlsRules rules(Settings.Tls settings) throws IOException {
        List<Mistake> mistakes = new ArrayList<>();
        List<X509Certificate> authorities = settings.clientAuthorities()
                .map(file -> CertificateReader.authorities(file, mistakes))
                .orElse(List.of());
        if (!mistakes.isEmpty()) {
            throw changedMeanwhile(mistakes);
        }
        return new TlsRules(
                settings.versions(), settings.suites(), authorities, settings.verify() == Settings.Verify.REQUIRE);
    }

    /** All were read with the settings, a moment ago. */
    private static IOException changedMeanwhile(List<Mistake> mistakes) {
        return new IOException("the certificate " + mistakes.getFirst());
    }

    /** Handshakes that begin from now on are done so. */
    void change(Settings.Tls settings, Material material) {
        server.change(material.rules(), settings.handshakeTimeout());
        watch.change(settings.certificates(), material.certificates());
    }

    /** Reads certificates again whose files have changed. May wait for a disk. */
    void look() {
        watch.look();
    }

    /** Those that clients are shown. */
    List<Picture.Certificate> certificates() {
        return watch.inUse().stream()
                .map(one -> new Picture.Certificate(
                        one.shownName(), one.files().certificate().toString(), one.expiry()))
                .toList();
    }

    @Override
    public void close() {
        threads.close();
    }
}
