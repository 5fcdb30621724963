package terpan.worker;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import terpan.config.Settings;

/**
 * How root starts what shall be another user: {@code python/terpan_worker/become.py} does what needs root, with an interpreter that only
 * root can write, and becomes the application's interpreter as that user. Rejected: to give up root in the application's interpreter,
 * which had read the user's files as root by then; {@code setpriv}, which can not hand on what root has opened.
 */
public final class OtherUser {
    private static final List<String> SYSTEMS = List.of("/usr/bin/python3", "/usr/local/bin/python3");
    /** Whoever is in these can become root anyway. */
    private static final Set<String> ROOTS_GROUPS = Set.of("root", "wheel", "staff");

    private static final int STICKY = 01000;
    private static final int LINKS_MOST = 40;
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private OtherUser() {}

    /** Whether workers of this application are another user than root, which starts them. */
    static boolean of(Settings.Application application) {
        return application.user().isPresent() || application.group().isPresent();
    }

    /** The interpreter that begins workers, and the guard: where workers are another user, one that only root can write. */
    public static String starter(Settings.Application application, String interpreter) throws StartException {
        if (!of(application)) {
            return interpreter;
        }
        List<String> tried = new ArrayList<>();
        List<Path> places = new ArrayList<>(onPath(interpreter));
        SYSTEMS.forEach(place -> places.add(Path.of(place)));
        for (Path place : places) {
            Optional<Path> real = real(place);
            if (real.isPresent() && isRoots(real.get()) && isRoots(library(real.get()))) {
                return real.get().toString();
            }
            tried.add(place.toString());
        }
        throw new StartException(new StartFailure.NoStarter(tried));
    }

    /** Not the link in a virtual environment, but what it leads to: beside that lies no file that says where to look for more. */
    private static Optional<Path> real(Path place) {
        try {
            Path real = place.toRealPath();
            return Files.isExecutable(real) && isInterpreter(real) ? Optional.of(real) : Optional.empty();
        } catch (IOException missing) {
            return Optional.empty();
        }
    }

    /** A script that starts an interpreter reads what it likes. */
    private static boolean isInterpreter(Path file) throws IOException {
        try (var content = Files.newInputStream(file)) {
            byte[] begin = content.readNBytes(2);
            return begin.length == 2 && !(begin[0] == '#' && begin[1] == '!');
        }
    }

    private static List<Path> onPath(String interpreter) {
        if (interpreter.contains("/")) {
            return List.of(Path.of(interpreter));
        }
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, interpreter))
                .filter(Files::isExecutable)
                .toList();
    }

    private static Path library(Path interpreter) {
        Path bin = interpreter.getParent();
        Path prefix = bin == null ? null : bin.getParent();
        Path library = prefix == null ? interpreter : prefix.resolve("lib");
        try {
            return library.toRealPath();
        } catch (IOException none) {
            return interpreter;
        }
    }

    /** Whether nobody but root can change this file or put another in its place. */
    public static boolean isRoots(Path file) {
        for (Path place = file; place != null; place = place.getParent()) {
            try {
                PosixFileAttributes found =
                        Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                Set<PosixFilePermission> permissions = found.permissions();
                boolean group = permissions.contains(PosixFilePermission.GROUP_WRITE)
                        && !ROOTS_GROUPS.contains(found.group().getName());
                boolean sticky =
                        ((Integer) Files.getAttribute(place, "unix:mode", LinkOption.NOFOLLOW_LINKS) & STICKY) != 0;
                boolean open = group || permissions.contains(PosixFilePermission.OTHERS_WRITE);
                if (!Owner.owns(place, 0) || (open && !(found.isDirectory() && sticky))) {
                    return false;
                }
            } catch (IOException unreadable) {
                return false;
            }
        }
        return true;
    }

    /** Whether nobody but root makes names in this folder, or puts another in its place. */
    public static boolean isRootsAlone(Path folder) {
        try {
            return isRoots(folder)
                    && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).stream()
                            .noneMatch(OTHERS_WRITE::contains);
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** Whether nobody but root decides which file that is: every link on the way, and what it leads to in the end. */
    public static boolean leadsToRoots(Path file) {
        Path done = Path.of("/");
        Deque<Path> rest = new ArrayDeque<>();
        file.toAbsolutePath().normalize().forEach(rest::add);
        int links = 0;
        try {
            while (!rest.isEmpty()) {
                Path next = done.resolve(rest.removeFirst());
                if (!Files.isSymbolicLink(next)) {
                    done = next;
                    continue;
                }
                links++;
                if (links > LINKS_MOST || !Owner.owns(next, Owner.ROOT) || !isRoots(done)) {
                    return false;
                }
                List<Path> target = new ArrayList<>();
                done.resolve(Files.readSymbolicLink(next)).normalize().forEach(target::add);
                target.reversed().forEach(rest::addFirst);
                done = Path.of("/");
            }
            return isRoots(done);
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** What {@code become.py} needs of the application's settings: who it shall be, with which interpreter and which variables. */
    static Map<String, String> orders(Settings.Application application, String interpreter) {
        Map<String, String> orders = new LinkedHashMap<>();
        orders.put("user", application.user().orElse(""));
        orders.put("group", application.group().orElse(""));
        orders.put("interpreter", interpreter);
        application.environment().forEach((name, value) -> orders.put("environment." + name, value));
        return orders;
    }

    /** What root runs to begin it. */
    static List<String> command(String starter, PythonFiles python) {
        return List.of(starter, "-I", "-S", python.startFile().toString(), "become");
    }

    /** Nothing of root's own variables, which name places and hold secrets; what is the machine's stays. */
    static void clean(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(name -> !name.equals("LANG")
                        && !name.equals("LANGUAGE")
                        && !name.equals("TZ")
                        && !name.startsWith("LC_"));
    }
}
