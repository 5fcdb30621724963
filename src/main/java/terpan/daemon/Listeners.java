package terpan.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import terpan.config.Address;
import terpan.config.AddressText;
import terpan.config.Bind;
import terpan.examine.BindRefusal;
import terpan.worker.RootSide;

/**
 * The sockets for clients, bound before anything else is started, so that an address in use is told at once; they accept only
 * later. Removes the socket files that it made.
 */
final class Listeners implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ
    };

    /** In the order of the settings; replaced as a whole, read by any thread. */
    private volatile List<Listener> all = List.of();

    /** Binds what only root may, where this process has given root up. */
    private volatile Optional<RootSide> root = Optional.empty();

    /** Of the Terpan before, and named by no setting any more; the main thread's. */
    private final List<Listener> unnamed = new ArrayList<>();

    /**
     * A socket file as we made it. Its time never changes, whoever sets its mode or group; its number alone may be another file's once it
     * is gone.
     */
    record SocketFile(Path path, Object device, Object number, Object made) {
        static SocketFile at(Path path) throws IOException {
            Map<String, Object> found =
                    Files.readAttributes(path, "unix:dev,ino,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            return new SocketFile(
                    path,
                    Objects.requireNonNull(found.get("dev")),
                    Objects.requireNonNull(found.get("ino")),
                    Objects.requireNonNull(found.get("lastModifiedTime")));
        }

        /** Another Terpan may have taken the name over meanwhile: its file stays. */
        void delete() throws IOException {
            if (isStill()) {
                Files.deleteIfExists(path);
            }
        }

        private boolean isStill() throws IOException {
            try {
                return equals(at(path));
            } catch (NoSuchFileException gone) {
                return false; // somebody removed it: that is all we want
            }
        }
    }

    /**
     * One of them.
     *
     * @param bind what it was asked to be
     * @param place where it listens, with the port that the kernel chose, also when it is closed
     * @param file the socket file that we made for it
     * @param handed whether someone else bound it for us: settings that do not name it have nothing against it
     */
    record Listener(
            Bind bind,
            ServerSocketChannel channel,
            @Nullable SocketAddress place,
            Optional<SocketFile> file,
            boolean handed) {
        private static Listener of(Bind bind, ServerSocketChannel channel, Optional<SocketFile> file, boolean handed) {
            return new Listener(bind, channel, localOf(channel), file, handed);
        }

        private static Listener of(Bind bind, HandedListeners.Handed handed) {
            return new Listener(bind, handed.channel(), localOf(handed.channel()), Optional.empty(), handed.stays());
        }

        /** With its socket file, which is ours to remove from now on. */
        private Listener withFile() {
            if (handed || file.isPresent() || !(place instanceof UnixDomainSocketAddress unix)) {
                return this;
            }
            try {
                return new Listener(bind, channel, place, Optional.of(SocketFile.at(unix.getPath())), false);
            } catch (IOException gone) {
                return this; // somebody has removed it: there is nothing to remove
            }
        }

        private static @Nullable SocketAddress localOf(ServerSocketChannel channel) {
            try {
                return channel.getLocalAddress();
            } catch (IOException closed) {
                return null;
            }
        }

        private Listener as(Bind other) {
            return new Listener(other, channel, place, file, handed);
        }

        private void close() {
            closeSocket();
            removeFile();
        }

        private void closeSocket() {
            try {
                channel.close();
            } catch (IOException alreadyGone) {
                throw new java.io.UncheckedIOException(alreadyGone);
            }
        }

        /** Nobody finds it any more; who is there stays. */
        void removeFile() {
            if (file.isPresent()) {
                try {
                    file.get().delete();
                } catch (IOException notOurs) {
                    throw new java.io.UncheckedIOException(
                            "cannot remove the socket file " + file.get().path(), notOurs);
                }
            }
        }
    }

    /**
     * What other settings make of them.
     *
     * @param all those that there are afterwards
     * @param added those of them that were bound for it
     * @param changed those whose clients speak otherwise from then on
     * @param leaving those that are no more
     * @param settled whether it has come to it, or never will
     */
    record Change(
            List<Listener> all,
            List<Listener> added,
            List<Listener> changed,
            List<Listener> leaving,
            AtomicBoolean settled) {
        /** It does not come to it, unless it has: lets go of what was bound for it. */
        void abandon() {
            if (settled.compareAndSet(false, true)) {
                added.forEach(Listener::close);
            }
        }
    }

    /** Binds all; when one can not be bound, none is. */
    static Listeners open(List<Bind> binds) throws StartFailure {
        return open(binds, HandedListeners.none());
    }

    /** The same where some are bound already. */
    static Listeners open(List<Bind> binds, HandedListeners handed) throws StartFailure {
        List<Listener> bound = new ArrayList<>();
        boolean done = false;
        try {
            for (Bind bind : binds) {
                Optional<HandedListeners.Handed> known = handed.take(bind.address());
                bound.add(known.isPresent() ? Listener.of(bind, known.get()) : bind(bind));
            }
            Listeners listeners = new Listeners();
            for (HandedListeners.Handed left : handed.left()) {
                (left.stays() ? bound : listeners.unnamed).add(Listener.of(left.bind(), left));
            }
            listeners.all = List.copyOf(bound);
            done = true;
            return listeners;
        } finally {
            if (!done) {
                bound.forEach(Listener::close);
            }
        }
    }

    /** From now on this process is not root: this helper binds low ports. */
    void giveRootUp(RootSide helper) {
        root = Optional.of(helper);
    }

    /** Those that there are. */
    List<Listener> all() {
        return all;
    }

    /**
     * Binds what is wanted and not there yet; nothing else changes until {@link #become}. One whose address is the same stays the same socket.
     *
     * @throws StartFailure an address can not be bound; then nothing was
     */
    Change prepare(List<Bind> wanted) throws StartFailure {
        List<Listener> after = new ArrayList<>();
        List<Listener> added = new ArrayList<>();
        List<Listener> changed = new ArrayList<>();
        boolean done = false;
        try {
            for (Bind bind : wanted) {
                Optional<Listener> known = all.stream()
                        .filter(listener ->
                                listener.bind().address().equals(bind.address()) && !after.contains(listener))
                        .findFirst();
                if (known.isPresent() && !known.get().bind().equals(bind)) {
                    changed.add(known.get().as(bind));
                }
                if (known.isEmpty()) {
                    added.add(bindOrAsk(bind));
                }
                after.add(known.map(listener -> listener.as(bind)).orElseGet(added::getLast));
            }
            List<Listener> leaving = new ArrayList<>();
            for (Listener listener : all) {
                if (after.stream().noneMatch(stays -> stays.channel() == listener.channel())) {
                    (listener.handed() ? after : leaving).add(listener);
                }
            }
            done = true;
            return new Change(List.copyOf(after), added, changed, leaving, new AtomicBoolean());
        } finally {
            if (!done) {
                added.forEach(Listener::close);
            }
        }
    }

    /** From now on those of the change are there; whoever accepts on the others stops it. False: it was abandoned before. */
    boolean become(Change change) {
        if (!change.settled().compareAndSet(false, true)) {
            return false;
        }
        all = change.all();
        for (Listener listener : change.leaving()) {
            try {
                removeFile(listener);
            } catch (java.io.UncheckedIOException left) {
                LoggerFactory.getLogger(Listeners.class)
                        .atWarn()
                        .addKeyValue("reason", left.getMessage())
                        .log("the file of a listener that is no more stays");
            }
        }
        return true;
    }

    private Listener bindOrAsk(Bind bind) throws StartFailure {
        if (root.isEmpty()
                || !(bind.address() instanceof Address.Tcp tcp)
                || tcp.port() == 0
                || tcp.port() >= RootSide.LOW_PORTS) {
            return bind(bind);
        }
        try {
            return Listener.of(bind, root.get().listen(resolved(tcp)), Optional.empty(), false);
        } catch (IOException refused) {
            throw cannot(tcp, BindRefusal.of(tcp, refused).why());
        }
    }

    private static InetSocketAddress resolved(Address.Tcp tcp) throws StartFailure {
        InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
        if (address.isUnresolved()) {
            throw cannot(tcp, "the host name is not known");
        }
        return address;
    }

    private static Listener bind(Bind bind) throws StartFailure {
        try {
            // Not a switch over types, which is linked anew at every start.
            if (bind.address() instanceof Address.Tcp tcp) {
                return bindTcp(tcp, bind);
            } else if (bind.address() instanceof Address.Unix unix) {
                return bindUnix(unix, bind);
            }
            throw new IllegalStateException("neither TCP nor Unix: " + bind);
        } catch (IOException | UnsupportedOperationException refused) {
            BindRefusal refusal = BindRefusal.of(bind.address(), refused);
            throw cannot(bind.address(), refusal.why() + "; " + refusal.advice());
        }
    }

    private static StartFailure cannot(Address address, String why) {
        return new StartFailure(ExitCode.ADDRESS, "cannot listen on " + address + ": " + why);
    }

    private static Listener bindTcp(Address.Tcp tcp, Bind bind) throws IOException, StartFailure {
        InetSocketAddress address = resolved(tcp);
        Listener listener = Listener.of(bind, ServerSocketChannel.open(), Optional.empty(), false);
        try {
            listener.channel().setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.channel().bind(address, BACKLOG);
            return Listener.of(bind, listener.channel(), Optional.empty(), false);
        } catch (IOException | RuntimeException refused) {
            listener.close();
            throw refused;
        }
    }

    private static Listener bindUnix(Address.Unix unix, Bind bind) throws IOException, StartFailure {
        Path path = unix.path();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        removeStale(unix, address);
        Listener listener =
                Listener.of(bind, ServerSocketChannel.open(StandardProtocolFamily.UNIX), Optional.empty(), false);
        try {
            listener.channel().bind(address, BACKLOG);
            listener = Listener.of(bind, listener.channel(), Optional.of(SocketFile.at(path)), false);
            if (bind.group().isPresent()) {
                setGroup(unix, bind.group().get());
            }
            if (bind.mode().isPresent()) {
                Files.setPosixFilePermissions(path, permissions(bind.mode().get()));
            }
            return listener;
        } catch (IOException | StartFailure | RuntimeException refused) {
            listener.close();
            throw refused;
        }
    }

    private static void setGroup(Address.Unix unix, String group) throws IOException, StartFailure {
        Path path = unix.path();
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        try {
            view.setGroup(path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (UserPrincipalNotFoundException unknown) {
            throw cannot(unix, "there is no group " + group);
        } catch (FileSystemException refused) {
            throw cannot(
                    unix,
                    "user " + System.getProperty("user.name") + " may not give the socket to the group " + group
                            + "; be a member of it, or start Terpan as root");
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((mode >> bit & 1) != 0) {
                permissions.add(BITS[bit]);
            }
        }
        return permissions;
    }

    /** A socket file that nobody listens behind is left over and removed; anything else stays. */
    private static void removeStale(Address.Unix unix, UnixDomainSocketAddress address)
            throws IOException, StartFailure {
        Path path = unix.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw cannot(unix, "a file that is not a socket is in the way");
        }
        if (!Files.isWritable(path)) {
            // Whether somebody listens can not be asked then.
            throw cannot(unix, "a socket that is not this user's is in the way; remove it as its owner");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(address);
        } catch (IOException nobody) {
            Files.delete(path);
            return;
        }
        throw cannot(unix, "another process listens there; stop it or name another path with --bind");
    }

    /** Where they listen, for people; the first word of each is the address. */
    List<String> shown() {
        return all.stream()
                .map(listener -> text(listener)
                        + (listener.place() instanceof InetSocketAddress tcp
                                        && tcp.getAddress().isAnyLocalAddress()
                                ? " (every address of this machine)"
                                : ""))
                .toList();
    }

    /** The addresses, as a person would type them. */
    List<String> addresses() {
        return all.stream().map(Listeners::text).toList();
    }

    private static String text(Listener listener) {
        return text(listener.place(), listener.bind());
    }

    private static String text(@Nullable SocketAddress address, Bind asked) {
        if (address instanceof InetSocketAddress tcp) {
            // The kernel says :: of both kinds of every address.
            boolean everyIpv4 = tcp.getAddress().isAnyLocalAddress()
                    && asked.address() instanceof Address.Tcp named
                    && named.host().indexOf(':') < 0;
            return (asked.tls() ? "https://" : "http://")
                    + (everyIpv4 ? "0.0.0.0:" + tcp.getPort() : AddressText.of(tcp)) + "/";
        }
        return address == null ? "closed" : "unix:" + address + (asked.tls() ? " (TLS)" : "");
    }

    /** All that were another process's are ours alone from now on, with their files; those that no setting names are closed. */
    void own() {
        all = all.stream().map(Listener::withFile).toList();
        unnamed.stream().map(Listener::withFile).forEach(Listener::close);
        unnamed.clear();
    }

    /** Another process has all of them, too, and their files are its own from now on. */
    void handOver() {
        all = all.stream()
                .map(listener -> new Listener(
                        listener.bind(), listener.channel(), listener.place(), Optional.empty(), listener.handed()))
                .toList();
    }

    @Override
    public void close() {
        Stream.concat(all.stream(), unnamed.stream()).forEach(listener -> {
            listener.closeSocket();
            removeFile(listener);
        });
    }

    /** Its folder may be root's alone to change. */
    private void removeFile(Listener listener) {
        if (root.isEmpty() || listener.file().isEmpty()) {
            listener.removeFile();
            return;
        }
        Path path = listener.file().get().path();
        try {
            if (!listener.file().get().isStill()) {
                return;
            }
            if (!root.get().remove(path)) {
                listener.removeFile();
            }
        } catch (IOException left) {
            throw new java.io.UncheckedIOException("cannot remove the socket file " + path, left);
        }
    }
}
