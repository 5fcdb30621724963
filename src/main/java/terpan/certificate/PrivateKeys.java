package terpan.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Reads private keys: PKCS#8 (RFC 5958), also encrypted, and the traditional forms of OpenSSL, RSA (RFC 8017, A.1.2) and EC (RFC 5915), also
 * encrypted.
 */
final class PrivateKeys {
    /** By the object in PKCS#8 (RFC 8017, A.1; RFC 5480, section 2.1.1; RFC 8410, section 3). Trying one after the other has the JDK load all its providers. */
    private static final Map<String, String> ALGORITHMS = Map.of(
            "06092a864886f70d010101", "RSA",
            "06072a8648ce3d0201", "EC",
            "06032b6570", "EdDSA",
            "06032b6571", "EdDSA");

    private static final byte[] VERSION = {Der.INTEGER, 1, 0};

    /** The algorithm of RSA keys, with its parameters (RFC 8017, A.1). */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** The object of EC keys (RFC 5480, section 2.1.1). */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    /** As the JDK names what RFC 8018, section 6.2, has. */
    private static final Pattern PBES2 = Pattern.compile("PBEWith(Hmac\\w+)AndAES_([0-9]+)");

    private static final int SALT = 8;

    /** What is wrong with a key, as a sentence goes on from its file. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable(String what) {
            super(what);
        }

        String what() {
            return String.valueOf(getMessage());
        }
    }

    private PrivateKeys() {}

    static boolean isKey(PemBlock block) {
        return block.label().endsWith("PRIVATE KEY");
    }

    static boolean isEncrypted(PemBlock block) {
        return block.label().equals("ENCRYPTED PRIVATE KEY")
                || block.headers().getOrDefault("Proc-Type", "").endsWith("ENCRYPTED");
    }

    /**
     * Reads a key.
     *
     * @param all every block of its file, for a curve may be named in one of its own
     * @param passphrase opens an encrypted one
     */
    static PrivateKey read(PemBlock block, List<PemBlock> all, Optional<String> passphrase) throws Unreadable {
        if (block.bytes().length == 0) {
            throw new Unreadable("whose private key is broken: what stands between BEGIN and END is no base64");
        }
        if (isEncrypted(block) && passphrase.isEmpty()) {
            throw new Unreadable("whose private key is encrypted, expected passphrase-file beside it:"
                    + " a file whose first line opens it");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> ofPkcs8(block.bytes());
            case "ENCRYPTED PRIVATE KEY" -> ofPkcs8(decrypted(block.bytes(), passphrase.orElseThrow()));
            case "RSA PRIVATE KEY" -> ofPkcs8(ofRsa(opened(block, passphrase)));
            case "EC PRIVATE KEY" -> ofPkcs8(ofEc(opened(block, passphrase), all));
            default ->
                throw new Unreadable("which holds a key of the form " + block.label()
                        + ", expected PRIVATE KEY, ENCRYPTED PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY");
        };
    }

