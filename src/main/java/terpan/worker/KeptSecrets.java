package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** Secrets in files of a folder, each for its owner alone, that stay as long as the folder. */
record KeptSecrets(Path folder) {
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int SECRET_BYTES = 32;
    private static final int TOKEN_LEAST = 16;
    private static final int CONTENT_MOST = 4096;

    /** What cookies are signed with, made when it is first asked for; it stays as long as the directory. */
    byte[] sticky() throws IOException {
        Path file = folder.resolve("sticky-key");
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == SECRET_BYTES) {
            return content(file);
        }
        byte[] secret = secret();
        write(file, secret);
        return secret;
    }

    private static byte[] secret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    /**
     * A token that opens this Terpan to whoever knows it, made when it is first asked for; it stays as long as the directory, in a file for its
     * owner alone.
     *
     * @param name the file's name
     */
    String token(String name) throws IOException {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) > TOKEN_LEAST) {
            return new String(content(file), UTF_8).strip();
        }
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret());
        write(file, (token + "\n").getBytes(UTF_8));
        return token;
    }

    /** Of a small file of ours. */
    static byte[] content(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(
                    file.toString(), null, "no file"); // another user's may be a FIFO, which nobody writes to
        }
        try (InputStream stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return stream.readNBytes(CONTENT_MOST);
        }
    }

    /** Whole or not at all, for its owner alone. */
    private static void write(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ALONE)) {
            channel.write(ByteBuffer.wrap(content));
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
