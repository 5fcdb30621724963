package terpan.handover;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * The system calls on sockets that the JDK has no word for, by the foreign-function interface, as Linux has them on 64-bit machines. Loaded
 * only where sockets are handed over or systemd asks for them: to link them takes some tens of milliseconds. Thread-safe; every call is bounded in time.
 */
@SuppressWarnings("restricted") // what this class is for
final class SystemCalls {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_STREAM = 1;

    /** Options of {@link #option}: what kind of socket it is, whether it listens, and of which family of addresses. */
    static final int SO_TYPE = 3;

    static final int SO_ACCEPTCONN = 30;
    static final int SO_DOMAIN = 39;

    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDTIMEO = 21;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_CTRUNC = 8;
    private static final int SCM_RIGHTS = 1;
    private static final int EAGAIN = 11;
    private static final int EINTR = 4;

    /** {@code struct msghdr}: its length, and where in it the other parts are. */
    private static final int HEADER_BYTES = 56;

    private static final int HEADER_PIECES = 16;
    private static final int HEADER_PIECE_COUNT = 24;
    private static final int HEADER_CONTROL = 32;
    private static final int HEADER_CONTROL_LENGTH = 40;
    private static final int HEADER_FLAGS = 48;

    /** {@code struct cmsghdr} of one descriptor: a long length, a level and a type, then the descriptor, padded to a word. */
    private static final int CONTROL_BYTES = 24;

    private static final int CONTROL_LENGTH = 20;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_DATA = 16;

    private static final int LONGEST_ERROR = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SENDTO =
            link("sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT =
            link("getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT =
            link("setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private static final MethodHandle SENDMSG =
            link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVMSG =
            link("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private SystemCalls() {}

    private static MethodHandle link(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), shape, Linker.Option.captureCallState("errno"));
    }

    /**
     * An option of a socket that is a number.
     *
     * @throws IOException when the descriptor is no socket
     */
    static int option(int descriptor, int option) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) JAVA_INT.byteSize());
            int result = (int) GETSOCKOPT.invokeExact(state, descriptor, SOL_SOCKET, option, value, length);
            check(result, state);
            return value.get(JAVA_INT, 0);
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Sends one datagram from a socket of its own.
     *
     * @param address a {@code sockaddr_un} without its family: a path that ends with a zero byte, or a zero byte and a name
     * @param most how long it may take
     * @throws IOException when it was not taken
     */
    static void send(byte[] address, byte[] message, Duration most) throws IOException {
        int socket = datagramSocket(most);
        try {
            send(socket, address, message);
        } finally {
            close(socket);
        }
    }

    /**
     * A socket for datagrams between processes of this machine.
     *
     * @param most how long a datagram may take
     */
    static int datagramSocket(Duration most) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int socket = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            check(socket, state);
            MemorySegment time = arena.allocateFrom(JAVA_LONG, most.toSeconds(), most.toNanosPart() / 1_000L);
            int set = (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_SNDTIMEO, time, (int) time.byteSize());
            check(set, state);
            return socket;
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Sends one datagram from this socket. */
    static void send(int socket, byte[] address, byte[] message) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment to = arena.allocate(Short.BYTES + address.length, Long.BYTES);
            to.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(address, 0, to, JAVA_BYTE, Short.BYTES, address.length);
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, message);
            long sent = (long) SENDTO.invokeExact(
                    state, socket, bytes, (long) message.length, MSG_NOSIGNAL, to, (int) to.byteSize());
            check(sent, state);
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static void close(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            int closed = (int) CLOSE.invokeExact(arena.allocate(STATE), socket);
            assert closed == 0;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * What came on a socket in one read.
     *
     * @param length bytes; 0 where the other side has ended; negative: nothing is there yet
     * @param descriptor one that came with them and is ours from now on; negative: none
     */
    record Received(int length, int descriptor) {}

    /**
     * Sends bytes, and a descriptor with them, on a connected Unix socket that does not block: {@code SCM_RIGHTS} of {@code unix(7)}.
     *
     * @throws IOException when not all of it was taken at once
     */
    static void sendDescriptor(int socket, byte[] bytes, int descriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment header = header(arena, arena.allocateFrom(JAVA_BYTE, bytes));
            MemorySegment control = header.get(ADDRESS, HEADER_CONTROL).reinterpret(CONTROL_BYTES);
            control.set(JAVA_LONG, 0, CONTROL_LENGTH);
            control.set(JAVA_INT, CONTROL_LEVEL, SOL_SOCKET);
            control.set(JAVA_INT, CONTROL_TYPE, SCM_RIGHTS);
            control.set(JAVA_INT, CONTROL_DATA, descriptor);
            long sent = (long) SENDMSG.invokeExact(state, socket, header, MSG_NOSIGNAL);
            check(sent, state);
            if (sent != bytes.length) {
                throw new IOException("only " + sent + " of " + bytes.length + " bytes were taken");
            }
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads from a connected Unix socket that does not block; at most one descriptor comes with what is read. */
    static Received receiveDescriptor(int socket, byte[] into) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment bytes = arena.allocate(into.length);
            MemorySegment header = header(arena, bytes);
            long read = (long) RECVMSG.invokeExact(state, socket, header, MSG_CMSG_CLOEXEC);
            int error = (int) ERRNO.get(state, 0L);
            if (read < 0 && (error == EAGAIN || error == EINTR)) {
                return new Received(-1, -1);
            }
            check(read, state);
            MemorySegment control = header.get(ADDRESS, HEADER_CONTROL).reinterpret(CONTROL_BYTES);
            boolean given = header.get(JAVA_LONG, HEADER_CONTROL_LENGTH) >= CONTROL_LENGTH
                    && control.get(JAVA_INT, CONTROL_LEVEL) == SOL_SOCKET
                    && control.get(JAVA_INT, CONTROL_TYPE) == SCM_RIGHTS;
            if ((header.get(JAVA_INT, HEADER_FLAGS) & MSG_CTRUNC) != 0) {
                throw new IOException("more descriptors came at once than this process can have, or was told of");
            }
            MemorySegment.copy(bytes, JAVA_BYTE, 0, into, 0, (int) read);
            return new Received((int) read, given ? control.get(JAVA_INT, CONTROL_DATA) : -1);
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A {@code struct msghdr} of one piece of bytes, with room for one descriptor. */
    private static MemorySegment header(Arena arena, MemorySegment bytes) {
        MemorySegment piece = arena.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteSize());
        piece.set(ADDRESS, 0, bytes);
        piece.set(JAVA_LONG, JAVA_LONG.byteSize(), bytes.byteSize());
        MemorySegment header = arena.allocate(HEADER_BYTES, JAVA_LONG.byteSize());
        header.set(ADDRESS, HEADER_PIECES, piece);
        header.set(JAVA_LONG, HEADER_PIECE_COUNT, 1);
        header.set(ADDRESS, HEADER_CONTROL, arena.allocate(CONTROL_BYTES, JAVA_LONG.byteSize()));
        header.set(
                JAVA_LONG, HEADER_CONTROL_LENGTH, CONTROL_LENGTH); // without the padding, which has room for a second
        return header;
    }

    private static void check(long result, MemorySegment state) throws Throwable {
        if (result < 0) {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact((int) ERRNO.get(state, 0L));
            throw new IOException(text.reinterpret(LONGEST_ERROR).getString(0));
        }
    }
}
