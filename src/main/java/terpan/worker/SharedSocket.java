package terpan.worker;

import java.nio.file.Path;

/**
 * The socket that all workers of a group accept on: the guard binds it, keeps it and hands it to each launcher. A guard that
 * takes the place of another has to bind anew, under another name. Owned by the supervisor's thread.
 */
final class SharedSocket {
    private final RunDirectory directory;
    private final int group;
    private int binding = 1;

    /**
     * The first socket of a group.
     *
     * @param group the group's number, from 1
     */
    SharedSocket(RunDirectory directory, int group) {
        this.directory = directory;
        this.group = group;
    }

    /** Where the front connects. Not the name that the socket is bound to, which servers know and some remove. */
    Path path() {
        return directory.sharedSocket(group, binding);
    }

    /** Where the guard hands it out. */
    Path handOut() {
        return Path.of(path() + ".hand");
    }

    void renew() {
        binding++;
    }
}
