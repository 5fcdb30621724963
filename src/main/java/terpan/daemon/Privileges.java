package terpan.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.certificate.ByRoot;
import terpan.config.Acme;
import terpan.config.Address;
import terpan.config.Settings;
import terpan.config.SystemHost;
import terpan.handover.Credentials;
import terpan.handover.DescriptorChannel;
import terpan.log.OpenedByRoot;
import terpan.worker.OtherUser;
import terpan.worker.PythonFiles;
import terpan.worker.RootPolicy;
import terpan.worker.RootSide;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.WorkerPlan;

/**
 * Who the front is where root has started it: while it binds and reads what only root may, root; before it reads a client's byte, another user for
 * good, and {@link RootSide} does what needs root from then on. Not where an application's workers are root themselves, for then nothing is
 * gained. What may be done is in {@code docs/boundary.md}.
 */
final class Privileges {
    private static final Logger LOG = LoggerFactory.getLogger(Privileges.class);
    private static final String ROOT = "root";
    /** The first of these that there is and that no application has. */
    private static final List<String> FRONTS = List.of("terpan", "nobody", "daemon");

    private static final Set<PosixFilePermission> FOLDER_MODE = PosixFilePermissions.fromString("rwx--x--x");
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");
    /** Several applications have their numbers before the sockets' names. */
    private static final int FOLDER_LENGTH_MOST = RunDirectory.LENGTH_MOST - "a999999.".length();

    private static final int LOW_PORTS = 1024;

    private final Credentials.User front;
    private final List<Settings> settings;

    private Privileges(Credentials.User front, List<Settings> settings) {
        this.front = front;
        this.settings = settings;
    }