    private static PrivateKey ofPkcs8(byte[] encoded) throws Unreadable {
        Optional<String> algorithm = Der.child(encoded, Der.SEQUENCE)
                .flatMap(identifier -> Der.child(identifier, Der.OBJECT))
                .map(object -> ALGORITHMS.get(HexFormat.of().formatHex(object)));
        if (algorithm.isPresent()) {
            try {
                return KeyFactory.getInstance(algorithm.get()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException broken) {
                // As a kind that is not known: what is expected is the same.
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        throw new Unreadable("whose private key is broken or of a kind that is not known, expected RSA, EC"
                + " (P-256, P-384 or P-521) or Ed25519");
    }

    /** What an EC key says is the public one that belongs to it, as the content of a bit string; empty: it says nothing, or is of another kind. */
    static Optional<byte[]> publicPoint(PrivateKey key) {
        return key.getAlgorithm().equals("EC")
                ? Der.child(key.getEncoded(), Der.OCTETS)
                        .map(Der::content)
                        .flatMap(inner -> Der.child(inner, Der.SECOND_TAGGED))
                        .map(Der::content)
                        .map(Der::content)
                : Optional.empty();
    }

    private static byte[] ofRsa(byte[] key) {
        return Der.element(Der.SEQUENCE, VERSION, RSA, Der.element(Der.OCTETS, key));
    }

    private static byte[] ofEc(byte[] key, List<PemBlock> all) throws Unreadable {
        byte[] curve = Der.child(key, Der.FIRST_TAGGED)
                .map(Der::content)
                .or(() -> all.stream()
                        .filter(block -> block.label().equals("EC PARAMETERS"))
                        .map(PemBlock::bytes)
                        .findFirst())
                .orElseThrow(() -> new Unreadable("whose EC private key does not name its curve"));
        byte[] algorithm = Der.element(Der.SEQUENCE, EC, curve);
        return Der.element(Der.SEQUENCE, VERSION, algorithm, Der.element(Der.OCTETS, key));
    }

    private static byte[] decrypted(byte[] encoded, String passphrase) throws Unreadable {
        EncryptedPrivateKeyInfo encrypted;
        String algorithm;
        Cipher cipher;
        try {
            encrypted = new EncryptedPrivateKeyInfo(encoded);
            // Of PBES2 (RFC 8018) the parameters alone say what it is.
            String named = encrypted.getAlgName();
            algorithm = named.startsWith("PBEWith") ? named : String.valueOf(encrypted.getAlgParameters());
            cipher = Cipher.getInstance(algorithm);
        } catch (IOException | GeneralSecurityException | RuntimeException unknown) {
            throw new Unreadable("whose private key is encrypted in a way that is not known;"
                    + " encrypt it anew with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE");
        }
        try {
            Matcher second = PBES2.matcher(algorithm);
            if (second.matches()) {
                return decrypted(encrypted, passphrase, second.group(1), Integer.parseInt(second.group(2)));
            }
            Key key = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase.toCharArray()));
            cipher.init(Cipher.DECRYPT_MODE, key, encrypted.getAlgParameters());
            return cipher.doFinal(encrypted.getEncryptedData());
        } catch (GeneralSecurityException wrong) {
            throw wrongPassphrase();
        }
    }

    /** Step by step: as a whole the JDK takes pass phrases of ASCII alone. */
    private static byte[] decrypted(EncryptedPrivateKeyInfo encrypted, String passphrase, String function, int bits)
            throws GeneralSecurityException {
        PBEParameterSpec parameters = encrypted.getAlgParameters().getParameterSpec(PBEParameterSpec.class);
        PBEKeySpec secret =
                new PBEKeySpec(passphrase.toCharArray(), parameters.getSalt(), parameters.getIterationCount(), bits);
        byte[] key = SecretKeyFactory.getInstance("PBKDF2With" + function)
                .generateSecret(secret)
                .getEncoded();
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), parameters.getParameterSpec());
        return cipher.doFinal(encrypted.getEncryptedData());
    }

    private static Unreadable wrongPassphrase() {
        return new Unreadable("whose private key the pass phrase does not open");
    }

    /** A traditional key without its encryption, if it has any: DEK-Info names cipher and initial vector (RFC 1421, section 4.6.1.3). */
    private static byte[] opened(PemBlock block, Optional<String> passphrase) throws Unreadable {
        if (!isEncrypted(block)) {
            return block.bytes();
        }
        String[] info = block.headers().getOrDefault("DEK-Info", "").split(",", -1);
        int keyBytes = switch (info[0]) {
            case "AES-128-CBC" -> 16;
            case "AES-192-CBC", "DES-EDE3-CBC" -> 24;
            case "AES-256-CBC" -> 32;
            default ->
                throw new Unreadable("whose private key is encrypted with \"" + info[0]
                        + "\", expected AES-128-CBC, AES-192-CBC, AES-256-CBC or DES-EDE3-CBC");
        };
        String algorithm = info[0].startsWith("AES") ? "AES" : "DESede";
        try {
            byte[] vector = HexFormat.of().parseHex(info.length > 1 ? info[1].strip() : "");
            Cipher cipher = Cipher.getInstance(algorithm + "/CBC/PKCS5Padding");
            byte[] secret = derived(passphrase.orElseThrow(), Arrays.copyOf(vector, SALT), keyBytes);
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(secret, algorithm), new IvParameterSpec(vector));
            return cipher.doFinal(block.bytes());
        } catch (NoSuchAlgorithmException | NoSuchPaddingException impossible) {
            throw new IllegalStateException(impossible);
        } catch (GeneralSecurityException | IllegalArgumentException wrong) {
            throw wrongPassphrase();
        }
    }

    /** OpenSSL's own derivation for these files: MD5 over what came before, the pass phrase and the salt. */
    private static byte[] derived(String passphrase, byte[] salt, int length) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        byte[] derived = new byte[0];
        byte[] last = new byte[0];
        while (derived.length < length) {
            digest.update(last);
            digest.update(passphrase.getBytes(StandardCharsets.UTF_8));
            digest.update(salt);
            last = digest.digest();
            int filled = derived.length;
            derived = Arrays.copyOf(derived, filled + last.length);
            System.arraycopy(last, 0, derived, filled, last.length);
        }
        return Arrays.copyOf(derived, length);
    }
}
