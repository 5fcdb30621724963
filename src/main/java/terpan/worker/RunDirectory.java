package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/**
 * Where one Terpan keeps its sockets: a folder of mode 0700 that belongs to us, held by a lock for as long as we run. What a
 * predecessor left there is removed: its sockets, by their names, and nothing else. Not thread-safe but for the path getters.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String ENDED = "ended ";

    /** A socket address holds 108 bytes, one of them zero. */
    static final int PATH_MOST = 107;

    private static final int NAME_MOST = "w1024.99999999".length();

    /** Most bytes of a run directory's path, with the sockets' names behind it. */
    public static final int LENGTH_MOST = PATH_MOST - 1 - NAME_MOST;

    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int SECRET_BYTES = 32;
    private static final Pattern SOCKET_NAMES =
            Pattern.compile("control|operators|w\\d+\\.\\d+|s\\d+\\.\\d+(\\.(own|hand|new))?|d\\d+");

    private final Path path;
    /** Null where it is inside another, whose lock holds for it. */
    private final @Nullable FileChannel lockFile;

    private RunDirectory(Path path, @Nullable FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Where the run directory of these settings lies, whether it is there or not. */
    public static Path pathFor(Settings settings, Map<String, String> environment) {
        return settings.admin().runDirectory().orElseGet(() -> chosenPath(settings, environment));
    }

    private static Path chosenPath(Settings settings, Map<String, String> environment) {
        // By the addresses' own text: the one that records come with is linked anew at every start.
        String subject = String.join(
                        ",",
                        settings.bind().stream()
                                .map(bind -> bind.address().toString())
                                .toList())
                + "|"
                + settings.application()
                        .map(application -> application.chdir() + "|" + application.name())
                        .orElseGet(() -> settings.attach().toString());
        String hash = hash(subject);
        int user = Owner.current();
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtime.isEmpty() && Owner.owns(Path.of(runtime), user)) {
            return Path.of(runtime, "terpan-" + hash);
        }
        return Path.of("/tmp", "terpan-" + user, hash);
    }

    private static String hash(String subject) {
        CRC32 first = new CRC32();
        CRC32C second = new CRC32C();
        byte[] bytes = subject.getBytes(UTF_8);
        first.update(bytes);
        second.update(bytes);
        return HexFormat.of().toHexDigits((int) first.getValue())
                + HexFormat.of().toHexDigits((int) second.getValue());
    }

    /** Makes, checks, locks and cleans the directory. */
    public static RunDirectory open(Path path) throws StartException {
        Path absolute = path.toAbsolutePath().normalize();
        int bytes = absolute.toString().getBytes(UTF_8).length;
        if (bytes > LENGTH_MOST) {
            throw new StartException(new StartFailure.PathTooLong(absolute, bytes, LENGTH_MOST));
        }
        try {
            makeOurs(absolute);
            FileChannel lockFile = lock(absolute);
            RunDirectory directory = new RunDirectory(absolute, lockFile);
            directory.removeSockets();
            return directory;
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(absolute, describe(error)));
        }
    }

    /**
     * A directory inside this one, for the sockets of one application of several; closed, it is removed.
     *
     * @param number no other that is there has it; from 1
     */
    public RunDirectory inside(int number) throws StartException {
        Path inner = path.resolve("a" + number);
        int bytes = inner.toString().getBytes(UTF_8).length;
        if (bytes > LENGTH_MOST) {
            throw new StartException(new StartFailure.PathTooLong(inner, bytes, LENGTH_MOST));
        }
        try {
            makeAndCheck(inner);
            RunDirectory directory = new RunDirectory(inner, null);
            directory.removeSockets();
            return directory;
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(inner, describe(error)));
        }
    }

    private static void makeOurs(Path path) throws IOException, StartException {
        Path parent = path.getParent();
        // The folder for all of a user's run directories lies where everybody may make folders: it has to be ours too.
        if (parent != null
                && parent.getParent() != null
                && parent.equals(Path.of("/tmp", "terpan-" + Owner.current()))) {
            makeAndCheck(parent);
        }
        makeAndCheck(path);
    }

    private static void makeAndCheck(Path path) throws IOException, StartException {
        try {
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (FileAlreadyExistsException expected) {
            // Looked at below, whoever made it.
        }
        PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!Owner.owns(path, Owner.current())) {
            throw new StartException(
                    new StartFailure.DirectoryNotOurs(path, found.owner().getName()));
        }
        if (!found.isDirectory()) {
            throw new StartException(new StartFailure.DirectoryUnusable(path, "it is not a directory"));
        }
        if (!OURS_ALONE.equals(found.permissions())) {
            throw new StartException(
                    new StartFailure.DirectoryOpen(path, PosixFilePermissions.toString(found.permissions())));
        }
    }

    private static FileChannel lock(Path path) throws IOException, StartException {
        FileChannel file = FileChannel.open(
                path.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                OWNER_ALONE);
        boolean held = false;
        try {
            FileLock lock = tryLock(file);
            if (lock == null) {
                throw new StartException(new StartFailure.DirectoryLocked(path, readHolder(file)));
            }
            file.truncate(0);
            file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(UTF_8)), 0);
            held = true;
            return file;
        } finally {
            if (!held) {
                file.close();
            }
        }
    }

    @SuppressWarnings("NullAway") // the JDK says "no lock" by null
    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    private static String readHolder(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        file.read(text, 0);
        return new String(text.array(), 0, text.position(), UTF_8).strip();
    }

    private void removeSockets() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                if (SOCKET_NAMES.matcher(entry.getFileName().toString()).matches()
                        && Files.readAttributes(entry, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                                .isOther()) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    static String describe(IOException error) {
        String message = error.getMessage();
        return error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    public Path path() {
        return path;
    }

    /** Leaves word of the exit code, for whoever told this Terpan to stop and is not its parent. */
    public void recordExit(int exitCode) throws IOException {
        FileChannel own = Objects.requireNonNull(lockFile, "an inner directory has no word");
        own.write(ByteBuffer.wrap((ENDED + exitCode + "\n").getBytes(UTF_8)), own.size());
    }

    /** The exit code of the Terpan that had this process; empty: it left no word, or another has come to the directory since. */
    public static OptionalInt wordOf(Path directory, long pid) {
        try {
            List<String> lines = Files.readAllLines(directory.resolve(LOCK), UTF_8);
            boolean its = lines.size() == 2
                    && lines.getFirst().equals(Long.toString(pid))
                    && lines.getLast().startsWith(ENDED);
            return its
                    ? OptionalInt.of(Integer.parseInt(lines.getLast().substring(ENDED.length())))
                    : OptionalInt.empty();
        } catch (IOException | NumberFormatException unreadable) {
            return OptionalInt.empty();
        }
    }

    /** The launchers' control socket. */
    public Path controlSocket() {
        return path.resolve("control");
    }

    /** The operators' socket. */
    public Path operatorsSocket() {
        return path.resolve("operators");
    }

    /** A worker's data socket: no name is used twice while we run. */
    public Path workerSocket(int worker, int start) {
        return path.resolve("w" + worker + "." + start);
    }

    /** A socket that workers share; beside it lie the names that the guard needs for it. */
    Path sharedSocket(int group, int binding) {
        return path.resolve("s" + group + "." + binding);
    }

    /** A secret of this directory's, made when it is first asked for; it stays as long as the directory. */
    public byte[] stickySecret() throws IOException {
        Path file = path.resolve("sticky-key");
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == SECRET_BYTES) {
            return Files.readAllBytes(file);
        }
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        Path fresh = path.resolve("sticky-key.new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ALONE)) {
            channel.write(ByteBuffer.wrap(secret));
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return secret;
    }

    /** Removes our sockets and gives the directory free; the directory and its lock file stay. */
    @Override
    public void close() throws IOException {
        FileChannel held = lockFile;
        if (held == null) {
            removeSockets();
            Files.deleteIfExists(path);
            return;
        }
        try (held) {
            removeSockets();
        }
    }
}
