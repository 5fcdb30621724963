package terpan.worker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from one generation to the next: its workers start beside the old ones and are warmed; once all of them are well, they take over
 * and the old ones drain. What goes wrong before that ends it: the new workers go, and the old ones, which never stopped serving, stay.
 * Taking over as soon as the first worker is ready was rejected: a version of which only some workers start would serve beside the old one.
 */
public final class Rollout extends Order {
    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    /** How far it has come. */
    enum Phase {
        /** Earlier generations drain still, and are too many. */
        WAITING,
        /** The new workers start. */
        STARTING,
        /** They answer requests of our own. */
        WARMING,
        /** They serve, and the old ones answer what they have. */
        DRAINING,
        /** They are ended, for something went wrong. */
        ROLLING_BACK,
        /** It is over. */
        ENDED
    }

    /** Is told once how it turns out, on the supervisor's thread: must not block. */
    public interface Observer {
        /** The new generation serves from now on. */
        void tookOver();

        /** The old generation serves on; why, for people. */
        void rolledBack(String why);

        /** The old generation serves on, for a newer order took its place. */
        void superseded();
    }

    /** A generation's workers, as far as a rollout is concerned. */
    interface Fleet {
        /** What it is called, for people. */
        String name();

        /** How many workers it has. */
        int workers();

        /** How many of them are ready. */
        int ready();

        /** Why one of them that took no requests yet has ended; empty: none has. */
        Optional<String> failure();

        /** Sends each worker requests of our own. Completed with what was wrong with the answers, or with nothing. */
        CompletableFuture<Optional<String>> warm();

        /** Its workers take requests from now on. */
        void admit();

        /** Its workers get no new request; each ends when it has answered what it has, or its time is over. */
        void retire();

        /** Its workers are ended at once. */
        void stopNow();

        /** Whether none of its workers is left. */
        boolean hasEnded();
    }

    /** Where generations are begun and known. */
    interface Fleets {
        /** Whether so many generations drain that another has to wait. */
        boolean isFull();

        /** The generation that serves. */
        Fleet serving();

        /** Starts the workers of another generation, which take no requests yet. */
        Fleet begin(Generation next);

        /** This one serves from now on. */
        void serves(Fleet next);
    }

    private final Generation generation;
    private final Fleets fleets;
    private final Observer observer;
    private Phase phase = Phase.WAITING;
    private @Nullable Fleet next;
    private @Nullable Fleet old;
    private @Nullable CompletableFuture<Optional<String>> warming;
    private int told;
    private boolean waits;
    private boolean superseded;
    private String why = "";

    /** To this generation; not begun. */
    Rollout(Generation generation, Fleets fleets, Observer observer) {
        this.generation = generation;
        this.fleets = fleets;
        this.observer = observer;
    }

    Phase phase() {
        return phase;
    }

    /** The number of the generation that it leads to. */
    public int generation() {
        return generation.number();
    }

    @Override
    boolean advance() {
        Phase before;
        do {
            before = phase;
            switch (phase) {
                case WAITING -> begin();
                case STARTING -> started();
                case WARMING -> warmed();
                case DRAINING -> drained();
                case ROLLING_BACK -> rolledBack();
                case ENDED -> {}
            }
        } while (phase != before);
        return phase == Phase.ENDED;
    }

    private void begin() {
        if (fleets.isFull()) {
            if (!waits) {
                waits = true;
                step("earlier generations still answer what they have; it waits until one of them has ended");
            }
            return;
        }
        Fleet serving = fleets.serving();
        Fleet begun = fleets.begin(generation);
        old = serving;
        next = begun;
        phase = Phase.STARTING;
        LOG.atInfo()
                .addKeyValue("generation", generation.number())
                .addKeyValue("workers", begun.workers())
                .log("rollout begins");
        step("%s starts with %s beside %s".formatted(begun.name(), counted(begun.workers()), serving.name()));
    }

    private static String counted(int workers) {
        return workers == 1 ? "1 worker" : workers + " workers";
    }

    private Fleet next() {
        if (next == null) {
            throw new IllegalStateException("the rollout has not begun");
        }
        return next;
    }

    private void started() {
        if (failed()) {
            return;
        }
        int ready = next().ready();
        if (ready > told) {
            step(ready + " of " + counted(next().workers()) + (ready == 1 ? " is ready" : " are ready"));
        }
        told = ready;
        if (ready == next().workers()) {
            warming = next().warm();
            phase = Phase.WARMING;
        }
    }

    private void warmed() {
        if (failed() || warming == null || !warming.isDone()) {
            return;
        }
        Optional<String> wrong =
                warming.isCompletedExceptionally() ? Optional.of("it could not be warmed") : warming.join();
        if (wrong.isPresent()) {
            rollBack(wrong.get());
        } else {
            takeOver();
        }
    }

    /** A worker of the new generation has ended: all of it goes back. */
    private boolean failed() {
        Optional<String> failure = next().failure();
        failure.ifPresent(this::rollBack);
        return failure.isPresent();
    }

    private void takeOver() {
        Fleet leaves = old;
        if (leaves == null) {
            throw new IllegalStateException("there is nothing to take the place of");
        }
        next().admit();
        fleets.serves(next());
        observer.tookOver();
        leaves.retire();
        phase = Phase.DRAINING;
        LOG.atInfo().addKeyValue("generation", generation.number()).log("generation takes over");
        step("%s takes over; %s answers what it has".formatted(next().name(), leaves.name()));
    }

    private void drained() {
        if (old != null && old.hasEnded()) {
            step(old.name() + " has ended");
            done();
        }
    }

    private void done() {
        phase = Phase.ENDED;
        end(State.DONE, "");
        LOG.atInfo().addKeyValue("generation", generation.number()).log("rollout done");
    }

    private void rollBack(String reason) {
        why = reason;
        next().stopNow();
        phase = Phase.ROLLING_BACK;
        step("%s is taken back; %s serves on".formatted(next().name(), old == null ? "nobody" : old.name()));
    }

    private void rolledBack() {
        if (next().hasEnded()) {
            fail();
        }
    }

    private void fail() {
        phase = Phase.ENDED;
        end(State.FAILED, why);
        tellRolledBack(generation, why, superseded, observer);
    }

    /** The log and the observer hear that a generation was taken back, whichever way it was to come. */
    static void tellRolledBack(Generation generation, String why, boolean superseded, Observer observer) {
        LOG.atError()
                .addKeyValue("generation", generation.number())
                .addKeyValue("failure", why)
                .log("rollout was rolled back");
        if (superseded) {
            observer.superseded();
        } else {
            observer.rolledBack(why);
        }
    }

    /** What has taken over stays. */
    @Override
    void giveWay(String reason) {
        switch (phase) {
            case WAITING -> {
                superseded = true;
                why = reason;
                fail();
            }
            case STARTING, WARMING -> {
                superseded = true;
                rollBack(reason);
            }
            case DRAINING -> {
                step("the next order begins while the workers before it drain");
                done();
            }
            case ROLLING_BACK, ENDED -> {}
        }
    }

    @Override
    void cancel(String reason) {
        if (phase == Phase.DRAINING || phase == Phase.ENDED) {
            end(State.FAILED, reason);
            phase = Phase.ENDED;
            return;
        }
        if (next != null) {
            next.stopNow();
        }
        why = why.isEmpty() ? reason : why;
        fail();
    }
}
