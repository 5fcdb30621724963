package terpan.certificate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the files of one certificate and finds everything that is wrong with them. May wait for a disk. */
public final class CertificateReader {
    private static final long LONGEST_FILE = 1L << 20;
    private static final byte[] PROBE = "does this key belong to this certificate?".getBytes(UTF_8);

    private final CertificateFiles files;
    private final List<Mistake> mistakes = new ArrayList<>();

    /** What became of reading: a certificate with its key, or all mistakes at once. */
    public sealed interface Found {}

    /** All is as it should be. */
    public record Good(ServerCertificate certificate) implements Found {}

    /**
     * Something is wrong.
     *
     * @param mistakes at least one
     */
    public record Bad(List<Mistake> mistakes) implements Found {}

    private CertificateReader(CertificateFiles files) {
        this.files = files;
    }

    /** Reads what lies in the files now. */
    public static Found read(CertificateFiles files) {
        CertificateReader reader = new CertificateReader(files);
        return reader.read().<Found>map(Good::new).orElseGet(() -> new Bad(List.copyOf(reader.mistakes)));
    }

    /**
     * Reads a file of certificates alone.
     *
     * @param mistakes what is wrong is added to it
     */
    public static List<X509Certificate> authorities(Path file, List<Mistake> mistakes) {
        CertificateReader reader =
                new CertificateReader(new CertificateFiles(file, Optional.empty(), Optional.empty()));
        List<X509Certificate> found =
                reader.blocks(Mistake.Part.CERTIFICATE, file).map(reader::chain).orElse(List.of());
        mistakes.addAll(reader.mistakes);
        return List.copyOf(found);
    }

