package terpan.worker;

import java.net.SocketAddress;
import terpan.server.ServerProfile;

/**
 * One worker process, as the front needs to know it. Two processes never share a pid and an address.
 *
 * @param name the worker's name, kept when its process is replaced
 * @param pid the launcher's process
 * @param generation rises with each reload
 * @param address where it listens: a Unix socket, or a loopback port
 */
public record WorkerInfo(String name, long pid, int generation, SocketAddress address, ServerProfile profile) {
    /** Threads in the worker. */
    public int threads() {
        return profile.threads();
    }
}
