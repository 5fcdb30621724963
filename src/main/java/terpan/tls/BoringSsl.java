package terpan.tls;

import io.netty.internal.tcnative.Library;
import io.netty.internal.tcnative.SSL;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import terpan.certificate.ServerCertificate;
import terpan.scratch.ScratchFolder;

/**
 * BoringSSL as netty-tcnative has it for Linux with glibc: unpacked and loaded at its first use, once for the process, which may take some
 * hundredths of a second. Thread-safe.
 */
public final class BoringSsl {
    private static boolean tried;
    private static Optional<String> trouble = Optional.empty();

    private BoringSsl() {}

    /**
     * Loads it, unless that was tried before.
     *
     * @return why it can not be used on this machine; empty: it is there
     */
    public static synchronized Optional<String> load() {
        if (!tried) {
            tried = true;
            trouble = tryLoad();
        }
        return trouble;
    }

    /** Which one it is, such as {@code BoringSSL}; empty where it can not be used. */
    public static Optional<String> version() {
        return load().isEmpty() ? Optional.of(SSL.versionString()) : Optional.empty();
    }

    /** Which of these certificates it does not take, and why; empty: it takes all. It has to be there. */
    public static Optional<String> refuses(List<ServerCertificate> certificates) {
        try {
            new NativeCertificates(new CertificateTable(certificates)).giveBack();
            return Optional.empty();
        } catch (IllegalStateException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    private static Optional<String> tryLoad() {
        try {
            String machine = machine();
            if (isMusl()) {
                return Optional.of("BoringSSL is built for glibc, and this process runs with musl");
            }
            try (ScratchFolder folder = ScratchFolder.begin()) {
                // The library finds out by its file's name what its classes are called.
                Path file = folder.path().resolve("libnetty_tcnative_" + machine + ".so");
                unpack("/META-INF/native/" + file.getFileName(), file);
                load(file);
            }
            Library.initialize("provided", null);
            String version = SSL.versionString();
            return version.contains("BoringSSL")
                    ? Optional.empty()
                    : Optional.of("BoringSSL was expected, and " + version + " is there");
        } catch (Exception | LinkageError unusable) {
            return Optional.of("BoringSSL can not be loaded: " + unusable.getMessage());
        }
    }

    @SuppressWarnings("restricted") // it is what this class is for
    private static void load(Path library) {
        System.load(library.toString());
    }

    private static String machine() throws IOException {
        String system = System.getProperty("os.name", "");
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (system.equals("Linux") && machine.equals("amd64")) {
            return "linux_x86_64";
        }
        if (system.equals("Linux") && machine.equals("aarch64")) {
            return "linux_aarch_64";
        }
        throw new IOException("there is none for " + system + " on " + machine);
    }

    /** By what is in this process: libraries of musl may lie on other machines too. */
    private static boolean isMusl() throws IOException {
        String mapped = Files.readString(Path.of("/proc/self/maps"));
        return mapped.contains("/ld-musl-") || mapped.contains("/libc.musl-");
    }

    private static void unpack(String name, Path file) throws IOException {
        try (InputStream packed = BoringSsl.class.getResourceAsStream(name)) {
            if (packed == null) {
                throw new IOException("there is no " + name + " among the libraries");
            }
            Files.copy(packed, file);
        }
    }
}
