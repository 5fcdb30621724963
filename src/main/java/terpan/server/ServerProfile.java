package terpan.server;

import java.time.Duration;

/**
 * What the front has to know of one WSGI server as it was configured: made by its {@link ServerKind} from threads and
 * options.
 *
 * @param name the server's name in the configuration
 * @param protocol what it speaks on its data socket
 * @param threads threads in each worker, at least 1
 * @param capacity how many requests it truly works on at once, at least 1
 * @param mayDeepen whether the window may exceed the capacity: more requests than it works on do no harm inside it
 * @param batching whether requests of one loop turn go to one worker together
 * @param keepIdle how long the front may keep an idle connection, shorter than the server does; zero: never kept
 * @param connectionsMost most connections at a time, at least the capacity
 * @param headMost longest head it takes, bytes; a longer one is answered 431 by the front
 * @param fieldsMost most field lines it takes
 * @param politeSignal what ends it once it is drained
 * @param tellsStacks whether it writes the Python stacks of its threads at {@link #STACK_SIGNAL}
 */
public record ServerProfile(
        String name,
        Protocol protocol,
        int threads,
        int capacity,
        boolean mayDeepen,
        boolean batching,
        Duration keepIdle,
        int connectionsMost,
        int headMost,
        int fieldsMost,
        PoliteSignal politeSignal,
        boolean tellsStacks) {
    /** SIGUSR2, at which a worker that {@link #tellsStacks} writes the Python stacks of its threads. */
    public static final int STACK_SIGNAL = System.getProperty("os.name", "").startsWith("Linux") ? 12 : 31;
}
