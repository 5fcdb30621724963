package terpan.certificate;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Which certificates are good: those that one of some authorities issued, by the JDK's rules (RFC 5280). */
public final class Authorities {
    private Authorities() {}

    /** Trust in these authorities and no other. */
    public static X509TrustManager trusting(List<X509Certificate> authorities) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager trust) {
                    return trust;
                }
            }
            throw new GeneralSecurityException("the JDK judges no certificates");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
