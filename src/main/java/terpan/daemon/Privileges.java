package terpan.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.certificate.ByRoot;
import terpan.config.Acme;
import terpan.config.Address;
import terpan.config.Bind;
import terpan.config.Loaded;
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
    private static final Path TIOCSTI = Path.of("/proc/sys/dev/tty/legacy_tiocsti");
    /** The first of these that there is and that no application has. */
    private static final List<String> FRONTS = List.of("terpan", "nobody", "daemon");

    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");
    /** Several applications have their numbers before the sockets' names. */
    private static final int FOLDER_LENGTH_MOST = RunDirectory.LENGTH_MOST - "a999999.".length();

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
        if (named.equals(Optional.of(ROOT)) || (named.isEmpty() && applications.isEmpty())) {
            return Optional.empty();
        }
        Optional<Settings.Application> asRoot =
                applications.stream().filter(one -> number(one) == 0).findFirst();
        if (asRoot.isPresent() && named.isPresent()) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "admin.front-user is \"" + named.get() + "\", but the workers of "
                            + asRoot.get().name() + " are root: set application.user, too");
        }
        if (asRoot.isPresent()) {
            return Optional.empty();
        }
        Set<Integer> taken = applications.stream().map(Privileges::number).collect(Collectors.toSet());
        if (named.flatMap(Credentials::user)
                .filter(user -> taken.contains(user.number()))
                .isPresent()) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "admin.front-user is \"" + named.orElseThrow()
                            + "\", which is application.user, too: expected a user that no application has");
        }
        Stream<String> names = named.map(Stream::of).orElseGet(FRONTS::stream);
        Credentials.User front = names.flatMap(name -> Credentials.user(name).stream())
                .filter(user -> user.number() != 0 && !taken.contains(user.number()))
                .findFirst()
                .orElseThrow(() -> new StartFailure(
                        ExitCode.CONFIGURATION,
                        "there is no user that the front could become, tried " + String.join(", ", FRONTS)
                                + ": name one with admin.front-user, or root to have the front stay root"));
        Privileges privileges = new Privileges(front, each);
        privileges.requireRootsSockets();
        return Optional.of(privileges);
    }

    /** Mode and group are set by the file's name, as root: nobody else may put another file there. */
    private void requireRootsSockets() throws StartFailure {
        for (Settings one : settings) {
            for (Bind bind : one.bind()) {
                if (bind.address() instanceof Address.Unix unix
                        && (bind.mode().isPresent() || bind.group().isPresent())
                        && !OtherUser.isRoots(unix.path().toAbsolutePath().resolveSibling(""))) {
                    throw new StartFailure(
                            ExitCode.ADDRESS,
                            "cannot listen on " + unix
                                    + ": root would set its mode or group, and others than root can change its"
                                    + " folder; name a place that root alone can change");
                }
            }
        }
    }

    /** As long as this process is root, log files in folders of others are opened with the rights of whom the front becomes. */
    void openLogs() {
        OpenedByRoot.openAs(
                (file, opening) -> liesAtRoots(file) ? opening.open() : Credentials.withFilesOf(front, opening::open));
    }

    /** The number of the user that its workers are; whoever is not known is root, and nothing is given up for it. */
    private static int number(Settings.Application application) {
        return application
                .user()
                .flatMap(Credentials::user)
                .map(Credentials.User::number)
                .orElse(0);
    }

    /**
     * Gives root up for good.
     *
     * @param command by which another may take this one's place
     * @param read the settings as they were read, with their files
     * @param lost what is done should the helper end
     * @throws StartFailure what is needed then can not be had
     */
    RootSide giveUp(
            RunDirectory directory, Listeners listeners, ServeOptions.Command command, Loaded.Ready read, Runnable lost)
            throws StartFailure, StartException {
        try {
            requireRoots(directory.path());
            PythonFiles python = PythonFiles.extract(
                    settings.stream().flatMap(one -> one.application().stream()).findFirst(),
                    System.getenv(),
                    directory.path());
            RootSide helper = RootSide.start(policy(directory, command, read), starter(), python);
            directory.letPass();
            giveKept();
            Credentials.become(front);
            System.setProperty("user.name", front.name());
            System.setProperty(SystemHost.ROOT_HELPS, "true");
            OpenedByRoot.openAs((file, opening) -> opening.open());
            OpenedByRoot.openBy(log -> channel(helper, log));
            ByRoot.openBy(key -> opened(helper, key));
            listeners.giveRootUp(helper);
            directory.giveRootUp(helper);
            requireReach(helper);
            warn();
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

    /** Root connects to what lies there, and removes it: nobody else may decide what that is. */
    private static void requireRoots(Path folder) throws IOException, StartException {
        if (!OtherUser.isRoots(folder)) {
            throw new IOException("others than root can change " + folder + " or a folder above it");
        }
        int bytes = folder.toString().getBytes(UTF_8).length;
        if (bytes > FOLDER_LENGTH_MOST) {
            throw new StartException(new terpan.worker.StartFailure.PathTooLong(folder, bytes, FOLDER_LENGTH_MOST));
        }
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

    private RootPolicy policy(RunDirectory directory, ServeOptions.Command command, Loaded.Ready read) {
        List<WorkerPlan> plans = settings.stream()
                .flatMap(one -> one.application().stream()
                        .flatMap(application -> WorkerPlan.from(application, one.groups(), false).stream()))
                .toList();
        Stream<Path> logs = settings.stream()
                .flatMap(one -> Stream.of(one.log().file(), one.log().accessFile()))
                .flatMap(Optional::stream);
        return new RootPolicy(
                directory.path(),
                directory.side(),
                front.number(),
                plans,
                settings.stream()
                        .flatMap(one -> one.bind().stream())
                        .flatMap(
                                bind -> bind.address() instanceof Address.Tcp tcp ? Stream.of(tcp.port()) : Stream.of())
                        .filter(port -> port > 0 && port < RootSide.LOW_PORTS)
                        .distinct()
                        .toList(),
                settings.stream()
                        .flatMap(one -> one.tls().certificates().stream())
                        .flatMap(one ->
                                Stream.of(Stream.of(one.certificate()), one.key().stream(), one.passphrase().stream()))
                        .flatMap(paths -> paths)
                        .distinct()
                        .filter(OtherUser::leadsToRoots)
                        .toList(),
                logs.distinct().filter(Privileges::liesAtRoots).toList(),
                settings.stream()
                        .flatMap(one -> one.bind().stream())
                        .flatMap(bind ->
                                bind.address() instanceof Address.Unix unix ? Stream.of(unix.path()) : Stream.of())
                        .distinct()
                        .filter(Privileges::liesAtRoots)
                        .toList(),
                follower(command, read),
                command.directory(),
                read.file().map(Path::toAbsolutePath));
    }

    /** Whether nobody but root makes or removes names in its folder. */
    private static boolean liesAtRoots(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder != null && OtherUser.isRootsAlone(folder);
    }

    /** Root starts it, and reads the settings anew: others may change neither, nor what is found in their place. */
    private static List<String> follower(ServeOptions.Command command, Loaded.Ready read) {
        Stream<Path> files = Stream.of(
                        command.program().stream(),
                        read.file().stream(),
                        read.included().files().stream(),
                        read.sites().stream().map(Loaded.Site::file))
                .flatMap(each -> each);
        boolean itsOwn = command.program().isPresent()
                && read.file().isPresent()
                && OtherUser.isRootsAlone(command.directory())
                && read.included().folders().stream().allMatch(OtherUser::isRootsAlone)
                && files.allMatch(OtherUser::leadsToRoots);
        List<String> follower = new ArrayList<>();
        if (itsOwn) {
            follower.add(command.program().get().toAbsolutePath().toString());
            follower.addAll(command.arguments());
        }
        return follower;
    }

    /** What certificates of an authority are kept in becomes the front's; where its folder is not root's the front has to make it itself. */
    private void giveKept() throws IOException {
        for (Settings one : settings) {
            if (one.tls().acme().isPresent()) {
                Path kept = one.tls().acme().get().directory().toAbsolutePath();
                Path above = kept.getParent();
                if (above != null && OtherUser.isRootsAlone(existing(above))) {
                    Files.createDirectories(above);
                    if (!Files.exists(kept, LinkOption.NOFOLLOW_LINKS)) {
                        Files.createDirectory(kept, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
                    }
                    giveTree(kept);
                }
            }
        }
    }

    /** The nearest of the folders above that is there. */
    private static Path existing(Path path) {
        Path at = path;
        while (!Files.exists(at, LinkOption.NOFOLLOW_LINKS) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
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

    /** What can not be done later, or is not apart by this alone, is told at the start. */
    private void warn() {
        settings.stream()
                .flatMap(one -> Stream.of(one.log().file(), one.log().accessFile()))
                .flatMap(Optional::stream)
                .map(Path::toAbsolutePath)
                .distinct()
                .filter(log -> !liesAtRoots(log) && !Files.isWritable(log.resolveSibling("")))
                .forEach(
                        log -> LOG.atWarn()
                                .addKeyValue("file", log)
                                .log(
                                        "the log can not be opened anew: others than root can change its folder, and the front can not"));
        if (new SystemHost().atTerminal() && !isOff(TIOCSTI)) {
            LOG.atWarn()
                    .log("the front shares a terminal with root, and this kernel lets it type there"
                            + " (dev.tty.legacy_tiocsti): serve without a terminal");
        }
    }

    private static boolean isOff(Path kernelSetting) {
        try {
            return Files.readString(kernelSetting).strip().equals("0");
        } catch (IOException old) {
            return false;
        }
    }

    /** What the front needs as its user it can have. */
    private void requireReach(RootSide helper) throws IOException {
        if (!Files.exists(Path.of("/proc", Long.toString(helper.pid()), "stat"))) {
            throw new IOException("it can not see processes of other users: /proc is mounted with hidepid");
        }
        for (Settings one : settings) {
            Path spool = one.spool().directory();
            if (!Files.isWritable(spool)) {
                throw new IOException("it can not write to " + spool + " (limits.spool-directory)");
            }
            Optional<Path> kept = one.tls().acme().map(Acme::directory);
            if (kept.isPresent() && !Files.isWritable(existing(kept.get().toAbsolutePath()))) {
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
