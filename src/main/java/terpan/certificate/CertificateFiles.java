package terpan.certificate;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where one certificate and its key lie.
 *
 * @param certificate the server's own certificate, and behind it those that it was issued by
 * @param key its private key; empty: in the certificate's file
 * @param passphrase a file whose first line opens an encrypted key
 */
public record CertificateFiles(Path certificate, Optional<Path> key, Optional<Path> passphrase) {
    /** The file that the key is in. */
    public Path keyFile() {
        return key.orElse(certificate);
    }
}
