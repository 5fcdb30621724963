package terpan.examine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import terpan.config.Address;
import terpan.config.Settings;
import terpan.worker.RunDirectory;

/** Looks at directories, addresses and free space that a configuration names. */
final class Places {
    private static final int STICKY = 01000;
    private static final long SPOOL_LEAST = 1L << 30;
    private static final long MIB = 1L << 20;

    private Places() {}

    /** Each component of the run directory's path, from the root. */
    static List<Finding> runDirectory(Path path) {
        List<Finding> findings = new ArrayList<>();
        int bytes = path.toString().getBytes(UTF_8).length;
        findings.add(
                bytes > RunDirectory.LENGTH_MOST
                        ? Finding.problem(
                                "run directory",
                                path + " has " + bytes + " bytes, a socket's address takes " + RunDirectory.LENGTH_MOST,
                                "name a shorter one with --run-directory")
                        : Finding.ok(
                                "run directory",
                                path + " has " + bytes + " of at most " + RunDirectory.LENGTH_MOST + " bytes"));
        Path at = Path.of("/");
        for (Path name : path) {
            at = at.resolve(name);
            if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                findings.add(writable(at.getParent() == null ? Path.of("/") : at.getParent(), at));
                return findings;
            }
            findings.add(component(at, at.equals(path)));
            if (!Files.isDirectory(at)) {
                return findings;
            }
        }
        return findings;
    }

    private static Finding writable(Path parent, Path missing) {
        return Files.isWritable(parent)
                ? Finding.ok("run directory", missing + " is not there yet and can be made")
                : Finding.problem(
                        "run directory",
                        missing + " is not there and can not be made: " + parent + " is not writable",
                        "name another with --run-directory");
    }

    private static Finding component(Path path, boolean last) {
        try {
            PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class);
            int owner = (Integer) Files.getAttribute(path, "unix:uid");
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            int us = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            String shown = path + " (" + found.owner().getName() + ", " + Integer.toOctalString(mode & 07777) + ")";
            if (!found.isDirectory()) {
                return Finding.problem(
                        "run directory", shown + " is not a directory", "name another with --run-directory");
            }
            if (last && (owner != us || (mode & 0777) != 0700)) {
                return Finding.problem(
                        "run directory", shown + " is not ours alone", "chmod 700 " + path + ", or remove it");
            }
            boolean open = found.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                    || found.permissions().contains(PosixFilePermission.GROUP_WRITE);
            if (open && (mode & STICKY) == 0) {
                return Finding.warning(
                        "run directory",
                        shown + " lets others rename what lies in it",
                        "chmod go-w " + path + ", or set its sticky bit");
            }
            if (owner != 0 && owner != us) {
                return Finding.warning(
                        "run directory", shown + " belongs to somebody else", "name another with --run-directory");
            }
            return Files.isExecutable(path)
                    ? Finding.ok("run directory", shown)
                    : Finding.problem("run directory", shown + " can not be entered", "chmod +x " + path);
        } catch (IOException unreadable) {
            return Finding.problem(
                    "run directory",
                    path + " can not be looked at: " + unreadable,
                    "name another with --run-directory");
        }
    }

    static List<Finding> spool(Settings.Spool spool) {
        Path directory = spool.directory();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            return List.of(Finding.problem(
                    "spool directory",
                    directory + " is not a directory that can be written to",
                    "make it, or name another with --spool-dir"));
        }
        try {
            FileStore store = Files.getFileStore(directory);
            String free = store.getUsableSpace() / MIB + " MiB free";
            if (store.type().equals("tmpfs") || store.type().equals("ramfs")) {
                return List.of(Finding.warning(
                        "spool directory",
                        directory + " lies in memory (" + store.type() + "), " + free,
                        "name a directory on a disk with --spool-dir"));
            }
            long most = spool.most() == 0 ? SPOOL_LEAST : spool.most();
            return List.of(
                    store.getUsableSpace() < most
                            ? Finding.warning(
                                    "spool directory",
                                    directory + " has " + free + ", less than the " + most / MIB + " MiB it may take",
                                    "make room, or lower spool.most")
                            : Finding.ok("spool directory", directory + " on " + store.type() + ", " + free));
        } catch (IOException unknown) {
            return List.of(Finding.warning(
                    "spool directory", directory + " does not tell its space: " + unknown, "see that it is on a disk"));
        }
    }

    static Finding address(Address address) {
        return switch (address) {
            case Address.Tcp tcp -> tcp(tcp);
            case Address.Unix unix -> unix(unix);
        };
    }

    private static Finding tcp(Address.Tcp tcp) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(tcp.host(), tcp.port()));
            return Finding.ok("address", tcp + " is free");
        } catch (IOException | IllegalArgumentException taken) {
            return cannotBind(tcp, taken);
        }
    }

    private static Finding unix(Address.Unix unix) {
        Path path = unix.path();
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || !Files.isWritable(parent)) {
            return cannotBind(unix, new IOException(parent + " is not writable"));
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            return Finding.problem(
                    "address", unix + " is taken: somebody answers there", "stop it, or name another with --bind");
        } catch (IOException nobody) {
            return Finding.ok("address", unix + " is free");
        }
    }

    private static Finding cannotBind(Address address, Exception refused) {
        BindRefusal refusal = BindRefusal.of(address, refused);
        return Finding.problem(
                "address",
                "cannot listen on " + address + ": " + refusal.why(),
                refusal.advice().replaceAll(":\\s*\n\\s*", ": ").replaceAll("\\s*\n\\s*", "; "));
    }
}
