package terpan.certificate;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Pairs of keys on P-256: made, signed with, and written as PEM (RFC 7468). */
public final class KeyPairs {
    /** ecdsa-with-SHA256 (RFC 5758, section 3.2). */
    static final byte[] SIGNATURE = HexFormat.of().parseHex("300a06082a8648ce3d040302");

    private KeyPairs() {}

    /** A new pair. */
    public static KeyPair make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What is to be signed, with the signature's algorithm and the signature behind it: a certificate, or a request for one. */
    static byte[] signed(byte[] content, PrivateKey key) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(content);
            byte[] noBitsUnused = {0};
            return Der.element(
                    Der.SEQUENCE, content, SIGNATURE, Der.element(Der.BIT_STRING, noBitsUnused, signature.sign()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Both keys, from which {@link #read} makes the pair again. */
    public static String pem(KeyPair pair) {
        return Pem.of(pair.getPrivate()) + Pem.of(pair.getPublic());
    }

    /** A key, and behind it the certificate that it belongs to with those that it was issued by: {@link CertificateReader} reads it. */
    public static String pem(PrivateKey key, List<X509Certificate> chain) {
        return Pem.of(key) + Pem.of(chain);
    }

    /** The pair that was written so; empty: the text is something else. */
    public static Optional<KeyPair> read(String pem) {
        List<PemBlock> blocks = PemBlock.in(pem);
        Optional<PemBlock> own = blocks.stream()
                .filter(block -> block.label().equals(Pem.PRIVATE_KEY))
                .findFirst();
        Optional<PemBlock> others = blocks.stream()
                .filter(block -> block.label().equals(Pem.PUBLIC_KEY))
                .findFirst();
        if (own.isEmpty() || others.isEmpty()) {
            return Optional.empty();
        }
        try {
            PrivateKey key = PrivateKeys.read(own.get(), blocks, Optional.empty());
            PublicKey known = KeyFactory.getInstance(key.getAlgorithm())
                    .generatePublic(new X509EncodedKeySpec(others.get().bytes()));
            return Optional.of(new KeyPair(known, key));
        } catch (PrivateKeys.Unreadable | GeneralSecurityException broken) {
            return Optional.empty();
        }
    }
}
