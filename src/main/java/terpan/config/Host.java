package terpan.config;

import java.nio.file.Path;
import java.util.Optional;

/** What the settings have to know of the machine. */
public interface Host {
    /** Processors that this process may use, at least one. */
    int processors();

    /** Whether this process may become another user. */
    boolean isRoot();

    /** Whether a person looks at standard output. */
    boolean atTerminal();

    /** This process. */
    long pid();

    /** The interpreter of the environment that Terpan was installed into, by pip or the like; without links followed. */
    Optional<Path> installedPython();

    /** Whether there is a user of this name. */
    boolean hasUser(String name);

    /** Whether there is a group of this name. */
    boolean hasGroup(String name);
}
