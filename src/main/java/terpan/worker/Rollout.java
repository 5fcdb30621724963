package terpan.worker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from one generation to the next: its workers start beside the old ones and are warmed; once all of them are well, they take over
 * and the old ones drain. Where it is asked for they first prove themselves by a share of the requests. What goes wrong before that ends it: the new workers go, and the old ones, which never stopped serving, stay.
 * Taking over as soon as the first worker is ready was rejected: a version of which only some workers start would serve beside the old one.
 */
public final class Rollout extends GenerationOrder {
    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    /** How far it has come. */
    enum Phase {
        /** Earlier generations drain still, and are too many. */
        WAITING,
        /** The new workers start. */
        STARTING,
        /** They answer requests of our own. */
        WARMING,
        /** They answer a share of the requests, and are compared with the old ones. */
        PROVING,
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

        /** Whether its workers were kept since they served: there is nothing to warm or to prove. */
        boolean hasServed();

        /** Whether its workers are to prove themselves before they take over. */
        boolean isToProve();

        /** Its workers take a share of the requests. Completed with how they do beside those that serve. */
        CompletableFuture<Proven> prove();

        /** Its workers take requests from now on. */
        void admit();

        /** Whether its workers stay, without requests, once another generation serves. */
        boolean isToKeep();

        /** Its workers get no new request and stay. */
        void park();

        /** Its workers get no new request; each ends when it has answered what it has, or its time is over. */
        void retire();

        /** Its workers are ended at once. */
        void stopNow();

        /** Whether none of its workers is left. */
        boolean hasEnded();
    }

    /** Where generations are begun and known. */
    interface Fleets {
        /** Whether so many generations drain that this one has to wait, or one of its number does. */
        boolean isFull(Generation next);

        /** The generation that serves. */
        Fleet serving();

        /** Starts the workers of another generation, which take no requests yet; or it is the one that was kept. */
        Fleet begin(Generation next);

        /** This one serves from now on; any that was kept beside the one that served is not any more. */
        void serves(Fleet next);

        /** This one, which has served, is kept for as long as its settings say. */
        void keep(Fleet old);
    }

    private final Fleets fleets;
    private Phase phase = Phase.WAITING;
    private @Nullable Fleet next;
    private @Nullable Fleet old;
    private @Nullable CompletableFuture<Optional<String>> warming;
    private @Nullable CompletableFuture<Proven> proving;
    private int told;
    private boolean waits;

    /** To this generation; not begun. */
    Rollout(Generation generation, Fleets fleets, Observer observer) {
        super(generation, observer);
        this.fleets = fleets;
    }

    Phase phase() {
        return phase;
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
                case PROVING -> proven();
                case DRAINING -> drained();
                case ROLLING_BACK -> rolledBack();
                case ENDED -> {}
            }
        } while (phase != before);
        return phase == Phase.ENDED;
    }

    private void begin() {
        if (fleets.isFull(leadsTo())) {
            if (!waits) {
                waits = true;
                step("earlier generations still answer what they have; it waits until one of them has ended");
            }
            return;
        }
        Fleet serving = fleets.serving();
        Fleet begun = fleets.begin(leadsTo());
        old = serving;
        next = begun;
        phase = Phase.STARTING;
        LOG.atInfo()
                .addKeyValue("generation", generation())
                .addKeyValue("workers", begun.workers())
                .log("rollout begins");
        step((begun.hasServed() ? "%s was kept with %s beside %s" : "%s starts with %s beside %s")
                .formatted(begun.name(), counted(begun.workers()), serving.name()));
    }

    private static String counted(int workers) {
        return workers == 1 ? "1 worker" : workers + " workers";
    }

    private Fleet fleet() {
        if (next == null) {
            throw new IllegalStateException("the rollout has not begun");
        }
        return next;
    }

    private void started() {
        if (hasFailed()) {
            return;
        }
        int ready = fleet().ready();
        if (ready > told) {
            step(ready + " of " + counted(fleet().workers()) + (ready == 1 ? " is ready" : " are ready"));
        }
        told = ready;
        if (ready == fleet().workers() && fleet().hasServed()) {
            takeOver();
        } else if (ready == fleet().workers()) {
            warming = fleet().warm();
            phase = Phase.WARMING;
        }
    }

    private void warmed() {
        if (hasFailed() || warming == null || !warming.isDone()) {
            return;
        }
        Optional<String> wrong = wrong(warming);
        if (wrong.isPresent()) {
            rollBack(wrong.get());
        } else if (fleet().isToProve()) {
            proving = fleet().prove();
            phase = Phase.PROVING;
            step(fleet().name() + " proves itself by a share of the requests");
        } else {
            takeOver();
        }
    }

    private void proven() {
        if (hasFailed() || proving == null || !proving.isDone()) {
            return;
        }
        Proven result =
                proving.isCompletedExceptionally() ? new Proven(false, "it could not be proven") : proving.join();
        if (result.well()) {
            step(result.text());
            takeOver();
        } else {
            rollBack(result.text());
        }
    }

    /** A worker of the new generation has ended: all of it goes back. */
    private boolean hasFailed() {
        Optional<String> failure = fleet().failure();
        failure.ifPresent(this::rollBack);
        return failure.isPresent();
    }

    private void takeOver() {
        Fleet leaves = old;
        if (leaves == null) {
            throw new IllegalStateException("there is nothing to take the place of");
        }
        fleet().admit();
        fleets.serves(fleet());
        tookOver();
        LOG.atInfo().addKeyValue("generation", generation()).log("generation takes over");
        phase = Phase.DRAINING;
        if (leaves.isToKeep()) {
            leaves.park();
            fleets.keep(leaves);
            step("%s takes over; %s is kept for a rollback".formatted(fleet().name(), leaves.name()));
            over();
        } else {
            leaves.retire();
            step("%s takes over; %s answers what it has".formatted(fleet().name(), leaves.name()));
        }
    }

    private void drained() {
        if (old != null && old.hasEnded()) {
            step(old.name() + " has ended");
            over();
        }
    }

    private void over() {
        phase = Phase.ENDED;
        done();
    }

    private void rollBack(String reason) {
        isTakenBack(reason);
        endNext();
        phase = Phase.ROLLING_BACK;
        step("%s is taken back; %s serves on".formatted(fleet().name(), old == null ? "nobody" : old.name()));
    }

    /** Workers that have requests of clients answer them. */
    private void endNext() {
        if (phase == Phase.PROVING) {
            fleet().retire();
        } else {
            fleet().stopNow();
        }
    }

    private void rolledBack() {
        if (fleet().hasEnded()) {
            fail();
        }
    }

    private void fail() {
        phase = Phase.ENDED;
        failed();
    }

    /** What has taken over stays. */
    @Override
    void giveWay(String reason) {
        switch (phase) {
            case WAITING -> {
                isSuperseded(reason);
                fail();
            }
            case STARTING, WARMING, PROVING -> {
                isSuperseded(reason);
                rollBack(reason);
            }
            case DRAINING -> {
                step("the next order begins while the workers before it drain");
                over();
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
            endNext();
        }
        isTakenBack(reason);
        fail();
    }
}
