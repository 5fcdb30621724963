package terpan.examine;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import terpan.config.Address;
import terpan.config.AddressText;

/**
 * Why an address cannot be listened on, and what to do about it. It goes by how the machine is, not by the system's own words, which may
 * be in any language.
 *
 * @param why the reason, without the address
 * @param advice what to do; may have several lines
 */
public record BindRefusal(String why, String advice) {
    private static final String OTHER = "stop what uses it or name another address with --bind";
    private static final int USUAL_FIRST_OPEN_PORT = 1024;
    /** The bit of CAP_NET_BIND_SERVICE. */
    private static final int BIND_SERVICE = 10;

    private static final int SHOWN_ADDRESSES = 8;
    private static final int HEXADECIMAL = 16;

    /** Why the system refused this address. */
    public static BindRefusal of(Address address, Exception refused) {
        return of(address, refused, Path.of("/"));
    }

    /**
     * Why the system refused this address.
     *
     * @param root where {@code proc} lies
     */
    static BindRefusal of(Address address, Exception refused, Path root) {
        return switch (address) {
            case Address.Tcp(String host, int port) -> tcp(host, port, refused, root);
            case Address.Unix(Path path) -> unix(path, refused);
        };
    }

    private static BindRefusal tcp(String host, int port, Exception refused, Path root) {
        if (!(refused instanceof BindException)) {
            return new BindRefusal(String.valueOf(refused.getMessage()), OTHER);
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            if (!isHere(address)) {
                return new BindRefusal(
                        AddressText.of(address) + " is no address of this machine",
                        "it has " + addressesHere() + "; :" + port + " listens on all of them");
            }
            int firstOpen = firstOpenPort(root);
            if (port < firstOpen && port != 0 && !mayTakeAnyPort(root)) {
                return closedPort(port, firstOpen);
            }
            Optional<String> holder = PortHolder.find(address, port, root);
            if (holder.isPresent()) {
                return new BindRefusal(holder.get() + " listens there", "stop it or name another address with --bind");
            }
        } catch (IOException unknown) {
            // Then the system's own words have to do.
        }
        return new BindRefusal(String.valueOf(refused.getMessage()), OTHER);
    }

    private static boolean isHere(InetAddress address) throws IOException {
        return address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || NetworkInterface.getByInetAddress(address) != null;
    }

    private static String addressesHere() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .limit(SHOWN_ADDRESSES)
                .map(AddressText::of)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static int firstOpenPort(Path root) {
        String text = Machine.text(root.resolve("proc/sys/net/ipv4/ip_unprivileged_port_start"))
                .strip();
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : USUAL_FIRST_OPEN_PORT;
    }

    private static boolean mayTakeAnyPort(Path root) {
        OptionalLong capabilities = Machine.text(root.resolve("proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.substring("CapEff:".length()).strip())
                .filter(hex -> hex.matches("[0-9a-f]{1,16}"))
                .mapToLong(hex -> Long.parseUnsignedLong(hex, HEXADECIMAL))
                .findFirst();
        return (capabilities.orElse(0) >> BIND_SERVICE & 1) != 0;
    }

    private static BindRefusal closedPort(int port, int firstOpen) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String user = System.getProperty("user.name");
        return new BindRefusal(
                "permission denied: ports below " + firstOpen
                        + " are for root and for who has the capability CAP_NET_BIND_SERVICE",
                String.join(
                        "\n  ",
                        "name a port from " + firstOpen + " up with --bind, or as root do one of these:",
                        "in a systemd unit: AmbientCapabilities=CAP_NET_BIND_SERVICE",
                        "for one start: setpriv --reuid=" + user
                                + " --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service terpan serve ...",
                        "for everybody here: sysctl net.ipv4.ip_unprivileged_port_start=" + port,
                        "for this Java: setcap cap_net_bind_service=+ep " + java + ", and its lib folder ("
                                + Path.of(System.getProperty("java.home"), "lib")
                                + ") in a file of /etc/ld.so.conf.d, then ldconfig"));
    }

    private static BindRefusal unix(Path path, Exception refused) {
        Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(Path.of("/"));
        for (Path at = Path.of("/"); ; ) {
            if (!Files.exists(at)) {
                return new BindRefusal(
                        "the folder " + at + " does not exist",
                        "make it: mkdir -p " + folder + " (in a systemd unit: RuntimeDirectory=)");
            }
            if (!Files.isDirectory(at)) {
                return new BindRefusal(at + " is no folder", "name another path with --bind");
            }
            if (!Files.isExecutable(at)) {
                return new BindRefusal(user() + " may not enter " + owned(at), "let it: chmod a+x " + at);
            }
            if (at.equals(folder)) {
                break;
            }
            at = at.resolve(folder.getName(at.getNameCount()));
        }
        if (!Files.isWritable(folder)) {
            return new BindRefusal(
                    user() + " may not make files in " + owned(folder),
                    "let it, or name another path with --bind (in a systemd unit: RuntimeDirectory= makes one below /run)");
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return new BindRefusal(
                    user() + " may not remove what lies there: " + owned(path),
                    "remove it as its owner, or name another path with --bind");
        }
        return new BindRefusal(String.valueOf(refused.getMessage()), OTHER);
    }

    private static String user() {
        return "user " + System.getProperty("user.name");
    }

    private static String owned(Path path) {
        try {
            PosixFileAttributes found =
                    Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return path + " (" + found.owner().getName() + ", " + PosixFilePermissions.toString(found.permissions())
                    + ")";
        } catch (IOException hidden) {
            return path.toString();
        }
    }
}
