package terpan.edge.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Finds and opens a file below a directory, never one outside: links are resolved first, and the path that comes out is walked from the directory
 * on, each step relative to the one before and through no link, so that nobody can put a link into the way between look and opening. Only
 * regular files, none that is hidden. On disk threads; no state.
 */
final class Opening {
    /** Neighbours, by their endings, and how Content-Encoding calls them. */
    private static final String[][] NEIGHBOURS = {{".br", "br"}, {".zst", "zstd"}, {".gz", "gzip"}};

    /** A neighbour that is older by more was made of something else. */
    private static final long OLDER_MILLIS = 10_000;

    private static final int TRIES = 3;
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    /** No descriptor may be opened now. */
    private static final class TooManyException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final StaticRule rule;
    private final Executor disk;
    private final Openers openers;
    private final OpenBounds bounds;
    private final long now;
    private final long wallMillis;

    Opening(StaticRule rule, Executor disk, Openers openers, OpenBounds bounds, long now, long wallMillis) {
        this.rule = rule;
        this.disk = disk;
        this.openers = openers;
        this.bounds = bounds;
        this.now = now;
        this.wallMillis = wallMillis;
    }

    /**
     * Looks for a file.
     *
     * @param name below the rule's directory; empty: itself
     * @param before what was there; null: nobody knows
     * @return a file that the caller holds, perhaps the one of before, or what there is else
     */
    Found look(String name, @Nullable StaticFile before) {
        try {
            for (int i = 0; i < TRIES; i++) {
                Optional<Found> found = lookOnce(name, before);
                if (found.isPresent()) {
                    return found.get();
                }
            }
            return Found.Missing.MISSING;
        } catch (TooManyException none) {
            return new Found.Busy(bounds.most());
        } catch (NoSuchFileException | NotDirectoryException | FileSystemLoopException | InvalidPathException none) {
            return Found.Missing.MISSING;
        } catch (AccessDeniedException denied) {
            return new Found.Failed("permission denied: " + denied.getFile(), true);
        } catch (FileSystemException other) {
            return isNone(String.valueOf(other.getReason()))
                    ? Found.Missing.MISSING
                    : new Found.Failed(String.valueOf(other.getMessage()), false);
        } catch (IOException other) {
            return new Found.Failed(String.valueOf(other), false);
        }
    }

    /** As the system says that a name is none: through a file, a link in the way, links in circles, too long. */
    private static boolean isNone(String reason) {
        return reason.contains("Not a directory")
                || reason.contains("Too many levels of symbolic links")
                || reason.contains("File name too long")
                || reason.contains("No such device")
                || reason.contains("Is a directory");
    }

    private Optional<Found> lookOnce(String name, @Nullable StaticFile before) throws IOException {
        Path root;
        Path real;
        if (rule.isSingle()) {
            real = rule.place().toRealPath();
            root = Objects.requireNonNull(real.getParent());
        } else {
            root = rule.place().toRealPath();
            real = name.isEmpty() ? root : root.resolve(name).toRealPath();
            if (!isVisible(root, real)) {
                return Optional.of(Found.Missing.MISSING);
            }
        }
        BasicFileAttributes facts = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (facts.isDirectory() && !rule.isSingle()) {
            return directory(name, before);
        }
        if (!facts.isRegularFile() || name.endsWith("/")) {
            return Optional.of(Found.Missing.MISSING);
        }
        if (before != null && isAsBefore(before, real, facts) && before.hold()) {
            before.seen(now, wallMillis);
            return Optional.of(before);
        }
        return openers.open(rule, () -> open(root, real));
    }

    private Optional<Found> directory(String name, @Nullable StaticFile before) throws IOException {
        Optional<String> index = rule.index();
        if (index.isEmpty()) {
            return Optional.of(Found.Missing.MISSING);
        }
        return name.isEmpty() || name.endsWith("/")
                ? lookOnce(name + index.get(), before)
                : Optional.of(Found.Directory.DIRECTORY);
    }

    /** Whether it lies in the directory, and no part of its path there is hidden. */
    private static boolean isVisible(Path root, Path real) {
        if (!real.startsWith(root)) {
            return false;
        }
        for (int i = root.getNameCount(); i < real.getNameCount(); i++) {
            if (FileNames.isHidden(real.getName(i).toString())) {
                return false;
            }
        }
        return true;
    }

