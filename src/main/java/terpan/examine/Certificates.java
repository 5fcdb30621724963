package terpan.examine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.ServerCertificate;
import terpan.config.Settings;

/** Whether the certificates of listeners are good for some time yet, and their keys nobody else's to read. */
final class Certificates {
    private static final Duration RENEW = Duration.ofDays(14);
    private static final String SUBJECT = "certificate";

    private Certificates() {}

    static List<Finding> look(Settings.Tls settings, Instant now) {
        List<Finding> findings = new ArrayList<>();
        for (CertificateFiles files : settings.certificates()) {
            // What is wrong with files was told with the settings.
            if (CertificateReader.read(files) instanceof CertificateReader.Good good) {
                findings.add(life(good.certificate(), now));
                if (isForOthers(files.keyFile())) {
                    findings.add(Finding.warning(
                            SUBJECT,
                            "every user of this machine may read the key " + files.keyFile(),
                            "chmod o-r " + files.keyFile()));
                }
            }
        }
        return findings;
    }

    private static Finding life(ServerCertificate certificate, Instant now) {
        String name = certificate.shownName();
        Duration left = Duration.between(now, certificate.expiry());
        Instant begins = certificate.own().getNotBefore().toInstant();
        String renew =
                "renew it, and replace " + certificate.files().certificate() + ": Terpan reads it again by itself";
        if (left.isNegative()) {
            return Finding.problem(SUBJECT, name + " has expired on " + certificate.expiry(), renew);
        }
        if (begins.isAfter(now)) {
            return Finding.problem(SUBJECT, name + " is good from " + begins + " on, and not yet", "set the clock");
        }
        String text = name + " expires on " + certificate.expiry() + ", in " + left.toDays() + " days";
        return left.compareTo(RENEW) < 0 ? Finding.warning(SUBJECT, text, renew) : Finding.ok(SUBJECT, text);
    }

    private static boolean isForOthers(Path key) {
        try {
            return Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
