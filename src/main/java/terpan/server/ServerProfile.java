package terpan.server;

import java.time.Duration;
import java.util.Optional;

/**
 * What the front has to know of one server as it was configured: made by its {@link ServerKind} from threads and options.
 *
 * @param name the server's name in the configuration
 * @param protocol what it speaks on its data socket
 * @param threads threads in each worker, at least 1
 * @param capacity how many requests it truly works on at once, at least 1
 * @param mayDeepen whether the window may exceed the capacity: more requests than it works on do no harm inside it
 * @param batching whether requests of one loop turn go to one worker together
 * @param busyWith so many requests keep it busy for longer than the front may let it wait for another, at least 1
 * @param keepIdle how long the front may keep an idle connection, shorter than the server does; zero: never kept
 * @param connectionsMost most connections at a time, at least the capacity
 * @param headMost longest head it takes, bytes; a longer one is answered 431 by the front
 * @param fieldsMost most field lines it takes
 * @param politeSignal what ends it once it is drained
 * @param tellsStacks whether it writes the Python stacks of its threads at {@link #STACK_SIGNAL}
 * @param sharesSocket whether several of its processes may accept on one socket
 * @param hearsLeaving whether the application is told when our sending side closes: an ASGI one is, by {@code http.disconnect}
 * @param tellsEnd whether it says, when it is asked, that it works no more at a request whose connection is closed
 * @param losesKept whether it may close a kept connection without a word, so that what can not be sent twice needs a new one
 * @param tunnels whether it speaks WebSocket with its application
 * @param conduct what it does where HTTP leaves it a choice; empty where it speaks no HTTP
 */
public record ServerProfile(
        String name,
        Protocol protocol,
        int threads,
        int capacity,
        boolean mayDeepen,
        boolean batching,
        int busyWith,
        Duration keepIdle,
        int connectionsMost,
        int headMost,
        int fieldsMost,
        PoliteSignal politeSignal,
        boolean tellsStacks,
        boolean sharesSocket,
        boolean hearsLeaving,
        boolean tellsEnd,
        boolean losesKept,
        boolean tunnels,
        Optional<Conduct> conduct) {
    /** SIGUSR2, at which a worker that {@link #tellsStacks} writes the Python stacks of its threads. */
    public static final int STACK_SIGNAL = System.getProperty("os.name", "").startsWith("Linux") ? 12 : 31;

    /** An event loop takes its requests one after the other. */
    private static final int LOOP_BUSY_WITH = 4;

    /** Threads that all want their next request leave one another little: they are busy only when they are many. */
    private static final int THREADS_BUSY_WITH = 12;

    /** Connections that may wait where a server listens. */
    private static final int LISTENING_MOST = 100;

    /** Seconds that the front lets an idle connection go before the server would. */
    private static final int MARGIN_SECONDS = 2;

    /** An HTTP server that works on one request at a time and keeps no connection, until more is said of it. */
    static Builder http(String name, int threads) {
        return new Builder(name, Protocol.HTTP, threads);
    }

    /** The built-in server. */
    static ServerProfile builtin(String name, int threads) {
        Builder builder = new Builder(name, Protocol.NATIVE, threads);
        builder.batching = true;
        builder.keepIdle = Duration.ofDays(365);
        return builder.capacity(threads)
                .mayDeepen()
                .connections(1)
                .head(Integer.MAX_VALUE, Integer.MAX_VALUE)
                .tellsStacks()
                .made();
    }

    /** Whether one thread, an event loop, works on all that a worker has. */
    public boolean oneThread() {
        return capacity > threads;
    }

    /** Gathers what is to be said of a server. */
    static final class Builder {
        private final String name;
        private final Protocol protocol;
        private final int threads;
        private int capacity = 1;
        private boolean mayDeepen;
        private boolean batching;
        private int busyWith;
        private Duration keepIdle = Duration.ZERO;
        private int connectionsMost;
        private int headMost;
        private int fieldsMost;
        private PoliteSignal politeSignal = PoliteSignal.TERM;
        private boolean tellsStacks;
        private boolean sharesSocket;
        private boolean hearsLeaving;
        private boolean tellsEnd;
        private boolean losesKept;
        private boolean tunnels;
        private Optional<Conduct> conduct = Optional.empty();

        private Builder(String name, Protocol protocol, int threads) {
            this.name = name;
            this.protocol = protocol;
            this.threads = threads;
        }

        Builder capacity(int requests) {
            capacity = requests;
            return this;
        }

        Builder mayDeepen() {
            return mayDeepen(true);
        }

        Builder mayDeepen(boolean harmless) {
            mayDeepen = harmless;
            return this;
        }

        /**
         * The server accepts a connection for each request, and no more than it works on. One at a time: what comes meanwhile waits
         * where it listens, whole and undisturbed, so the window may deepen. More: each connection would hold one of several threads.
         */
        Builder queuesConnections(boolean oneAtATime) {
            mayDeepen = oneAtATime;
            connectionsMost = oneAtATime ? LISTENING_MOST : 0;
            return this;
        }

        /** So many requests keep it busy; if not said, what is measured of event loops, and of servers of threads. */
        Builder busyWith(int requests) {
            busyWith = requests;
            return this;
        }

        /** The server lets an idle connection go after so many seconds. */
        Builder idle(int seconds) {
            keepIdle = Duration.ofSeconds(Math.max(0, seconds - MARGIN_SECONDS));
            return this;
        }

        /** Most connections at a time; the capacity if not said. */
        Builder connections(int most) {
            connectionsMost = most;
            return this;
        }

        Builder head(int bytes, int fields) {
            headMost = bytes;
            fieldsMost = fields;
            return this;
        }

        Builder polite(PoliteSignal signal) {
            politeSignal = signal;
            return this;
        }

        Builder tellsStacks() {
            tellsStacks = true;
            return this;
        }

        Builder sharesSocket() {
            sharesSocket = true;
            return this;
        }

        Builder hearsLeaving(boolean hears) {
            hearsLeaving = hears;
            return this;
        }

        Builder tellsEnd(boolean tells) {
            tellsEnd = tells;
            return this;
        }

        Builder tunnels(boolean speaks) {
            tunnels = speaks;
            return this;
        }

        Builder losesKept(boolean loses) {
            losesKept = loses;
            return this;
        }

        Builder conduct(
                Conduct.HeadBody headBody,
                Conduct.ChunkedUpload chunkedUpload,
                Conduct.Expectation expectation,
                Conduct.UnreadBody unreadBody,
                Conduct.Pipelining pipelining,
                Conduct.Streaming streaming,
                Conduct.StopInFlight stopInFlight) {
            conduct = Optional.of(
                    new Conduct(headBody, chunkedUpload, expectation, unreadBody, pipelining, streaming, stopInFlight));
            return this;
        }

        ServerProfile made() {
            return new ServerProfile(
                    name,
                    protocol,
                    threads,
                    capacity,
                    mayDeepen,
                    batching,
                    busyWith > 0 ? busyWith : capacity > threads ? LOOP_BUSY_WITH : THREADS_BUSY_WITH,
                    keepIdle,
                    Math.max(connectionsMost, protocol == Protocol.HTTP ? capacity : 1),
                    headMost,
                    fieldsMost,
                    politeSignal,
                    tellsStacks,
                    sharesSocket,
                    hearsLeaving,
                    tellsEnd,
                    losesKept,
                    tunnels,
                    conduct);
        }
    }
}
