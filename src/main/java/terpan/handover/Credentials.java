package terpan.handover;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who this process is, and how it becomes another user for good, by the C library: the kernel knows users by thread, and {@code setresuid} there
 * has every thread of a process change ({@code nptl(7)}). On Linux, on 64-bit machines. Rejected: a front that root starts as another user
 * from the beginning, which had bound no port and read no key by then.
 */
@SuppressWarnings("restricted") // system calls, as those of SystemCalls
public final class Credentials {
    /** A user of the machine's: its number, and that of its own group. */
    public record User(String name, int number, int group) {}

    /** {@code struct passwd}: two pointers, then the numbers of user and group. */
    private static final long NUMBER = 16;

    private static final long GROUP = 20;
    private static final long PASSWD_BYTES = 48;
    private static final Path THREADS = Path.of("/proc/self/task");

    private Credentials() {}

    /** The user of this name; empty: there is none. */
    public static Optional<User> user(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle getpwnam = link("getpwnam", FunctionDescriptor.of(ADDRESS, ADDRESS));
            MemorySegment found = (MemorySegment) getpwnam.invokeExact(arena.allocateFrom(name));
            if (found.address() == 0) {
                return Optional.empty();
            }
            MemorySegment entry = found.reinterpret(PASSWD_BYTES);
            return Optional.of(new User(name, entry.get(JAVA_INT, NUMBER), entry.get(JAVA_INT, GROUP)));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Makes this process that user's, with its groups and for good, and sees to it that it is: no thread is root any more, and none can be again.
     *
     * @throws IOException the system does not do it; then nobody may be served
     */
    public static void become(User user) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Failing call = new Failing(arena);
            call.named("initgroups", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT))
                    .with(arena.allocateFrom(user.name()), user.group());
            FunctionDescriptor three = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
            call.named("setresgid", three).with(user.group(), user.group(), user.group());
            call.named("setresuid", three).with(user.number(), user.number(), user.number());
        }
        requireAll(user);
    }

    /** Opens a file. */
    public interface Opening<T> {
        T open() throws IOException;
    }

    /**
     * Opens with that user's rights to files, as long as this process is root: {@code setfsuid(2)}, which is of the calling thread alone. Not for
     * virtual threads.
     */
    public static <T> T withFilesOf(User user, Opening<T> opening) throws IOException {
        FunctionDescriptor one = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
        MethodHandle group = link("setfsgid", one);
        MethodHandle number = link("setfsuid", one);
        try {
            set(group, user.group());
            set(number, user.number());
            return opening.open();
        } finally {
            set(number, 0);
            set(group, 0);
        }
    }

    /** These two tell what was before, and no error. */
    private static void set(MethodHandle whose, int number) {
        try {
            int _ = (int) whose.invokeExact(number);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** One call that says by its result whether it was done. */
    private static final class Failing {
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

        private final MemorySegment state;
        private String name = "";
        private MethodHandle handle = java.lang.invoke.MethodHandles.constant(int.class, -1);

        Failing(Arena arena) {
            state = arena.allocate(STATE);
        }

        Failing named(String function, FunctionDescriptor shape) {
            name = function;
            handle = link(function, shape, Linker.Option.captureCallState("errno"));
            return this;
        }

        void with(Object... arguments) throws IOException {
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            int result;
            try {
                result = (int) handle.invokeWithArguments(all);
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
            if (result != 0) {
                throw new IOException(name + " fails with error " + (int) ERRNO.get(state, 0L));
            }
        }
    }

    private static void requireAll(User user) throws IOException {
        String number = Integer.toString(user.number());
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                List<String> numbers;
                try {
                    numbers = ProcessUser.all(thread.resolve("status"));
                } catch (IOException gone) {
                    continue; // it has ended meanwhile
                }
                for (String each : numbers) {
                    if (!each.equals(number)) {
                        throw new IOException("thread " + thread.getFileName() + " is still user " + each);
                    }
                }
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            FunctionDescriptor one = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
            new Failing(arena).named("setuid", one).with(0);
        } catch (IOException asItShouldBe) {
            return;
        }
        throw new IOException("root can be had again");
    }

    private static MethodHandle link(String name, FunctionDescriptor shape, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, options);
    }
}
