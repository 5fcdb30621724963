package terpan.picture;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Terpan at one moment: what status, metrics and whoever else looks at it read, and nothing else. Immutable.
 *
 * @param state one word: starting, serving, maintenance, paused, stopping
 * @param binds where clients are listened to, as a person writes addresses
 * @param server the servers of all groups of workers
 * @param application what is served, and the directory that it is served from; empty with attached workers alone
 * @param generation the number of the generation that serves
 * @param reload what became of the last reload
 * @param queueLength requests in the wait queue
 * @param queueBound most that it takes
 * @param inFlight requests granted and not settled
 * @param tunnels WebSockets that are open
 * @param stuck requests that were held up inside a worker since the start
 * @param connectionsBound most client connections
 * @param tlsEngine whose engine computes TLS; empty where no listener speaks it
 * @param certificates those that listeners show; none where none speaks TLS
 * @param issuance what becomes of certificates that are had from an authority
 * @param applications each of several, as it is alone; none where there is one
 * @param slots every slot that there is, under its worker's name, or its group's where workers share a socket
 * @param activity what goes on; {@link Activity#NONE} where nobody looked
 */
public record Picture(
        String version,
        long pid,
        String state,
        Instant started,
        Duration uptime,
        List<String> binds,
        String server,
        Optional<String> application,
        int generation,
        Optional<Reload> reload,
        int queueLength,
        int queueBound,
        int inFlight,
        long tunnels,
        Spool spool,
        Requests requests,
        List<Group> groups,
        List<Worker> workers,
        List<Slot> slots,
        long stuck,
        int connectionsBound,
        Buffers buffers,
        Dropped dropped,
        Optional<String> tlsEngine,
        List<Certificate> certificates,
        Issuance issuance,
        List<Application> applications,
        Activity activity) {

    /** The same with what goes on. */
    public Picture with(Activity now) {
        return new Picture(
                version,
                pid,
                state,
                started,
                uptime,
                binds,
                server,
                application,
                generation,
                reload,
                queueLength,
                queueBound,
                inFlight,
                tunnels,
                spool,
                requests,
                groups,
                workers,
                slots,
                stuck,
                connectionsBound,
                buffers,
                dropped,
                tlsEngine,
                certificates,
                issuance,
                applications,
                now);
    }

    /** What {@code application} is for one of this name that is served from this directory. */
    public static String served(String name, Path directory) {
        return name + " in " + directory;
    }

    /**
     * One application of several.
     *
     * @param routes which requests are its, as a person writes it
     * @param picture it alone: what belongs to all is there as in the whole
     */
    public record Application(String name, List<String> routes, Picture picture) {}

    /**
     * The last order that was to lead to another generation.
     *
     * @param generation the number of that generation
     * @param outcome running, done, rolled back, superseded by a newer one, or refused for mistakes in the settings
     * @param at when it came to that
     * @param failure why it failed, in lines; empty otherwise
     */
    public record Reload(int generation, String outcome, Instant at, String failure) {}

    /**
     * What is in files because the other side does not take it at once.
     *
     * @param bytes now
     * @param most bytes that there may be
     * @param waiting answers whose worker waits, for there is no room for more of them
     */
    public record Spool(long bytes, long most, int waiting) {}

    /** Requests settled since the start, by class of status; {@code none}: the client left before one. */
    public record Requests(
            long informational, long success, long redirection, long clientError, long serverError, long none) {
        public long total() {
            return informational + success + redirection + clientError + serverError + none;
        }
    }

    /**
     * Workers that are alike, for comparing groups.
     *
     * @param server the server that they run; empty for workers that someone else runs
     * @param socket how they are reached: private, shared, tcp or attached
     * @param workers how many there are
     * @param ready how many of them take requests
     * @param lost places that are held by requests that were given up and that the workers have not ended
     * @param capacity requests that those can truly work on at once
     * @param requests requests that were sent to them and have ended
     * @param meanSeconds mean time of those with their workers; empty before the first
     * @param failed requests that they failed
     * @param restarts times that one of them was started again
     * @param scaling how their number follows the load; empty: it does not
     */
    public record Group(
            String name,
            Optional<String> server,
            String socket,
            int weight,
            int workers,
            int ready,
            int inFlight,
            int lost,
            int capacity,
            long requests,
            OptionalDouble meanSeconds,
            long failed,
            long restarts,
            Optional<Scaling> scaling) {}

    /**
     * A group whose number of workers follows the load.
     *
     * @param least how many there are at least
     * @param most how many there may be
     * @param wanted how many there are to be now
     * @param byHand whether a person ordered that, so that the load has no say
     * @param reason why, or why there are not more; empty until there was something
     * @param changed when that was
     * @param grown how often there were to be more, since the start
     * @param shrunk how often there were to be fewer
     */
    public record Scaling(
            int least,
            int most,
            int wanted,
            boolean byHand,
            String reason,
            Optional<Instant> changed,
            long grown,
            long shrunk) {}

    /**
     * One worker. What several behind one socket hold can not be told apart: it is empty for each of them, and told of their group.
     *
     * @param group the name of its group
     * @param pid its process; empty for one that is attached or not running
     * @param state starting, ready, draining, stopping, exited; of an attached worker starting, ready, ejected
     * @param why what brought it into this state; may be empty
     * @param since when it came into this state
     * @param restarts times that it was started again
     * @param lost places that are held by requests that were given up and that it has not ended
     * @param window requests that it may hold now
     * @param capacity requests that it can truly work on at once
     * @param settled requests settled on it
     * @param serviceSeconds the dispatcher's estimate of its service time
     * @param residentBytes resident memory of its process and those below it
     * @param processorSeconds processor time of them, with those that have ended
     * @param failure why its last start failed, such as a traceback, in lines; empty where it did not
     * @param nextProbe when an attached worker that is left out is looked at again
     */
    public record Worker(
            String name,
            String group,
            OptionalLong pid,
            String state,
            String why,
            Instant since,
            int generation,
            long restarts,
            OptionalLong inFlight,
            OptionalLong lost,
            OptionalLong window,
            OptionalLong capacity,
            OptionalLong settled,
            OptionalDouble serviceSeconds,
            OptionalLong residentBytes,
            OptionalDouble processorSeconds,
            Optional<Instant> nextProbe,
            String failure) {}

    /**
     * One slot: a worker, or all that share a socket, under their group's name.
     *
     * @param lost places that are held by requests that were given up
     * @param settled requests settled since it was made
     */
    public record Slot(String group, String name, int inFlight, int lost, int window, long settled) {
        /** Both of a worker's slots, while one process takes the place of another. */
        public Slot and(Slot other) {
            return new Slot(
                    group,
                    name,
                    inFlight + other.inFlight,
                    lost + other.lost,
                    window + other.window,
                    settled + other.settled);
        }
    }

    /**
     * Memory of the event loops for what passes.
     *
     * @param bytes now
     * @param most bytes that there may be
     */
    public record Buffers(long bytes, long most) {}

    /**
     * A certificate of listeners.
     *
     * @param name the first of the hosts' names that it is for
     * @param file where it was read from
     */
    public record Certificate(String name, String file, Instant expires) {}

    /**
     * Certificates that are had from an authority (ACME).
     *
     * @param issued how many were, since the start
     * @param failed orders that failed, since the start
     * @param names each name that one is asked for
     */
    public record Issuance(long issued, long failed, List<Renewal> names) {
        /** None are asked for. */
        public static final Issuance NONE = new Issuance(0, 0, List.of());
    }

    /**
     * One name that a certificate is asked for.
     *
     * @param file where the one that there is lies; empty: there is none yet
     * @param expires when it does
     * @param next when another one is ordered
     * @param failures how many orders in a row have failed
     * @param failure what the last one failed for; empty: it did not
     */
    public record Renewal(
            String name, String file, Optional<Instant> expires, Instant next, int failures, String failure) {}

    /** Lines that logs have lost since the start: Terpan's own, and the access log. */
    public record Dropped(long log, long access) {}
}
