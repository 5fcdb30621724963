package terpan.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Terpan at one moment, as {@code terpan status} and {@code GET /status} show it.
 *
 * @param state one word: starting, serving, stopping
 * @param binds where clients are listened to, as a person writes addresses
 * @param server the WSGI server with its version if known
 * @param application what is served; empty with attached workers alone
 * @param queueLength requests in the wait queue
 * @param queueBound most that it takes
 * @param inFlight requests granted and not settled
 */
public record StatusSnapshot(
        String version,
        long pid,
        String state,
        Instant started,
        Duration uptime,
        List<String> binds,
        String server,
        Optional<String> application,
        int generation,
        int queueLength,
        int queueBound,
        int inFlight,
        Requests requests,
        List<Worker> workers) {

    /** Requests settled since the start, by class of status; {@code none}: the client left before one. */
    public record Requests(
            long informational, long success, long redirection, long clientError, long serverError, long none) {
        public long total() {
            return informational + success + redirection + clientError + serverError + none;
        }
    }

    /**
     * One worker.
     *
     * @param pid its process; empty for one that is attached or not running
     * @param state starting, ready, draining, stopping, exited
     * @param why what brought it into this state; may be empty
     * @param since when it came into this state
     * @param restarts times that it was started again
     * @param window requests that it may hold now
     * @param capacity requests that it can truly work on at once
     * @param settled requests settled on it
     * @param serviceSeconds the dispatcher's estimate of its service time
     * @param residentBytes resident memory of its process
     */
    public record Worker(
            String name,
            OptionalLong pid,
            String state,
            String why,
            Instant since,
            int generation,
            long restarts,
            int inFlight,
            int window,
            int capacity,
            long settled,
            OptionalDouble serviceSeconds,
            OptionalLong residentBytes) {}
}
