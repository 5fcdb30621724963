package terpan.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Makes certificates that are signed by their own keys (RFC 5280), for a machine that somebody develops on and for an authority that looks
 * whether a name is ours: the JDK has no public way to make one. They are kept nowhere.
 */
public final class SelfSigned {
    private static final List<String> NAMES = List.of("localhost", "*.localhost");
    private static final List<String> ADDRESSES = List.of("127.0.0.1", "::1");
    private static final Duration LIFE = Duration.ofDays(90);
    private static final Duration CHALLENGE_LIFE = Duration.ofDays(1);
    private static final Duration EARLIER = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;

    private static final byte[] VERSION_3 = HexFormat.of().parseHex("a003020102");
    private static final byte[] COMMON_NAME = HexFormat.of().parseHex("0603550403");

    /** id-pe-acmeIdentifier, critical (RFC 8737, section 3). */
    private static final byte[] CHALLENGE = HexFormat.of().parseHex("06082b0601050507011f0101ff");

    /** Not one that may issue others: basicConstraints, critical, empty. */
    private static final byte[] NO_AUTHORITY = HexFormat.of().parseHex("300c0603551d130101ff04023000");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int SET = 0x31;
    private static final int EXTENSIONS = 0xa3;

    private SelfSigned() {}

    /** One for localhost and the loopback addresses that is good from now on, for 90 days. */
    public static ServerCertificate forLocalhost(Instant now) {
        byte[] names = AlternativeNames.extension(NAMES, ADDRESSES);
        return make("tls-development", "Terpan, for development on this machine", now.plus(LIFE), now, names);
    }

    /**
     * What an authority is shown that looks whether a name is ours (RFC 8737, section 3).
     *
     * @param digest SHA-256 of what the authority expects to see
     */
    public static ServerCertificate forChallenge(String name, byte[] digest, Instant now) {
        byte[] shown = Der.element(Der.OCTETS, Der.element(Der.OCTETS, digest));
        return make(
                "acme-challenge",
                "Terpan, for an authority",
                now.plus(CHALLENGE_LIFE),
                now,
                AlternativeNames.extension(List.of(name), List.of()),
                Der.element(Der.SEQUENCE, CHALLENGE, shown));
    }

    private static ServerCertificate make(
            String place, String common, Instant until, Instant now, byte[]... extensions) {
        KeyPair pair = KeyPairs.make();
        try {
            byte[] signed = signed(pair, common, now, until, extensions);
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed));
            CertificateFiles nowhere = new CertificateFiles(Path.of(place), Optional.empty(), Optional.empty());
            return new ServerCertificate(nowhere, List.of(certificate), pair.getPrivate());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] signed(KeyPair pair, String common, Instant now, Instant until, byte[]... extensions) {
        byte[] name = name(common);
        List<byte[]> all = new ArrayList<>(List.of(NO_AUTHORITY));
        all.addAll(List.of(extensions));
        byte[] content = Der.element(
                Der.SEQUENCE,
                VERSION_3,
                Der.element(Der.INTEGER, new BigInteger(SERIAL_BITS, new SecureRandom()).toByteArray()),
                KeyPairs.SIGNATURE,
                name,
                Der.element(Der.SEQUENCE, time(now.minus(EARLIER)), time(until)),
                name,
                pair.getPublic().getEncoded(),
                Der.element(EXTENSIONS, Der.element(Der.SEQUENCE, all.toArray(byte[][]::new))));
        return KeyPairs.signed(content, pair.getPrivate());
    }

    private static byte[] name(String common) {
        byte[] attribute = Der.element(Der.SEQUENCE, COMMON_NAME, Der.element(UTF8_STRING, common.getBytes(UTF_8)));
        return Der.element(Der.SEQUENCE, Der.element(SET, attribute));
    }

    private static byte[] time(Instant instant) {
        return Der.element(UTC_TIME, TIME.format(instant).getBytes(US_ASCII));
    }
}
