package terpan.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** Whom a client's certificate is for, as a field can hold it. */
final class ClientSubject {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private ClientSubject() {}

    /**
     * The subject as RFC 4514 writes it; what is not printable ASCII is escaped as pairs of digits of its UTF-8 (section 2.4), so that no two
     * subjects are the same text.
     */
    static String text(Certificate certificate) {
        if (!(certificate instanceof X509Certificate known)) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        known.getSubjectX500Principal().getName().codePoints().forEach(point -> {
            if (point >= ' ' && point <= '~') {
                text.appendCodePoint(point);
            } else {
                for (byte each : Character.toString(point).getBytes(UTF_8)) {
                    text.append('\\').append(HEX.toHexDigits(each));
                }
            }
        });
        return text.toString();
    }
}