    private boolean isAsBefore(StaticFile before, Path real, BasicFileAttributes facts) {
        List<Representation> known = before.representations();
        if (!known.getFirst().is(real, facts)) {
            return false;
        }
        if (!rule.hasNeighbours()) {
            return true;
        }
        int at = 1;
        for (String[] neighbour : NEIGHBOURS) {
            Path path = neighbour(real, neighbour[0]);
            Optional<BasicFileAttributes> its = neighbourFacts(path, facts);
            boolean isKnown = at < known.size() && known.get(at).coding().equals(neighbour[1]);
            if (its.isPresent() != isKnown || (isKnown && !known.get(at).is(path, its.get()))) {
                return false;
            }
            at += isKnown ? 1 : 0;
        }
        return true;
    }

    private static Path neighbour(Path real, String ending) {
        return real.resolveSibling(real.getFileName() + ending);
    }

    /** Of one that counts: a regular file that is not older. */
    private static Optional<BasicFileAttributes> neighbourFacts(Path path, BasicFileAttributes own) {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS))
                    .filter(its -> counts(its, own));
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static boolean counts(BasicFileAttributes neighbour, BasicFileAttributes own) {
        return neighbour.isRegularFile() && !isOlder(neighbour, own.lastModifiedTime());
    }

    /** Empty where something was changed meanwhile. */
    private Optional<Found> open(Path root, Path real) throws IOException {
        try (DirectoryStream<Path> first = Files.newDirectoryStream(root)) {
            if (!(first instanceof SecureDirectoryStream<Path> directory)) {
                throw new IOException("directories of this system can not be walked without a race");
            }
            return walk(directory, real, root.getNameCount());
        }
    }

    private Optional<Found> walk(SecureDirectoryStream<Path> directory, Path real, int part) throws IOException {
        if (part == real.getNameCount() - 1) {
            return open(directory, real);
        }
        try (SecureDirectoryStream<Path> next =
                directory.newDirectoryStream(real.getName(part), LinkOption.NOFOLLOW_LINKS)) {
            return walk(next, real, part + 1);
        }
    }

    private Optional<Found> open(SecureDirectoryStream<Path> directory, Path real) throws IOException {
        List<Representation> opened = new ArrayList<>();
        boolean done = false;
        try {
            Optional<Representation> own = open(directory, real, "identity", null);
            if (own.isEmpty()) {
                return Optional.empty();
            }
            opened.add(own.get());
            for (String[] neighbour : rule.hasNeighbours() ? NEIGHBOURS : new String[0][]) {
                openNeighbour(directory, neighbour(real, neighbour[0]), neighbour[1], own.get())
                        .ifPresent(opened::add);
            }
            done = true;
            return Optional.of(new StaticFile(rule, opened, now, wallMillis, bounds, disk));
        } finally {
            for (Representation one : done ? List.<Representation>of() : opened) {
                one.close();
            }
        }
    }

    private Optional<Representation> openNeighbour(
            SecureDirectoryStream<Path> directory, Path path, String coding, Representation own) {
        try {
            return open(directory, path, coding, own);
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private Optional<Representation> open(
            SecureDirectoryStream<Path> directory, Path real, String coding, @Nullable Representation own)
            throws IOException {
        Path name = Objects.requireNonNull(real.getFileName());
        BasicFileAttributes before = facts(directory, name);
        // Looked at first: to open what is no file may wait for ever. What takes its place now holds an opener.
        if (!before.isRegularFile() || (own != null && isOlder(before, own.modified()))) {
            return Optional.empty();
        }
        if (!bounds.takes(before.size()) && !bounds.hasDescriptor()) {
            throw new TooManyException();
        }
        SeekableByteChannel opened = directory.newByteChannel(name, READ);
        boolean kept = false;
        try {
            BasicFileAttributes after = facts(directory, name);
            if (!Objects.equals(before.fileKey(), after.fileKey())
                    || !before.lastModifiedTime().equals(after.lastModifiedTime())
                    || opened.size() != after.size()) {
                return Optional.empty();
            }
            if (bounds.takes(after.size())) {
                byte[] content = new byte[(int) after.size()];
                return read(opened, content)
                        ? Optional.of(new Representation(coding, real, after, content, null, wallMillis))
                        : Optional.empty();
            }
            if (!(opened instanceof FileChannel file)) {
                throw new IOException("files of this system can not be sent");
            }
            kept = true;
            return Optional.of(new Representation(coding, real, after, null, file, wallMillis));
        } finally {
            if (!kept) {
                opened.close();
            }
        }
    }

    private static boolean isOlder(BasicFileAttributes neighbour, FileTime own) {
        return neighbour.lastModifiedTime().toMillis() < own.toMillis() - OLDER_MILLIS;
    }

    private static BasicFileAttributes facts(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private static boolean read(SeekableByteChannel from, byte[] into) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into);
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }
}
