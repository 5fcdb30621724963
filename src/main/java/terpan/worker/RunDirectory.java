package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    /** Names the socket at which the Terpan before has what it hands over to this one. */
    public static final String UPGRADE_VARIABLE = "UPGRADES_TERPAN";

    static final String LOCK = "lock";

    /** Held by a Terpan beside the one that holds the lock, which it is about to follow. */
    private static final String NEXT_LOCK = "lock.next";

    /** In the names of one of two that are there at once; the other has nothing there. */
    private static final String OTHER_SIDE = "b";

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final String ENDED = "ended ";

    /** A socket address holds 108 bytes, one of them zero. */
    static final int PATH_MOST = 107;

    private static final int NAME_MOST = "w1024.99999999b".length();

    /** Most bytes of a run directory's path, with the sockets' names behind it. */
    public static final int LENGTH_MOST = PATH_MOST - 1 - NAME_MOST;

    private static final String UPGRADE = "upgrade";
    private static final String OPERATORS = "operators";
    private static final int CONTROL_BACKLOG = 1024;

    private final Path path;
    /** Behind the names of what is ours; empty or {@link #OTHER_SIDE}, so that two can be there at once. */
    private final String side;

    /** What comes before the names of the sockets of one application of several. */
    private final String application;

    /** Who makes the sockets of workers; empty: we do, here. */
    private volatile Optional<RootSide> root = Optional.empty();

    /** Null where it is inside another, whose lock holds for it; guarded by this. */
    private @Nullable FileChannel lockFile;

    /** Whether the operators' socket is another process's; guarded by this. */
    private boolean handedOver;

    /** That of the Terpan before, opened as long as this process was root; guarded by this. */
    private @Nullable FileChannel lockToCome;

    /** What cookies are signed with, read as long as this process was root. */
    private Optional<byte[]> sticky = Optional.empty();

    private boolean following; // guarded by this
    private boolean closed; // guarded by this

    private RunDirectory(Path path, String side, @Nullable FileChannel lockFile) {
        this(path, side, lockFile, "");
    }

    private RunDirectory(Path path, String side, @Nullable FileChannel lockFile, String application) {
        this.path = path;
        this.side = side;
        this.application = application;
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
        // Root's is closed to whom the front becomes.
        if (user != Owner.ROOT && !runtime.isEmpty() && Owner.owns(Path.of(runtime), user)) {
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
            OwnDirectory.makeOurs(absolute);
            FileChannel lockFile = DirectoryLock.take(absolute, LOCK);
            try {
                refuseFollower(absolute);
                for (String side : List.of("", OTHER_SIDE)) {
                    new RunDirectory(absolute, side, null).removeSockets();
                }
                removeIfSocket(absolute.resolve(OPERATORS));
                return new RunDirectory(absolute, "", lockFile);
            } catch (IOException | StartException refused) {
                lockFile.close();
                throw refused;
            }
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(absolute, describe(error)));
        }
    }

    /** One that is about to follow a Terpan, which has just ended, is still there: the lock is for it. */
    private static void refuseFollower(Path path) throws IOException, StartException {
        if (Files.exists(path.resolve(NEXT_LOCK), LinkOption.NOFOLLOW_LINKS)) {
            try (FileChannel _ = DirectoryLock.take(path, NEXT_LOCK)) {
                Files.deleteIfExists(path.resolve(NEXT_LOCK));
            }
        }
    }

    /**
     * The directory that a Terpan has, for one that is about to take its place; it gets its lock by {@link #inherit}.
     *
     * @param side what {@link #nextSide} of that one said
     */
    public static RunDirectory beside(Path path, String side) throws StartException {
        try {
            OwnDirectory.makeAndCheck(path);
            RunDirectory directory = new RunDirectory(path, side, DirectoryLock.take(path, NEXT_LOCK));
            directory.following = true;
            directory.removeSockets();
            return directory;
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(path, describe(error)));
        }
    }

    /**
     * Whether this socket is where a Terpan of this directory hands over to one with this side: what it says of itself is believed where it was
     * found there alone.
     */
    public static boolean isUpgradeSocket(Path socket, Path path, String side) {
        String its = side.isEmpty() ? OTHER_SIDE : "";
        return Set.of("", OTHER_SIDE).contains(side) && socket.equals(path.resolve(UPGRADE + its));
    }

    /** What a Terpan beside this one has behind its names. */
    public String nextSide() {
        return side.isEmpty() ? OTHER_SIDE : "";
    }

    /** Whether the Terpan before has not ended yet. */
    public synchronized boolean isFollowing() {
        return following;
    }

    /**
     * Waits until the Terpan before has ended, and takes its lock; or until this is closed.
     *
     * @throws IOException the lock file can not be used
     */
    public void inherit() throws IOException, InterruptedException {
        while (!tryInherit()) {
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private synchronized boolean tryInherit() throws IOException {
        if (closed) {
            return true;
        }
        FileChannel its = lockToCome == null ? DirectoryLock.open(path, LOCK) : lockToCome;
        if (!DirectoryLock.hold(its)) {
            if (lockToCome == null) {
                its.close();
            }
            return false;
        }
        FileChannel before = lockFile;
        lockFile = its;
        lockToCome = null;
        if (before != null) {
            before.close();
        }
        remove(path.resolve(NEXT_LOCK));
        following = false;
        if (root.isEmpty()) {
            // Where it was killed it has left what was its own; root's helper removes what it has made.
            new RunDirectory(path, nextSide(), null).removeSockets();
        }
        return true;
    }

    /** The operators' socket of the Terpan before is no more: where it was killed, its file may be there still. */
    public void clearOperatorsSocket() throws IOException {
        remove(path.resolve(OPERATORS));
    }

    /** The operators' socket is another process's from now on. */
    public synchronized void handOver() {
        handedOver = true;
    }

    /**
     * A directory inside this one, for the sockets of one application of several; closed, it is removed.
     *
     * @param number no other that is there has it; from 1
     */
    public RunDirectory inside(int number) throws StartException {
        if (root.isPresent()) {
            RunDirectory same = new RunDirectory(path, side, null, "a" + number + ".");
            same.root = root;
            return same;
        }
        Path inner = path.resolve("a" + number + side);
        int bytes = inner.toString().getBytes(UTF_8).length;
        if (bytes > LENGTH_MOST) {
            throw new StartException(new StartFailure.PathTooLong(inner, bytes, LENGTH_MOST));
        }
        try {
            OwnDirectory.makeAndCheck(inner);
            RunDirectory directory = new RunDirectory(inner, side, null);
            directory.removeSockets();
            return directory;
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(inner, describe(error)));
        }
    }

    private void removeSockets() throws IOException {
        Pattern inner = Pattern.compile("a\\d+" + side);
        Pattern sockets = Pattern.compile(
                "(a\\d+\\.)?(upgrade|control|helper|w\\d+\\.\\d+|s\\d+\\.\\d+|d\\d+)" + side + "(\\.(own|hand|new))?");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (inner.matcher(name).matches() && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    // Of an application, which a Terpan that was killed has left.
                    new RunDirectory(entry, side, null).close();
                } else if (sockets.matcher(name).matches()) {
                    removeIfSocket(entry);
                }
            }
        }
    }

    private static void removeIfSocket(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                && Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            Files.deleteIfExists(file);
        }
    }

    /** What is not ours stays, and the directory with it. */
    private void deleteIfEmpty() throws IOException {
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException notOurs) {
            // Whoever put it there has to look after it.
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
    public synchronized void recordExit(int exitCode) throws IOException {
        FileChannel own = Objects.requireNonNull(lockFile, "an inner directory has no word");
        own.write(ByteBuffer.wrap((ENDED + exitCode + "\n").getBytes(UTF_8)), own.size());
    }

    /** The exit code of the Terpan that had this process; empty: it left no word, or another has come to the directory since. */
    public static OptionalInt wordOf(Path directory, long pid) {
        OptionalInt word = wordOf(directory.resolve(LOCK), Long.toString(pid));
        return word.isPresent() ? word : wordOf(directory.resolve(NEXT_LOCK), Long.toString(pid));
    }

    private static OptionalInt wordOf(Path file, String pid) {
        try {
            List<String> lines =
                    new String(KeptSecrets.content(file), UTF_8).lines().toList();
            boolean its = lines.size() == 2
                    && lines.getFirst().equals(pid)
                    && lines.getLast().startsWith(ENDED);
            return its
                    ? OptionalInt.of(Integer.parseInt(lines.getLast().substring(ENDED.length())))
                    : OptionalInt.empty();
        } catch (IOException | NumberFormatException unreadable) {
            return OptionalInt.empty();
        }
    }

    /**
     * Makes ready for {@link #giveRootUp}: others may pass through to what is theirs, all in it stays root's alone to change, and what is
     * needed of it later is read and opened.
     *
     * @throws IOException the system does not do it
     */
    public void letPass() throws IOException {
        sticky = Optional.of(secrets().sticky());
        if (following) {
            lockToCome = DirectoryLock.open(path, LOCK);
        }
        OwnDirectory.letPass(path);
    }

    /**
     * From now on this process is another user, and names here are made and removed by root's helper.
     *
     * @throws IOException the directory can not be passed through
     */
    public void giveRootUp(RootSide helper) throws IOException {
        Owner.gaveRootUp();
        root = Optional.of(helper);
        if (!Files.exists(path.resolve(LOCK))) {
            throw new AccessDeniedException(
                    path.toString(), null, "this user can not pass through the folders above it");
        }
    }

    /** What is behind our names. */
    public String side() {
        return side;
    }

    /** Root's helper, where this process has given root up. */
    public Optional<RootSide> root() {
        return root;
    }

    /**
     * A socket here that listens for connections and is for us alone, or for root: {@link #controlSocket}, {@link #upgradeSocket} or {@link
     * #operatorsSocket}.
     */
    public ServerSocketChannel door(Path place) throws IOException {
        if (root.isPresent()) {
            return root.get().door(place.getFileName().toString());
        }
        removeIfSocket(place);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(place), CONTROL_BACKLOG);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-------"));
            return server;
        } catch (IOException refused) {
            server.close();
            throw refused;
        }
    }

    /** A socket's name is not needed any more. */
    public void remove(Path socket) throws IOException {
        if (root.isPresent()) {
            root.get().forget(socket.getFileName().toString());
        } else {
            Files.deleteIfExists(socket);
        }
    }

    private Path place(String name) {
        return path.resolve(application + name + side);
    }

    /** The launchers' control socket. */
    public Path controlSocket() {
        return place("control");
    }

    /** The operators' socket, of one process at a time. */
    public Path operatorsSocket() {
        return path.resolve(OPERATORS);
    }

    /** Where one that is to take this one's place gets what is handed over. */
    public Path upgradeSocket() {
        return place(UPGRADE);
    }

    /** A worker's data socket: no name is used twice while we run. */
    public Path workerSocket(int worker, int start) {
        return place("w" + worker + "." + start);
    }

    /** A socket that workers share; beside it lie the names that the guard needs for it. */
    Path sharedSocket(int group, int binding) {
        return place("s" + group + "." + binding);
    }

    /** Secrets that stay as long as the directory. */
    private KeptSecrets secrets() {
        return new KeptSecrets(path);
    }

    /** A secret of this directory's, made when it is first asked for; it stays as long as the directory. */
    public byte[] stickySecret() throws IOException {
        return sticky.isPresent() ? sticky.get() : secrets().sticky();
    }

    /**
     * A token that opens this Terpan to whoever knows it, made when it is first asked for; it stays as long as the directory, in a file for its
     * owner alone.
     *
     * @param name the file's name
     */
    public String token(String name) throws IOException {
        return secrets().token(name);
    }

    /** Removes our sockets and gives the directory free; the directory and its lock file stay. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        FileChannel held = lockFile;
        if (root.isPresent()) {
            if (held != null) {
                held.close();
            }
            return; // root's helper has removed what it has made
        }
        if (held == null) {
            removeSockets();
            deleteIfEmpty();
            return;
        }
        try (held) {
            removeSockets();
            if (following) {
                Files.deleteIfExists(path.resolve(NEXT_LOCK));
            }
            if (!handedOver && !following) {
                removeIfSocket(path.resolve(OPERATORS));
            }
        }
    }
}
