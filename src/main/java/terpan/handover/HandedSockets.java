package terpan.handover;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * Listening sockets that whoever started this process has bound, from descriptor 3 on: {@code sd_listen_fds(3)}. They become the JDK's own
 * channels by constructors that its modules keep to themselves ({@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}):
 * {@code System.inheritedChannel} knows one alone, and closes descriptors 0 to 2.
 */
public final class HandedSockets {
    private static final int FIRST = 3;
    private static final String CLOSED_JAVA =
            "this Java does not let sockets be handed over: start it as the command terpan does, with"
                    + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED";

    private HandedSockets() {}

    /**
     * Makes channels of them, in their order; not one where not all can be.
     *
     * @param names what each of them is called; as many as there are
     * @throws IOException when one is no socket that listens for connections
     */
    public static List<ServerSocketChannel> open(List<String> names) throws IOException {
        List<ProtocolFamily> families = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            try {
                families.add(familyOf(FIRST + i));
            } catch (IOException refused) {
                throw new IOException(
                        "the socket \"" + names.get(i) + "\" (descriptor " + (FIRST + i) + ") cannot be taken over: "
                                + refused.getMessage(),
                        refused);
            }
        }
        List<ServerSocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < families.size(); i++) {
            channels.add(channel(families.get(i), FIRST + i));
        }
        return channels;
    }

    /**
     * The channel of one descriptor, which is the channel's own from then on.
     *
     * @throws IOException when it is no socket that listens for connections
     */
    static ServerSocketChannel channel(int descriptor) throws IOException {
        return channel(familyOf(descriptor), descriptor);
    }

    /** The descriptor of a channel of the JDK's; the channel keeps it. */
    static int descriptorOf(Channel channel) throws IOException {
        try {
            Method number = Class.forName("sun.nio.ch.SelChImpl").getDeclaredMethod("getFDVal");
            number.setAccessible(true);
            return (int) number.invoke(channel);
        } catch (ReflectiveOperationException | RuntimeException closed) {
            throw new IOException(CLOSED_JAVA, closed);
        }
    }

    private static ProtocolFamily familyOf(int descriptor) throws IOException {
        if (SystemCalls.option(descriptor, SystemCalls.SO_TYPE) != SystemCalls.SOCK_STREAM) {
            throw new IOException("it is no stream socket, expected one of ListenStream");
        }
        if (SystemCalls.option(descriptor, SystemCalls.SO_ACCEPTCONN) == 0) {
            throw new IOException("it does not listen, expected a socket unit without Accept=yes");
        }
        int domain = SystemCalls.option(descriptor, SystemCalls.SO_DOMAIN);
        return switch (domain) {
            case SystemCalls.AF_UNIX -> StandardProtocolFamily.UNIX;
            case SystemCalls.AF_INET -> StandardProtocolFamily.INET;
            case SystemCalls.AF_INET6 -> StandardProtocolFamily.INET6;
            default -> throw new IOException("its family of addresses is " + domain + ", expected IPv4, IPv6 or Unix");
        };
    }

    /** A descriptor as the JDK has it. */
    static FileDescriptor named(int descriptor) throws IOException {
        try {
            Method describe = Class.forName("sun.nio.ch.IOUtil").getDeclaredMethod("newFD", int.class);
            describe.setAccessible(true);
            return (FileDescriptor) describe.invoke(null, descriptor);
        } catch (ReflectiveOperationException | RuntimeException closed) {
            throw new IOException(CLOSED_JAVA, closed);
        }
    }

    private static ServerSocketChannel channel(ProtocolFamily family, int descriptor) throws IOException {
        try {
            Constructor<?> make = Class.forName("sun.nio.ch.ServerSocketChannelImpl")
                    .getDeclaredConstructor(
                            SelectorProvider.class, ProtocolFamily.class, FileDescriptor.class, boolean.class);
            make.setAccessible(true);
            Object made = make.newInstance(SelectorProvider.provider(), family, named(descriptor), true);
            return (ServerSocketChannel) made;
        } catch (ReflectiveOperationException | RuntimeException closed) {
            throw new IOException(CLOSED_JAVA, closed);
        }
    }
}
