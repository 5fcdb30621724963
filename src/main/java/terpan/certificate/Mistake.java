package terpan.certificate;

import java.nio.file.Path;

/**
 * What is wrong with one of the files.
 *
 * @param part which of them
 * @param file its path
 * @param what what is wrong and what was expected: goes on from the path
 */
public record Mistake(Part part, Path file, String what) {
    /** Which of the files of a certificate. */
    public enum Part {
        CERTIFICATE,
        KEY,
        PASSPHRASE
    }

    @Override
    public String toString() {
        return file + ", " + what;
    }
}
