package terpan.daemon;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
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
        List<ServerCertificate> certificates = read(settings, now);
        TlsThreads threads = new TlsThreads(Runtime.getRuntime().availableProcessors());
        ServerTls server = new ServerTls(certificates, rules(settings), settings.handshakeTimeout(), threads);
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

    /**
     * The certificates of the settings.
     *
     * @throws IOException a file of one can not be used; the message says which and why
     */
    static List<ServerCertificate> read(Settings.Tls settings, Instant now) throws IOException {
        List<ServerCertificate> certificates = new ArrayList<>();
        if (settings.development()) {
            certificates.add(SelfSigned.forLocalhost(now));
        }
        for (CertificateFiles files : settings.certificates()) {
            switch (CertificateReader.read(files)) {
                case CertificateReader.Good good -> certificates.add(good.certificate());
                // They were read with the settings, a moment ago.
                case CertificateReader.Bad bad ->
                    throw new IOException("the certificate " + bad.mistakes().getFirst());
            }
        }
        return certificates;
    }

    private static TlsRules rules(Settings.Tls settings) {
        return new TlsRules(settings.versions(), settings.suites());
    }

    /** Handshakes that begin from now on are done so. */
    void change(Settings.Tls settings, List<ServerCertificate> certificates) {
        server.change(rules(settings), settings.handshakeTimeout());
        watch.change(settings.certificates(), certificates);
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
