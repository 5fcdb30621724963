package terpan.daemon;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import terpan.config.Address;
import terpan.config.Bind;

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
        Listeners listeners = new Listeners();
        boolean all = false;
        try {
            for (Bind bind : binds) {
                listeners.bind(bind);
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

    private void bind(Bind bind) throws StartFailure {
        try {
            // Not a switch over types, which is linked anew at every start.
            if (bind.address() instanceof Address.Tcp tcp) {
                bindTcp(tcp);
            } else if (bind.address() instanceof Address.Unix unix) {
                bindUnix(unix.path(), bind);
            }
        } catch (BindException refused) {
            throw new StartFailure(
                    ExitCode.ADDRESS,
                    "cannot listen on " + bind.address() + ": " + refused.getMessage()
                            + "; stop what uses it or name another address with --bind");
        } catch (IOException | UnsupportedOperationException failed) {
            throw new StartFailure(ExitCode.ADDRESS, "cannot listen on " + bind.address() + ": " + failed.getMessage());
        }
    }

    private void bindTcp(Address.Tcp tcp) throws IOException, StartFailure {
        InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
        if (address.isUnresolved()) {
            throw new StartFailure(ExitCode.ADDRESS, "cannot listen on " + tcp + ": the host name is not known");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        channels.add(channel);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(address, BACKLOG);
    }

    private void bindUnix(Path path, Bind bind) throws IOException, StartFailure {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        removeStale(path, address);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channels.add(channel);
        channel.bind(address, BACKLOG);
        files.add(SocketFile.at(path));
        if (bind.group().isPresent()) {
            setGroup(path, bind.group().get());
        }
        if (bind.mode().isPresent()) {
            Files.setPosixFilePermissions(path, permissions(bind.mode().get()));
        }
    }

    private static void setGroup(Path path, String group) throws IOException, StartFailure {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        try {
            view.setGroup(path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (java.nio.file.attribute.UserPrincipalNotFoundException unknown) {
            throw new StartFailure(ExitCode.ADDRESS, "cannot listen on unix:" + path + ": there is no group " + group);
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
    private static void removeStale(Path path, UnixDomainSocketAddress address) throws IOException, StartFailure {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new StartFailure(
                    ExitCode.ADDRESS, "cannot listen on unix:" + path + ": a file that is not a socket is in the way");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(address);
        } catch (IOException nobody) {
            Files.delete(path);
            return;
        }
        throw new StartFailure(ExitCode.ADDRESS, "cannot listen on unix:" + path + ": another process listens there");
    }

    /** Where they listen, as a person would type it. */
    List<String> addresses() {
        return channels.stream().map(Listeners::text).toList();
    }

    private static String text(ServerSocketChannel channel) {
        try {
            SocketAddress address = channel.getLocalAddress();
            if (address instanceof InetSocketAddress tcp) {
                String host = tcp.getAddress().getHostAddress();
                return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + tcp.getPort() + "/";
            }
            return "unix:" + address;
        } catch (IOException closed) {
            return "closed";
        }
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
