package terpan.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Makes a certificate that is signed by its own key (RFC 5280), for a machine that somebody develops on: the JDK has no public way to make
 * one. It is kept nowhere.
 */
public final class SelfSigned {
    private static final List<String> NAMES = List.of("localhost", "*.localhost");
    private static final List<String> ADDRESSES = List.of("127.0.0.1", "::1");
    private static final Duration LIFE = Duration.ofDays(90);
    private static final Duration EARLIER = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;

    /** ecdsa-with-SHA256 (RFC 5758, section 3.2). */
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("300a06082a8648ce3d040302");

    private static final byte[] VERSION_3 = HexFormat.of().parseHex("a003020102");
    private static final byte[] COMMON_NAME = HexFormat.of().parseHex("0603550403");
    private static final byte[] ALTERNATIVE_NAMES = HexFormat.of().parseHex("0603551d11");

    /** Not one that may issue others: basicConstraints, critical, empty. */
    private static final byte[] NO_AUTHORITY = HexFormat.of().parseHex("300c0603551d130101ff04023000");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int UTF8_STRING = 0x0c;
    private static final int BIT_STRING = 0x03;
    private static final int UTC_TIME = 0x17;
    private static final int SET = 0x31;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private SelfSigned() {}

    /** One for localhost and the loopback addresses that is good from now on, for 90 days. */
    public static ServerCertificate forLocalhost(Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] signed = signed(pair, now);
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed));
            CertificateFiles nowhere =
                    new CertificateFiles(Path.of("tls-development"), Optional.empty(), Optional.empty());
            return new ServerCertificate(nowhere, List.of(certificate), pair.getPrivate());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] signed(KeyPair pair, Instant now) throws GeneralSecurityException {
        byte[] name = name("Terpan, for development on this machine");
        byte[] content = Der.element(
                Der.SEQUENCE,
                VERSION_3,
                Der.element(Der.INTEGER, new BigInteger(SERIAL_BITS, new SecureRandom()).toByteArray()),
                ALGORITHM,
                name,
                Der.element(Der.SEQUENCE, time(now.minus(EARLIER)), time(now.plus(LIFE))),
                name,
                pair.getPublic().getEncoded(),
                Der.element(EXTENSIONS, Der.element(Der.SEQUENCE, NO_AUTHORITY, alternativeNames())));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(content);
        byte[] noBitsUnused = {0};
        return Der.element(Der.SEQUENCE, content, ALGORITHM, Der.element(BIT_STRING, noBitsUnused, signature.sign()));
    }

    private static byte[] name(String common) {
        byte[] attribute = Der.element(Der.SEQUENCE, COMMON_NAME, Der.element(UTF8_STRING, common.getBytes(UTF_8)));
        return Der.element(Der.SEQUENCE, Der.element(SET, attribute));
    }

    private static byte[] time(Instant instant) {
        return Der.element(UTC_TIME, TIME.format(instant).getBytes(US_ASCII));
    }

    private static byte[] alternativeNames() {
        List<byte[]> names = new ArrayList<>();
        NAMES.forEach(name -> names.add(Der.element(DNS_NAME, name.getBytes(US_ASCII))));
        ADDRESSES.forEach(address ->
                names.add(Der.element(IP_ADDRESS, InetAddress.ofLiteral(address).getAddress())));
        byte[] all = Der.element(Der.SEQUENCE, names.toArray(byte[][]::new));
        return Der.element(Der.SEQUENCE, ALTERNATIVE_NAMES, Der.element(Der.OCTETS, all));
    }
}
