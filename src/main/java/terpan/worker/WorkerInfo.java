package terpan.worker;

import java.net.SocketAddress;
import terpan.config.Settings;
import terpan.server.ServerProfile;

/**
 * One worker process, as the front needs to know it. Two processes never share a pid and an address.
 *
 * @param name the worker's name, kept when its process is replaced
 * @param group the group that it belongs to
 * @param pid the launcher's process
 * @param generation rises with each reload
 * @param address where it listens: a Unix socket, which workers of a group may share, or a loopback port
 * @param secret by this it knows the front, where others can reach it too; empty: nobody can
 * @param otherUser whether it is another user than we: nothing that it names is opened for it
 */
public record WorkerInfo(
        String name,
        Settings.WorkerGroup group,
        long pid,
        int generation,
        SocketAddress address,
        ServerProfile profile,
        String secret,
        boolean otherUser) {
    /** Threads in the worker. */
    public int threads() {
        return profile.threads();
    }

    /** Whether others of its group accept on the same socket. */
    public boolean shared() {
        return group.socket() == Settings.SocketMode.SHARED;
    }
}