    /**
     * What is to be given up.
     *
     * @param whole what all applications share
     * @param each the settings of each application
     * @return empty: nothing, for this process is not root, or workers are
     * @throws StartFailure the user that the front is to become is one that an application has, or is none
     */
    static Optional<Privileges> of(Settings whole, List<Settings> each) throws StartFailure {
        if (!new SystemHost().isRoot()) {
            return Optional.empty();
        }
        Optional<String> named = whole.admin().frontUser();
        List<Settings.Application> applications =
                each.stream().flatMap(one -> one.application().stream()).toList();
        Optional<Settings.Application> asRoot = applications.stream()
                .filter(one -> one.user().orElse(ROOT).equals(ROOT))
                .findFirst();
        if (named.equals(Optional.of(ROOT))) {
            return Optional.empty();
        }
        if (asRoot.isPresent() && named.isPresent()) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "admin.front-user is \"" + named.get() + "\", but the workers of "
                            + asRoot.get().name() + " are root: set application.user, too");
        }
        if (asRoot.isPresent()) {
            LOG.atInfo()
                    .addKeyValue("application", asRoot.get().name())
                    .log("the front stays root, for workers are: set application.user");
            return Optional.empty();
        }
        Set<String> taken =
                applications.stream().flatMap(one -> one.user().stream()).collect(Collectors.toSet());
        if (named.filter(taken::contains).isPresent()) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "admin.front-user is \"" + named.get()
                            + "\", which is application.user, too: expected a user that no application has");
        }
        Stream<String> names =
                named.map(Stream::of).orElseGet(() -> FRONTS.stream().filter(name -> !taken.contains(name)));
        Credentials.User front = names.flatMap(name -> Credentials.user(name).stream())
                .filter(user -> user.number() != 0)
                .findFirst()
                .orElseThrow(() -> new StartFailure(
                        ExitCode.CONFIGURATION,
                        "there is no user that the front could become, tried " + String.join(", ", FRONTS)
                                + ": name one with admin.front-user, or root to have the front stay root"));
        return Optional.of(new Privileges(front, each));
    }

    /** The number of the user that the front becomes. */
    OptionalInt number() {
        return OptionalInt.of(front.number());
    }

    /**
     * Gives root up for good.
     *
     * @param command by which another may take this one's place
     * @param lost what is done should the helper end
     * @throws StartFailure what is needed then can not be had
     */
    RootSide giveUp(RunDirectory directory, Listeners listeners, ServeOptions.Command command, Runnable lost)
            throws StartFailure, StartException {
        try {
            Path folder = folder(directory);
            PythonFiles python = PythonFiles.extract(
                    settings.stream().flatMap(one -> one.application().stream()).findFirst(),
                    System.getenv(),
                    directory.path());
            RootSide helper = RootSide.start(policy(folder, directory.side(), listeners, command), starter(), python);
            giveFiles(directory);
            Credentials.become(front);
            System.setProperty("user.name", front.name());
            System.setProperty(SystemHost.ROOT_HELPS, "true");
            OpenedByRoot.openBy(file -> channel(helper, file));
            ByRoot.openBy(file -> opened(helper, file));
            listeners.giveRootUp(helper);
            directory.giveRootUp(helper);
            requireReach();
            helper.onLost(lost);
            LOG.atInfo()
                    .addKeyValue("user", front.name())
                    .log("the front has given root up; root's helper starts workers");
            return helper;
        } catch (IOException refused) {
            throw new StartFailure(
                    ExitCode.RUN_DIRECTORY,
                    "the front can not become user " + front.name() + ": " + refused
                            + "; name another with admin.front-user, or root to have it stay root");
        }
    }

    private static Optional<FileChannel> channel(RootSide helper, Path file) throws IOException {
        return helper.append(file).map(java.io.FileOutputStream::getChannel);
    }

    private static Optional<ByRoot.Opened> opened(RootSide helper, Path file) throws IOException {
        Optional<DescriptorChannel.Descriptor> descriptor = helper.read(file);
        if (descriptor.isEmpty()) {
            return Optional.empty();
        }
        FileInputStream stream = descriptor.get().input();
        return Optional.of(new ByRoot.Opened(stream, descriptor.get().place()));
    }

    /** Beside the run directory, which is the front's: here nobody but root makes or removes a name. */
    private static Path folder(RunDirectory directory) throws IOException, StartException {
        Path folder = directory.path().resolveSibling(directory.path().getFileName() + ".root");
        int bytes = folder.toString().getBytes(UTF_8).length;
        if (bytes > FOLDER_LENGTH_MOST) {
            throw new StartException(new terpan.worker.StartFailure.PathTooLong(folder, bytes, FOLDER_LENGTH_MOST));
        }
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
        } catch (FileAlreadyExistsException before) {
            PosixFileAttributes found =
                    Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isDirectory() || !found.owner().getName().equals(ROOT)) {
                throw new IOException(folder + " is not root's; remove it");
            }
        }
        Files.setPosixFilePermissions(folder, FOLDER_MODE); // the umask may say less
        return folder;
    }

    private String starter() throws StartException {
        for (Settings one : settings) {
            if (one.application().isPresent()) {
                Settings.Application application = one.application().get();
                return OtherUser.starter(
                        application, application.python().map(Path::toString).orElse("python3"));
            }
        }
        return "/usr/bin/python3";
    }

    private RootPolicy policy(Path folder, String side, Listeners listeners, ServeOptions.Command command) {
        List<WorkerPlan> plans = settings.stream()
                .flatMap(one -> one.application().stream()
                        .flatMap(application -> WorkerPlan.from(application, one.groups(), false).stream()))
                .toList();
        Stream<Path> logs = settings.stream()
                .flatMap(one -> Stream.of(one.log().file(), one.log().accessFile()))
                .flatMap(Optional::stream);
        return new RootPolicy(
                folder,
                side,
                front.number(),
                plans,
                settings.stream()
                        .flatMap(one -> one.bind().stream())
                        .flatMap(
                                bind -> bind.address() instanceof Address.Tcp tcp ? Stream.of(tcp.port()) : Stream.of())
                        .filter(port -> port > 0 && port < LOW_PORTS)
                        .distinct()
                        .toList(),
                settings.stream()
                        .flatMap(one -> one.tls().certificates().stream())
                        .flatMap(one ->
                                Stream.of(Stream.of(one.certificate()), one.key().stream(), one.passphrase().stream()))
                        .flatMap(paths -> paths)
                        .distinct()
                        .filter(Privileges::isRoots)
                        .toList(),
                logs.distinct().filter(Privileges::liesAtRoots).toList(),
                listeners.files().stream().filter(Privileges::liesAtRoots).toList(),
                follower(command),
                command.directory());
    }

    /** Whether nobody but root makes or removes names in its folder. */
    private static boolean liesAtRoots(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder != null && OtherUser.isRoots(folder);
    }

    /** Whether nobody but root decides which file that is, links in its path or not. */
    private static boolean isRoots(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            return folder != null && OtherUser.isRoots(folder.toRealPath()) && OtherUser.isRoots(file.toRealPath());
        } catch (IOException missing) {
            return false;
        }
    }

    private static List<String> follower(ServeOptions.Command command) {
        List<String> follower = new ArrayList<>();
        if (command.program().filter(Privileges::isRoots).isPresent()) {
            follower.add(command.program().get().toAbsolutePath().toString());
            follower.addAll(command.arguments());
        }
        return follower;
    }

    /** What the front writes to later becomes its user's: the run directory, and what an authority's certificates are kept in. */
    private void giveFiles(RunDirectory directory) throws IOException {
        directory.giveTo(front.number(), front.group());
        for (Settings one : settings) {
            if (one.tls().acme().isPresent()) {
                Path kept = one.tls().acme().get().folder();
                Files.createDirectories(kept, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
                giveTree(kept);
            }
        }
    }

    /** One that is the front's already it may have changed: nothing in it is touched. */
    private void giveTree(Path top) throws IOException {
        if (!Files.getOwner(top, LinkOption.NOFOLLOW_LINKS).getName().equals(ROOT)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(top)) {
            all = tree.toList().reversed();
        }
        for (Path path : all) {
            Files.setAttribute(path, "unix:gid", front.group(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:uid", front.number(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** What the front needs as its user it can have. */
    private void requireReach() throws IOException {
        for (Settings one : settings) {
            Path spool = one.spool().directory();
            if (!Files.isWritable(spool)) {
                throw new IOException("it can not write to " + spool + " (limits.spool-directory)");
            }
            Optional<Path> kept = one.tls().acme().map(Acme::folder);
            if (kept.isPresent() && !Files.isWritable(kept.get())) {
                throw new IOException("it can not write to " + kept.get() + " (tls.acme.directory)");
            }
            for (Map.Entry<String, Path> served : served(one).entrySet()) {
                if (!Files.isReadable(served.getValue())) {
                    LOG.atWarn()
                            .addKeyValue("place", served.getValue())
                            .addKeyValue("setting", served.getKey())
                            .addKeyValue("user", front.name())
                            .log("the front can not read what it is to serve: its user needs the right to");
                }
            }
        }
    }

    private static Map<String, Path> served(Settings one) {
        Map<String, Path> places = new java.util.LinkedHashMap<>();
        one.files().statics().forEach(each -> places.put("static " + each.path(), each.place()));
        one.files().internal().forEach(each -> places.put("internal " + each.path(), each.place()));
        one.files().sendfile().forEach(each -> places.put("sendfile", each));
        return places;
    }
}
