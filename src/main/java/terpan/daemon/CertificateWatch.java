package terpan.daemon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.certificate.ByRoot;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.Mistake;
import terpan.certificate.ServerCertificate;

/**
 * Reads certificates again when their files change. New ones count once all are good and none of the files has changed between two looks,
 * for who renews them writes one file after the other; else those that there are stay. Thread-safe: one look at a time.
 */
final class CertificateWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final Object NONE = "none";

    private final Function<List<ServerCertificate>, Optional<String>> refuses;
    private final Consumer<List<ServerCertificate>> use;

    /** Whose they are, how they were as they were read last, and at the last look; guarded by this. */
    private List<CertificateFiles> files;

    private Map<Path, Object> read;

    private Map<Path, Object> seen;
    private volatile List<ServerCertificate> inUse;

    /**
     * @param first what is in use
     * @param refuses why others can not be used that are good by themselves
     * @param use begins to use others
     */
    CertificateWatch(
            List<CertificateFiles> files,
            List<ServerCertificate> first,
            Function<List<ServerCertificate>, Optional<String>> refuses,
            Consumer<List<ServerCertificate>> use) {
        this.files = files;
        this.refuses = refuses;
        this.inUse = first;
        this.use = use;
        this.read = stamps();
        this.seen = read;
    }

    /** From now on others count, which were just read. */
    synchronized void change(List<CertificateFiles> others, List<ServerCertificate> now) {
        files = others;
        read = stamps();
        seen = read;
        inUse = List.copyOf(now);
        use.accept(inUse);
    }

    /** Those in use. */
    List<ServerCertificate> inUse() {
        return inUse;
    }

    /** Looks once; may wait for a disk. */
    synchronized void look() {
        Map<Path, Object> now = stamps();
        boolean settled = now.equals(seen);
        seen = now;
        if (settled && !now.equals(read)) {
            read = now;
            readAgain();
        }
    }

    private void readAgain() {
        List<ServerCertificate> found = new ArrayList<>();
        List<Mistake> mistakes = new ArrayList<>();
        for (CertificateFiles one : files) {
            switch (CertificateReader.read(one)) {
                case CertificateReader.Good good -> found.add(good.certificate());
                case CertificateReader.Bad bad -> mistakes.addAll(bad.mistakes());
            }
        }
        for (Mistake mistake : mistakes) {
            LOG.atError()
                    .addKeyValue("file", mistake.file())
                    .addKeyValue("why", mistake.what())
                    .log("certificates changed and can not be used; those from before stay");
        }
        Optional<String> refused = mistakes.isEmpty() ? refuses.apply(found) : Optional.empty();
        refused.ifPresent(why -> LOG.atError()
                .addKeyValue("why", why)
                .log("certificates changed and can not be used; those from before stay"));
        if (mistakes.isEmpty() && refused.isEmpty()) {
            inUse = List.copyOf(found);
            use.accept(inUse);
            for (ServerCertificate certificate : inUse) {
                LOG.atInfo()
                        .addKeyValue("certificate", certificate.shownName())
                        .addKeyValue("expires", certificate.expiry())
                        .log("certificates changed and were read again");
            }
        }
    }

    private Map<Path, Object> stamps() {
        Map<Path, Object> stamps = new HashMap<>();
        files.stream()
                .flatMap(one -> Stream.of(Stream.of(one.certificate()), one.key().stream(), one.passphrase().stream()))
                .flatMap(paths -> paths)
                .forEach(path -> stamps.put(path, stamp(path)));
        return stamps;
    }

    /** Another file, or other content: links are followed, as certbot has them. */
    private static Object stamp(Path path) {
        try {
            return stampAt(path);
        } catch (AccessDeniedException denied) {
            return stampByRoot(path);
        } catch (IOException unreadable) {
            return NONE;
        }
    }

    private static Object stampByRoot(Path path) {
        try (ByRoot.Opened opened = ByRoot.open(path).orElse(null)) {
            return opened == null ? NONE : stampAt(opened.place());
        } catch (IOException unreadable) {
            return NONE;
        }
    }

    private static Object stampAt(Path path) throws IOException {
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
        return List.of(String.valueOf(found.fileKey()), found.lastModifiedTime(), found.size());
    }
}
