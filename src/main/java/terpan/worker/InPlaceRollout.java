package terpan.worker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from one generation to the next where there is no memory for both: a worker of the old one drains and ends, then one of the new one
 * starts in its place, and so on. Where there is memory for one more, the first new worker starts before an old one goes: code that does not
 * import takes nobody away. Where there is not, there is one worker less for a moment, and if it was the only one requests wait. When a new worker
 * does not become ready, or answers badly what it is warmed with, the new ones end and old ones are started in their places, from the old
 * settings and place.
 */
final class InPlaceRollout extends GenerationOrder {
    private static final Logger LOG = LoggerFactory.getLogger(InPlaceRollout.class);

    /** One worker on its way in or out. */
    interface Member {
        String name();

        boolean isReady();

        boolean isEnded();

        /** Sends it requests of our own, while it takes no others. Completed with what is wrong with the answers, or with nothing. */
        CompletableFuture<Optional<String>> warm();

        /** It takes requests from now on; why, for people. */
        void admit(String why);

        /** Whether its last start has failed, though it may be tried again. */
        boolean hasFailed();

        /** What became of it, once it has ended. */
        String whyEnded();
    }

    /** A generation whose workers come and go one by one. */
    interface Fleet {
        String name();

        /** How many workers it is to have. */
        int workers();

        /** Starts the next of its workers, with one try; it takes requests once it is admitted. Empty: all were started. */
        Optional<? extends Member> startNext();

        /** Has one of its workers drain and end. Empty: none is left. */
        Optional<? extends Member> retireNext();

        /** Starts one in place of one that was retired, again and again if need be. Empty: all of them were. */
        Optional<? extends Member> restoreNext();

        /** How many of its workers have not ended. */
        int alive();

        /** None of its workers is started any more, and it is forgotten with the last one. */
        void ends();
    }

    /** Where generations are begun and known. */
    interface Fleets {
        Fleet serving();

        /** A generation of which nothing has been started. */
        Fleet prepare(Generation next);

        /** This one serves from now on. */
        void serves(Fleet next);
    }

    private final Fleets fleets;
    private @Nullable Fleet next;
    private @Nullable Fleet old;
    private Optional<? extends Member> coming = Optional.empty();
    private Optional<? extends Member> leaving = Optional.empty();
    private int before;
    private boolean roomMade;
    private boolean back;
    private Optional<CompletableFuture<Optional<String>>> warming = Optional.empty();

    /**
     * To this generation; not begun.
     *
     * @param roomForOne whether one worker may start before one goes
     */
    InPlaceRollout(Generation generation, boolean roomForOne, Fleets fleets, Rollout.Observer observer) {
        super(generation, observer);
        this.roomMade = roomForOne;
        this.fleets = fleets;
    }

    @Override
    boolean advance() {
        if (isOver()) {
            return true;
        }
        Fleet to = next;
        Fleet from = old;
        if (to == null || from == null) {
            from = fleets.serving();
            to = fleets.prepare(leadsTo());
            old = from;
            next = to;
            before = from.alive();
            LOG.atInfo().addKeyValue("generation", generation()).log("rollout in place begins");
            step("the workers of %s take the places of those of %s, one at a time".formatted(to.name(), from.name()));
        }
        while (!isOver() && !waits()) {
            if (back) {
                goBack(to, from);
            } else {
                goOn(to, from);
            }
        }
        return isOver();
    }

    /** Whether a worker that comes or goes is waited for. */
    private boolean waits() {
        if (leaving.filter(member -> !member.isEnded()).isPresent()) {
            return true;
        }
        leaving.ifPresent(member -> step(member.name() + " has ended"));
        leaving = Optional.empty();
        if (coming.isEmpty()) {
            return false;
        }
        Member member = coming.get();
        boolean comes = member.isReady() ? !back && isWarming(member) : !member.isEnded() && !member.hasFailed();
        if (comes) {
            return true;
        }
        if (member.isEnded() && !back) {
            turnBack(member.whyEnded());
        }
        coming = Optional.empty();
        warming = Optional.empty();
        return false;
    }

    /** Whether its answers to requests of our own are waited for; after good ones it takes others, after bad ones it goes. */
    private boolean isWarming(Member member) {
        CompletableFuture<Optional<String>> answers = warming.orElseGet(member::warm);
        warming = Optional.of(answers);
        if (!answers.isDone()) {
            return true;
        }
        wrong(answers).ifPresentOrElse(this::turnBack, () -> {
            member.admit("it takes an old one's place");
            step(member.name() + " is ready");
            roomMade = false;
        });
        return false;
    }

    private void goOn(Fleet to, Fleet from) {
        if (!roomMade) {
            roomMade = true;
            leaving = from.retireNext();
            if (leaving.isPresent()) {
                return;
            }
        }
        coming = to.startNext();
        if (coming.isPresent()) {
            return;
        }
        leaving = from.retireNext();
        if (leaving.isEmpty()) {
            fleets.serves(to);
            from.ends();
            tookOver();
            done();
        }
    }

    private void turnBack(String reason) {
        back = true;
        isTakenBack(reason);
        if (old != null && next != null) {
            step("%s is taken back; workers of %s are started again".formatted(next.name(), old.name()));
        }
    }

    private void goBack(Fleet to, Fleet from) {
        coming = from.alive() + to.alive() < before ? from.restoreNext() : Optional.empty();
        if (coming.isPresent()) {
            return;
        }
        leaving = to.retireNext();
        if (leaving.isEmpty()) {
            to.ends();
            failed();
        }
    }

    @Override
    void giveWay(String reason) {
        if (isOver() || back) {
            return;
        }
        isSuperseded(reason);
        if (next == null) {
            failed();
        } else {
            // One that comes just now is waited for: then it goes with the others.
            turnBack(reason);
        }
    }

    @Override
    void cancel(String reason) {
        if (!isOver()) {
            isTakenBack(reason);
            failed();
        }
    }
}
