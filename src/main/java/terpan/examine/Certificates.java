package terpan.examine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import terpan.acme.Failure;
import terpan.acme.KeptCertificates;
import terpan.certificate.CertificateFiles;
import terpan.certificate.CertificateReader;
import terpan.certificate.ServerCertificate;
import terpan.config.Acme;
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
        settings.acme().ifPresent(acme -> findings.addAll(issued(acme, now)));
        return findings;
    }

    /** Those of an authority, which Terpan renews while it serves. */
    static List<Finding> issued(Acme settings, Instant now) {
        List<Finding> findings = new ArrayList<>();
        KeptCertificates kept = new KeptCertificates(settings);
        String how =
                "by " + settings.challenge().name().toLowerCase(Locale.ROOT).replace('_', '-') + " from "
                        + settings.authority();
        for (String name : settings.names()) {
            Optional<ServerCertificate> certificate = kept.certificate(name);
            String has = certificate
                    .map(own ->
                            name + (own.expiry().isBefore(now) ? " has expired on " : " expires on ") + own.expiry())
                    .orElse(name + " has no certificate yet; one is had " + how + " once it serves");
            Optional<Failure> failure = kept.failure(name);
            if (failure.isPresent()) {
                Failure last = failure.get();
                findings.add(Finding.warning(
                        SUBJECT,
                        has + "; the last " + last.tries() + " orders " + how + " have failed: " + last.why(),
                        "see that the authority reaches this machine by that name; it is tried again at " + last.next()
                                + ", or by a reload"));
            } else if (certificate.filter(own -> own.expiry().isBefore(now)).isPresent()) {
                findings.add(Finding.warning(SUBJECT, has, "start Terpan: it has another one issued"));
            } else {
                findings.add(Finding.ok(
                        SUBJECT,
                        has + certificate.map(own -> ", renewed " + how).orElse("")));
            }
        }
        if (Files.isDirectory(settings.folder()) && isForOthers(settings.folder())) {
            findings.add(Finding.warning(
                    SUBJECT,
                    "every user of this machine may read in " + settings.folder(),
                    "chmod 700 " + settings.folder()));
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
