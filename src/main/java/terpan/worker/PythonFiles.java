package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import terpan.config.Settings;

/**
 * Puts the Python files that we ship where interpreters can read them: a folder of the user's cache named by their content,
 * so that compiled files serve the next start too. Where root starts workers as another user, that user can read it.
 */
public final class PythonFiles {
    private static final String JAR = "terpan.jar";
    private static final String FOLDER = "python/";
    private static final Set<PosixFilePermission> FOLDER_MODE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-r--r--");
    private static final String PACKAGE = FOLDER + "terpan_worker/";

    /** Where a read-only system has its cache as read-only, too, memory is another place. */
    private static final List<Path> OTHERS_PLACES =
            List.of(Path.of("/var/cache/terpan"), Path.of("/run/terpan-python"), Path.of("/tmp/terpan-python-0"));

    private final Path folder;

    private PythonFiles(Path folder) {
        this.folder = folder;
    }

    /** The same for a start that may be another user's: where that one can read them, or it is refused. */
    public static PythonFiles extract(
            Optional<Settings.Application> application, Map<String, String> environment, Path runDirectory)
            throws StartException {
        if (application.filter(OtherUser::of).isEmpty()) {
            return extract(environment, runDirectory);
        }
        try {
            return forOthers(read(program()), OTHERS_PLACES);
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(runDirectory, RunDirectory.describe(error)));
        }
    }

    /** Root's, in the first of these places that everybody can enter and only root can change. */
    static PythonFiles forOthers(Map<String, byte[]> files, List<Path> places) throws StartException {
        List<String> tried = new ArrayList<>();
        for (Path place : places) {
            try {
                Files.createDirectories(place);
                if (Owner.owns(place, Owner.current())) {
                    Files.setPosixFilePermissions(place, FOLDER_MODE);
                }
                if (!OtherUser.isRoots(place.toRealPath()) || !isOpen(place.toRealPath())) {
                    throw new IOException(
                            "not every folder above it is root's alone to change and everybody's to enter");
                }
                Path folder = place.toRealPath().resolve("python-" + hash(files));
                write(files, folder);
                return new PythonFiles(folder);
            } catch (IOException refused) {
                tried.add(place + ": " + RunDirectory.describe(refused));
            }
        }
        throw new StartException(new StartFailure.FilesUnreadable(tried));
    }

    private static boolean isOpen(Path folder) throws IOException {
        for (Path place = folder; place != null; place = place.getParent()) {
            if (!Files.getPosixFilePermissions(place).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    /** Extracts what is not there yet; into the run directory where no cache can be written. */
    public static PythonFiles extract(Map<String, String> environment, Path runDirectory) throws StartException {
        try {
            Map<String, byte[]> files = read(program());
            String name = "python-" + hash(files);
            IOException last = new IOException("no place to write to");
            for (Path place : places(environment, runDirectory)) {
                try {
                    write(files, place.resolve(name));
                    return new PythonFiles(place.resolve(name));
                } catch (IOException refused) {
                    last = refused;
                }
            }
            throw last;
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(runDirectory, RunDirectory.describe(error)));
        }
    }

    /**
     * The jar that this program runs from, or the folder of its classes; absolute. Not what a class says of its source: one that comes out of
     * the start-up cache says where that was made, and packages are put elsewhere.
     */
    public static Path program() {
        String[] places = System.getProperty("java.class.path", "").split(File.pathSeparator, -1);
        for (String place : places) {
            Path path = Path.of(place);
            if (path.endsWith(JAR) || Files.isDirectory(path.resolve(PACKAGE))) {
                return path.toAbsolutePath();
            }
        }
        return Path.of(places[0]).toAbsolutePath();
    }

    private static Map<String, byte[]> read(Path location) throws IOException {
        Map<String, byte[]> files = Files.isDirectory(location) ? readFolder(location) : readJar(location);
        if (files.isEmpty()) {
            throw new IOException(location + " has no Python files in " + PACKAGE);
        }
        return files;
    }

    private static Map<String, byte[]> readJar(Path location) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (JarFile jar = new JarFile(location.toFile())) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (isOurs(entry.getName())) {
                    try (InputStream content = jar.getInputStream(entry)) {
                        files.put(entry.getName().substring(FOLDER.length()), content.readAllBytes());
                    }
                }
            }
        }
        return files;
    }

    private static Map<String, byte[]> readFolder(Path location) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        Path root = location.resolve(PACKAGE);
        if (!Files.isDirectory(root)) {
            return files;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.toList()) {
                String name = location.relativize(file).toString();
                if (isOurs(name) && Files.isRegularFile(file)) {
                    files.put(name.substring(FOLDER.length()), Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    private static boolean isOurs(String name) {
        return name.startsWith(PACKAGE) && name.endsWith(".py") && !name.contains("..");
    }

    private static String hash(Map<String, byte[]> files) {
        CRC32 first = new CRC32();
        CRC32C second = new CRC32C();
        files.forEach((name, content) -> {
            for (byte[] part : List.of(name.getBytes(UTF_8), content)) {
                first.update(part);
                second.update(part);
            }
        });
        return HexFormat.of().toHexDigits((int) first.getValue())
                + HexFormat.of().toHexDigits((int) second.getValue());
    }

    private static List<Path> places(Map<String, String> environment, Path runDirectory) {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (Owner.current() == 0) {
            // Root's home is closed to the user that workers may become.
            return List.of(OTHERS_PLACES.getFirst(), runDirectory);
        }
        if (!cache.isEmpty()) {
            return List.of(Path.of(cache, "terpan"), runDirectory);
        }
        return home.isEmpty() ? List.of(runDirectory) : List.of(Path.of(home, ".cache", "terpan"), runDirectory);
    }

    private static void write(Map<String, byte[]> files, Path folder) throws IOException {
        // Readable for all: a worker may be another user by the time it imports them. The umask may say less.
        Files.createDirectories(folder);
        if (!Owner.owns(folder, Owner.current()) || Files.isSymbolicLink(folder)) {
            throw new IOException(folder + " is not ours");
        }
        Files.setPosixFilePermissions(folder, FOLDER_MODE);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            if (Files.isRegularFile(target) && Files.size(target) == file.getValue().length) {
                continue;
            }
            Files.createDirectories(target.getParent());
            Files.setPosixFilePermissions(target.getParent(), FOLDER_MODE);
            // A name of its own: another container, of the same process number, may write to a folder that both have.
            Path fresh = Files.createTempFile(target.getParent(), "." + target.getFileName() + ".", "");
            Files.write(fresh, file.getValue());
            Files.setPosixFilePermissions(fresh, FILE_MODE);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** What an interpreter is given to begin a worker. */
    public Path startFile() {
        return folder.resolve("terpan_worker/start.py");
    }

    /** The application that a probe has a server run. */
    public Path probeFile() {
        return folder.resolve("terpan_worker/probing.py");
    }

    /** What an interpreter is given to begin the guard. */
    public Path guardFile() {
        return folder.resolve("terpan_worker/guard.py");
    }
}
