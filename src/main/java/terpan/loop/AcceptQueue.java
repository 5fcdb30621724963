package terpan.loop;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * Whether a connect failed because the worker's accept queue is full, which Unix sockets tell at once. Java has no type for it, and its
 * text is in the language of the machine: what is neither refused nor forbidden, nor that there is no such socket, is taken for it.
 * A mistake costs a few tries.
 */
final class AcceptQueue {
    private AcceptQueue() {}

    /** What the system says here of a socket that is not there; asked once, when a connect has failed. */
    private static final class Missing {
        static final String TEXT = ask();

        private static String ask() {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of("/proc/self/no-such-socket"));
                return "";
            } catch (IOException missing) {
                return String.valueOf(missing.getMessage());
            }
        }
    }

    static boolean isFull(SocketAddress address, IOException refused) {
        return address instanceof UnixDomainSocketAddress
                && refused instanceof SocketException
                && !(refused instanceof ConnectException)
                && !(refused instanceof BindException)
                && !Missing.TEXT.equals(refused.getMessage());
    }
}
