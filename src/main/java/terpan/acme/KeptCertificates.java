package terpan.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.slf4j.LoggerFactory;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.KeyPairs;
import terpan.certificate.ServerCertificate;
import terpan.config.Acme;

/**
 * The folder that an authority's account, keys and certificates are kept in: files for their owner alone, each written whole beside the old one,
 * forced to the disk and renamed, so that there is always one or the other. May wait for a disk. No state of its own.
 */
public final class KeptCertificates {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<Set<PosixFilePermission>> NEW_FOLDER =
            PosixFilePermissions.asFileAttribute(FOLDER);
    private static final FileAttribute<Set<PosixFilePermission>> NEW_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final long LONGEST_FILE = 1L << 20;

    private final Path folder;
    private final Path certificates;

    /** Those of the authority that the settings name. */
    public KeptCertificates(Acme settings) {
        folder = settings.folder();
        certificates = folder.resolve("certificates");
    }

    /** Where the certificate for a name is kept with its key, whether it is there or not. */
    public Path file(String name) {
        return certificates.resolve(name + ".pem");
    }

    private Path failureFile(String name) {
        return certificates.resolve(name + ".failed");
    }

    /** The certificate for a name, be it expired; empty: there is none that could be used. */
    public Optional<ServerCertificate> certificate(String name) {
        if (!Files.exists(file(name))) {
            return Optional.empty();
        }
        CertificateFiles both = new CertificateFiles(file(name), Optional.empty(), Optional.empty());
        return switch (CertificateReader.read(both)) {
            case CertificateReader.Good good
            when good.certificate().names().contains(name) -> Optional.of(good.certificate());
            case CertificateReader.Good other ->
                unusable(name, "it is for " + other.certificate().names());
            case CertificateReader.Bad bad ->
                unusable(name, bad.mistakes().getFirst().what());
        };
    }

    private Optional<ServerCertificate> unusable(String name, String why) {
        LoggerFactory.getLogger(KeptCertificates.class)
                .atWarn()
                .addKeyValue("file", file(name))
                .addKeyValue("why", why)
                .log("a certificate that was kept can not be used; another one is ordered");
        return Optional.empty();
    }

    /** Keeps a certificate with its key. */
    void keep(String name, Authority.Issued issued) throws IOException {
        write(file(name), KeyPairs.pem(issued.key(), issued.chain()).getBytes(US_ASCII));
    }

    /** The key of our account with the authority, made at the first time. */
    KeyPair accountKey() throws IOException {
        Path file = folder.resolve("account.pem");
        try {
            return KeyPairs.read(read(file))
                    .orElseThrow(() -> new IOException(file + " holds no pair of keys, expected the account's;"
                            + " without the file another account is made"));
        } catch (NoSuchFileException first) {
            KeyPair made = KeyPairs.make();
            write(file, KeyPairs.pem(made).getBytes(US_ASCII));
            return made;
        }
    }

    /** What is known of failures since a certificate for this name was had last; empty: there were none. */
    public Optional<Failure> failure(String name) {
        Properties known = new Properties();
        try {
            known.load(new StringReader(read(failureFile(name))));
            return Optional.of(new Failure(
                    Integer.parseInt(known.getProperty("tries", "1")),
                    Instant.parse(known.getProperty("at", "")),
                    Instant.parse(known.getProperty("next", "")),
                    Boolean.parseBoolean(known.getProperty("asked")),
                    known.getProperty("why", "")));
        } catch (IOException | IllegalArgumentException | DateTimeException noneOrBroken) {
            return Optional.empty();
        }
    }

    /** Keeps a failure, so that a start soon after does not ask too early, and the doctor knows of it. */
    void keepFailure(String name, Failure failure) throws IOException {
        Properties known = new Properties();
        known.setProperty("tries", Integer.toString(failure.tries()));
        known.setProperty("at", failure.at().toString());
        known.setProperty("next", failure.next().toString());
        known.setProperty("asked", Boolean.toString(failure.asked()));
        known.setProperty("why", failure.why());
        StringWriter text = new StringWriter();
        known.store(text, null);
        write(failureFile(name), text.toString().getBytes(UTF_8));
    }

    void forgetFailure(String name) throws IOException {
        Files.deleteIfExists(failureFile(name));
    }

    /** Makes sure that something can be kept, before anything is ordered that would have to be. */
    void prepare() throws IOException {
        Files.createDirectories(certificates, NEW_FOLDER);
        for (Path ours : new Path[] {folder, certificates}) {
            if (!Files.getPosixFilePermissions(ours).equals(FOLDER)) {
                Files.setPosixFilePermissions(ours, FOLDER);
            }
        }
        Path probe = folder.resolve(".probe");
        write(probe, new byte[1]);
        Files.delete(probe);
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > LONGEST_FILE) {
            throw new IOException(file + " is longer than 1MiB, expected what was written there");
        }
        return Files.readString(file);
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path next = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(next);
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (FileChannel out = FileChannel.open(next, options, NEW_FILE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
            names.force(true); // the name, too
        }
    }
}
