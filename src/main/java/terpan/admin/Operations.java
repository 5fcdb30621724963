package terpan.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.metrics.MetricsFormat;
import terpan.picture.Picture;

/**
 * What the operators' listener can see and do; the composition root implements it. Called on virtual threads, many at once. An application is
 * one of several, by its name; the empty name means the only one, or all of several.
 */
public interface Operations {
    /** Everything at one moment. */
    Picture status();

    /** One application of several at one moment; empty: there is none of that name. */
    Optional<Picture> status(String application);

    /** Whether requests can be served now: those of one application at least. */
    Health health();

    /** What of Terpan's own threads does not do what it is told: a sentence; empty: all of them do. */
    Optional<String> hangs();

    /** The same as {@link #health()} of one application of several; empty: there is none of that name. */
    Optional<Health> health(String application);

    /** Begins to replace one worker, or all of the application of several that has this name, by a new process, which is ready before the old one drains; does not wait for it. */
    CommandResult restart(String worker);

    /** Begins to replace all workers of ours, one after the other; does not wait for it. */
    CommandResult restartAll(String application);

    /**
     * Reads settings and code anew and begins to lead there: new workers beside the old ones, which serve until all of the new are ready;
     * does not wait for it.
     *
     * @param inPlace whether workers go before others come, whatever memory there is
     */
    CommandResult reload(String application, boolean inPlace);

    /** Begins to lead back to the generation before the one that serves; does not wait for it. */
    CommandResult rollback(String application);

    /**
     * Begins to give a group another number of workers, until the next reload; does not wait for it. Or has the load say how many again.
     *
     * @param group empty: the only one that there is
     * @param count at least 1; empty: as many as the load asks for, in a group of a range
     */
    CommandResult scale(String application, Optional<String> group, OptionalInt count);

    /**
     * Holds new requests in the queue; those that are with workers go on.
     *
     * @param most after that it ends by itself
     */
    CommandResult pause(String application, Duration most);

    /**
     * Has clients answered with the page for 503, until {@link #endMaintenance(String)}.
     *
     * @param through addresses and networks whose clients are served
     */
    CommandResult maintenance(String application, List<String> through);

    /** Has clients served again. */
    CommandResult endMaintenance(String application);

    /** Ends a pause. */
    CommandResult resume(String application);

    /** How far an order has come; empty: none of that id is known any more. */
    Optional<OperationSnapshot> operation(String id);

    /**
     * Begins to start another process, which takes this one's place once it is ready; does not wait for it.
     *
     * @param program its command; empty: the one that this process was started by
     */
    CommandResult upgrade(Optional<Path> program);

    /** What a worker's threads are at. */
    sealed interface Stack {
        /** The worker wrote so, line by line. */
        record Told(List<String> lines) implements Stack {}

        /** It did not. */
        record Not(boolean known, String why) implements Stack {}
    }

    /** Has a worker write what its threads are at, and waits for it, a second or two at most. */
    Stack stack(String worker);

    /** The last lines of the log with a higher number. */
    List<LogLine> lines(long since);

    /** Begins to stop Terpan as a TERM signal does; does not wait for it. */
    CommandResult stop();

    /** Writes all metrics. */
    void writeMetrics(OutputStream out, MetricsFormat format) throws IOException;
}
