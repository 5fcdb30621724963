package terpan.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Datagrams to a Unix socket that has a path, which the JDK can not send. The path is looked up for each, so that whoever takes them may be
 * begun anew. Belongs to one thread.
 */
public final class LocalDatagrams implements AutoCloseable {
    private final byte[] address;
    private final int socket;

    /**
     * Makes a socket; nobody needs to be there yet.
     *
     * @param path of at most 107 bytes
     * @param most how long a datagram may take while whoever takes them is behind
     */
    public LocalDatagrams(Path path, Duration most) throws IOException {
        byte[] name = path.toString().getBytes(UTF_8);
        address = Arrays.copyOf(name, name.length + 1);
        socket = SystemCalls.datagramSocket(most);
    }

    /**
     * Sends one, whole.
     *
     * @throws IOException when it was not taken in time, or nobody is there
     */
    public void send(byte[] message) throws IOException {
        SystemCalls.send(socket, address, message);
    }

    @Override
    public void close() {
        SystemCalls.close(socket);
    }
}
