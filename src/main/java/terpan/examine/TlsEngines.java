package terpan.examine;

import java.util.List;
import java.util.Optional;
import terpan.config.Settings;
import terpan.tls.BoringSsl;

/** What computes TLS on this machine. */
final class TlsEngines {
    private static final String SUBJECT = "TLS";

    private TlsEngines() {}

    static List<Finding> look(Settings.Tls settings) {
        if (!settings.isSpoken()) {
            return List.of();
        }
        if (settings.engine() == Settings.TlsEngine.JDK) {
            return List.of(Finding.ok(SUBJECT, "the JDK computes it, as tls.engine says"));
        }
        Optional<String> trouble = settings.notByBoringSsl().or(BoringSsl::load);
        if (trouble.isEmpty()) {
            return List.of(Finding.ok(SUBJECT, "BoringSSL computes it"));
        }
        return List.of(
                settings.engine() == Settings.TlsEngine.BORINGSSL
                        ? Finding.problem(SUBJECT, trouble.get(), "set tls.engine to auto")
                        : Finding.warning(
                                SUBJECT,
                                trouble.get() + ": the JDK computes it, which takes about twice as long",
                                "set tls.engine to jdk where that is meant"));
    }
}
