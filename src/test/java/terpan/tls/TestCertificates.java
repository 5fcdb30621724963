package terpan.tls;

import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.ServerCertificate;

/** Certificates of the tests for localhost, shop.example and 127.0.0.1, each with its key in the file; good for a hundred years. */
public final class TestCertificates {
    private static final Path FOLDER = Path.of(System.getProperty("terpan.basedir", "."), "src/test/resources/tls")
            .toAbsolutePath()
            .normalize();

    /** On P-256. */
    public static final Path EC = FOLDER.resolve("localhost-ec.pem");

    public static final Path RSA = FOLDER.resolve("localhost-rsa.pem");

    /** A client's, which trusts everybody: these certificates are signed by themselves. */
    public static final SSLContext TRUSTING = trusting();

    private TestCertificates() {}

    /** Another such client, which resumes no session of others. */
    public static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static ServerCertificate read(Path file) {
        return switch (CertificateReader.read(new CertificateFiles(file, Optional.empty(), Optional.empty()))) {
            case CertificateReader.Good good -> good.certificate();
            case CertificateReader.Bad bad -> throw new AssertionError(bad.mistakes());
        };
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
