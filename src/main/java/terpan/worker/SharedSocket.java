package terpan.worker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
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

    /**
     * Connects and leaves: the client of the last moment may have woken nobody but a worker that accepts nothing more, and this wakes
     * whoever goes on accepting. Not done by that worker, which may be a user that cannot come here.
     */
    void ring() {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.configureBlocking(false);
            client.connect(UnixDomainSocketAddress.of(path()));
        } catch (IOException busy) {
            // So many wait that they are awake; or the socket has gone with its guard, and a new one comes.
        }
    }

    void renew() {
        binding++;
    }
}
