package terpan.config;

/** What the settings have to know of the machine. */
public interface Host {
    /** Processors that this process may use, at least one. */
    int processors();

    /** Whether this process may become another user. */
    boolean isRoot();

    /** Whether a person looks at standard output. */
    boolean atTerminal();

    /** Whether there is a user of this name. */
    boolean hasUser(String name);

    /** Whether there is a group of this name. */
    boolean hasGroup(String name);
}
