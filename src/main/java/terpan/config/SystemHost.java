package terpan.config;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;

/** The machine that we run on. */
public final class SystemHost implements Host {
    @Override
    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Told by the property of this name: this process has given root up, and another that has not does for it what needs root. */
    public static final String ROOT_HELPS = "terpan.root-helps";

    @Override
    public boolean isRoot() {
        if (Boolean.getBoolean(ROOT_HELPS)) {
            return true;
        }
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException noProc) {
            return System.getProperty("user.name", "").equals("root");
        }
    }

    @Override
    @SuppressWarnings("NullAway") // the JDK no longer gives null
    public boolean atTerminal() {
        try {
            String name = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console");
        } catch (IOException notLinux) {
            return System.console().isTerminal();
        }
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public Optional<Path> installedPython() {
        return Optional.ofNullable(System.getProperty("terpan.installed-python"))
                .map(Path::of);
    }

    @Override
    public boolean hasUser(String name) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
            return true;
        } catch (UserPrincipalNotFoundException none) {
            return false;
        } catch (IOException | UnsupportedOperationException unknown) {
            // The directory of users can not be asked; the system call that needs the user will tell.
            return true;
        }
    }

    @Override
    public boolean hasGroup(String name) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            return true;
        } catch (UserPrincipalNotFoundException none) {
            return false;
        } catch (IOException | UnsupportedOperationException unknown) {
            return true;
        }
    }
}