    private static List<X509Certificate> certificates(List<PemBlock> blocks) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        for (PemBlock block : blocks) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
            }
        }
        return chain;
    }

    private Optional<ServerCertificate> read() {
        Optional<List<PemBlock>> certificateBlocks = blocks(Mistake.Part.CERTIFICATE, files.certificate());
        Optional<List<PemBlock>> keyBlocks =
                files.key().isEmpty() ? certificateBlocks : blocks(Mistake.Part.KEY, files.keyFile());
        Optional<String> passphrase = passphrase();
        List<X509Certificate> chain = certificateBlocks.map(this::chain).orElse(List.of());
        Optional<PrivateKey> key = keyBlocks.flatMap(blocks -> key(blocks, passphrase));
        if (!chain.isEmpty() && key.isPresent()) {
            belong(chain, key.get());
        }
        return mistakes.isEmpty()
                ? Optional.of(new ServerCertificate(files, List.copyOf(chain), key.orElseThrow()))
                : Optional.empty();
    }

    private Optional<List<PemBlock>> blocks(Mistake.Part part, Path file) {
        return bytes(part, file).map(bytes -> {
            List<PemBlock> blocks = PemBlock.in(new String(bytes, ISO_8859_1));
            if (blocks.isEmpty() && bytes.length > 0 && bytes[0] == Der.SEQUENCE) {
                boolean key = part == Mistake.Part.KEY;
                add(
                        part,
                        file,
                        "which is not PEM but looks like DER; convert it with: openssl " + (key ? "pkey" : "x509")
                                + " -inform der -in FILE");
            }
            return blocks;
        });
    }

    private Optional<byte[]> bytes(Mistake.Part part, Path file) {
        try {
            if (Files.isDirectory(file)) {
                add(part, file, "which is a directory, expected a file");
                return Optional.empty();
            }
            if (Files.size(file) > LONGEST_FILE) {
                add(part, file, "which is longer than 1MiB, expected a PEM file");
                return Optional.empty();
            }
            return Optional.of(Files.readAllBytes(file));
        } catch (AccessDeniedException denied) {
            return byRoot(part, file);
        } catch (NoSuchFileException missing) {
            add(part, file, "which does not exist");
        } catch (IOException failure) {
            add(part, file, "which can not be read: " + failure);
        }
        return Optional.empty();
    }

    private Optional<byte[]> byRoot(Mistake.Part part, Path file) {
        try (ByRoot.Opened opened = ByRoot.open(file).orElse(null)) {
            if (opened != null) {
                return Optional.of(opened.stream().readNBytes((int) LONGEST_FILE));
            }
            add(part, file, "which user " + System.getProperty("user.name") + " may not read");
        } catch (IOException failure) {
            add(part, file, "which can not be read: " + failure.getMessage());
        }
        return Optional.empty();
    }

    private Optional<String> passphrase() {
        return files.passphrase()
                .flatMap(file -> bytes(Mistake.Part.PASSPHRASE, file).map(bytes -> {
                    String first = new String(bytes, UTF_8).lines().findFirst().orElse("");
                    if (first.isEmpty()) {
                        add(
                                Mistake.Part.PASSPHRASE,
                                file,
                                "whose first line is empty, expected the pass phrase of the key");
                    }
                    return first;
                }));
    }

    private List<X509Certificate> chain(List<PemBlock> blocks) {
        Path file = files.certificate();
        try {
            List<X509Certificate> chain = certificates(blocks);
            if (chain.isEmpty() && mistakes.isEmpty()) {
                add(
                        Mistake.Part.CERTIFICATE,
                        file,
                        "which holds no certificate, expected PEM with -----BEGIN CERTIFICATE-----");
            }
            return chain;
        } catch (CertificateException broken) {
            add(Mistake.Part.CERTIFICATE, file, "which holds a certificate that is broken: " + broken.getMessage());
            return List.of();
        }
    }

    private Optional<PrivateKey> key(List<PemBlock> blocks, Optional<String> passphrase) {
        Path file = files.keyFile();
        Optional<PemBlock> block = blocks.stream().filter(PrivateKeys::isKey).findFirst();
        if (block.isEmpty()) {
            boolean told = mistakes.stream().anyMatch(mistake -> mistake.file().equals(file));
            if (!told && files.key().isEmpty()) {
                add(
                        Mistake.Part.CERTIFICATE,
                        file,
                        "which holds no private key, expected one in it, or key beside it with the file of one");
            } else if (!told) {
                add(
                        Mistake.Part.KEY,
                        file,
                        "which holds no private key, expected PEM with -----BEGIN PRIVATE KEY-----");
            }
            return Optional.empty();
        }
        boolean noPhrase = files.passphrase().isPresent()
                && passphrase.filter(text -> !text.isEmpty()).isEmpty();
        if (PrivateKeys.isEncrypted(block.get()) && noPhrase) {
            return Optional.empty(); // told of already
        }
        try {
            return Optional.of(PrivateKeys.read(block.get(), blocks, passphrase));
        } catch (PrivateKeys.Unreadable unreadable) {
            add(keyPart(), file, unreadable.what());
            return Optional.empty();
        }
    }

    /** Where the key was looked for. */
    private Mistake.Part keyPart() {
        return files.key().isPresent() ? Mistake.Part.KEY : Mistake.Part.CERTIFICATE;
    }

    private void belong(List<X509Certificate> chain, PrivateKey key) {
        if (belongs(chain.getFirst().getPublicKey(), key)) {
            return;
        }
        for (int i = 1; i < chain.size(); i++) {
            if (belongs(chain.get(i).getPublicKey(), key)) {
                add(
                        Mistake.Part.CERTIFICATE,
                        files.certificate(),
                        "whose certificate number " + (i + 1) + " is the one that the key belongs to,"
                                + " expected that one first, then those that it was issued by");
                return;
            }
        }
        String whose = files.key().isPresent()
                ? "which does not belong to the certificate in " + files.certificate()
                : "whose private key does not belong to its certificate";
        add(keyPart(), files.keyFile(), whose);
    }

    /** By the public key that stands in the private one's form, as in that of EC keys (RFC 5915); else by a signature, which takes longer at a start. */
    private static boolean belongs(PublicKey certified, PrivateKey key) {
        Optional<byte[]> named = PrivateKeys.publicPoint(key);
        if (named.isPresent()) {
            return Der.child(certified.getEncoded(), Der.BIT_STRING)
                    .map(Der::content)
                    .filter(point -> Arrays.equals(point, named.get()))
                    .isPresent();
        }
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    private void add(Mistake.Part part, Path file, String what) {
        mistakes.add(new Mistake(part, file, what));
    }
}
