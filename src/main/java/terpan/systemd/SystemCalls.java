package terpan.systemd;

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
 * only where systemd asks for them: to link them takes some tens of milliseconds. Thread-safe; every call is bounded in time.
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int socket = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            check(socket, state);
            try {
                MemorySegment time = arena.allocateFrom(JAVA_LONG, most.toSeconds(), most.toNanosPart() / 1_000L);
                int set = (int)
                        SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_SNDTIMEO, time, (int) time.byteSize());
                check(set, state);
                MemorySegment to = arena.allocate(Short.BYTES + address.length, Long.BYTES);
                to.set(JAVA_SHORT, 0, (short) AF_UNIX);
                MemorySegment.copy(address, 0, to, JAVA_BYTE, Short.BYTES, address.length);
                MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, message);
                long sent = (long) SENDTO.invokeExact(
                        state, socket, bytes, (long) message.length, MSG_NOSIGNAL, to, (int) to.byteSize());
                check(sent, state);
            } finally {
                int closed = (int) CLOSE.invokeExact(state, socket);
                assert closed == 0;
            }
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void check(long result, MemorySegment state) throws Throwable {
        if (result < 0) {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact((int) ERRNO.get(state, 0L));
            throw new IOException(text.reinterpret(LONGEST_ERROR).getString(0));
        }
    }
}
