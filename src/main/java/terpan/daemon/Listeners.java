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
import org.jspecify.annotations.Nullable;
import terpan.config.Address;
import terpan.config.AddressText;
import terpan.config.Bind;
import terpan.examine.BindRefusal;

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

    private final List<ServerSocketChannel> channels = new ArrayList<>();
    /** What each of them was asked to be. */
    private final List<Bind> binds = new ArrayList<>();

    private final List<SocketFile> files = new ArrayList<>();

    /**
     * A socket file as we made it. Its time never changes, whoever sets its mode or group; its number alone may be another file's once it
     * is gone.
     */
    private record SocketFile(Path path, Object device, Object number, Object made) {
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
            try {
                if (equals(at(path))) {
                    Files.deleteIfExists(path);
                }
            } catch (NoSuchFileException gone) {
                // Somebody removed it: that is all we want.
            }
        }
    }

    /** Binds all; when one can not be bound, none is. */
    static Listeners open(List<Bind> binds) throws StartFailure {
        return open(binds, HandedListeners.none());
    }

    /** The same where some are bound already. */
    static Listeners open(List<Bind> binds, HandedListeners handed) throws StartFailure {
        Listeners listeners = new Listeners();
        boolean all = false;
        try {
            for (Bind bind : binds) {
                Optional<ServerSocketChannel> bound = handed.take(bind.address());
                if (bound.isPresent()) {
                    listeners.channels.add(bound.get());
                    listeners.binds.add(bind);
                } else {
                    listeners.bind(bind);
                }
            }
            for (HandedListeners.Handed left : handed.left()) {
                listeners.channels.add(left.channel());
                listeners.binds.add(left.bind());
            }
            all = true;
            return listeners;
        } finally {
            if (!all) {
                listeners.close();
            }
        }
    }

    List<ServerSocketChannel> channels() {
        return channels;
    }

    /** What each of the channels was asked to be, in their order. */
    List<Bind> binds() {
        return binds;
    }

    private void bind(Bind bind) throws StartFailure {
        try {
            // Not a switch over types, which is linked anew at every start.
            if (bind.address() instanceof Address.Tcp tcp) {
                bindTcp(tcp, bind);
            } else if (bind.address() instanceof Address.Unix unix) {
                bindUnix(unix, bind);
            }
        } catch (IOException | UnsupportedOperationException refused) {
            BindRefusal refusal = BindRefusal.of(bind.address(), refused);
            throw cannot(bind.address(), refusal.why() + "; " + refusal.advice());
        }
    }

    private static StartFailure cannot(Address address, String why) {
        return new StartFailure(ExitCode.ADDRESS, "cannot listen on " + address + ": " + why);
    }

    private void bindTcp(Address.Tcp tcp, Bind bind) throws IOException, StartFailure {
        InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
        if (address.isUnresolved()) {
            throw cannot(tcp, "the host name is not known");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        channels.add(channel);
        binds.add(bind);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(address, BACKLOG);
    }

    private void bindUnix(Address.Unix unix, Bind bind) throws IOException, StartFailure {
        Path path = unix.path();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        removeStale(unix, address);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channels.add(channel);
        binds.add(bind);
        channel.bind(address, BACKLOG);
        files.add(SocketFile.at(path));
        if (bind.group().isPresent()) {
            setGroup(unix, bind.group().get());
        }
        if (bind.mode().isPresent()) {
            Files.setPosixFilePermissions(path, permissions(bind.mode().get()));
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
        List<String> shown = new ArrayList<>(addresses());
        for (int i = 0; i < shown.size(); i++) {
            if (local(channels.get(i)) instanceof InetSocketAddress tcp
                    && tcp.getAddress().isAnyLocalAddress()) {
                shown.set(i, shown.get(i) + " (every address of this machine)");
            }
        }
        return shown;
    }

    /** The addresses, as a person would type them. */
    List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            addresses.add(text(local(channels.get(i)), binds.get(i)));
        }
        return addresses;
    }

    private static @Nullable SocketAddress local(ServerSocketChannel channel) {
        try {
            return channel.getLocalAddress();
        } catch (IOException closed) {
            return null;
        }
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

    @Override
    public void close() {
        for (ServerSocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException alreadyGone) {
                throw new java.io.UncheckedIOException(alreadyGone);
            }
        }
        for (SocketFile file : files) {
            try {
                file.delete();
            } catch (IOException notOurs) {
                throw new java.io.UncheckedIOException("cannot remove the socket file " + file.path(), notOurs);
            }
        }
        files.clear();
    }
}
