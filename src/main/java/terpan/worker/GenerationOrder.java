package terpan.worker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An order that leads to another generation, whichever way: whom it tells how it turns out, and why it was taken back. */
abstract sealed class GenerationOrder extends Order permits InPlaceRollout, Rollout {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationOrder.class);

    private final Generation generation;
    private final Rollout.Observer observer;
    private boolean superseded;
    private String why = "";

    /** To this generation; not begun. */
    GenerationOrder(Generation generation, Rollout.Observer observer) {
        this.generation = generation;
        this.observer = observer;
    }

    /** The generation that it leads to. */
    final Generation leadsTo() {
        return generation;
    }

    /** The number of the generation that it leads to. */
    public final int generation() {
        return generation.number();
    }

    /** What is wrong with the answers to requests of our own, which have all come; empty: nothing. */
    static Optional<String> wrong(CompletableFuture<Optional<String>> warming) {
        return warming.isCompletedExceptionally() ? Optional.of("it could not be warmed") : warming.join();
    }

    /** The new generation serves from now on. */
    final void tookOver() {
        observer.tookOver();
    }

    /** The old one shall serve on; why, for people. The first reason counts. */
    final void isTakenBack(String reason) {
        why = why.isEmpty() ? reason : why;
    }

    /** The same for a newer order. */
    final void isSuperseded(String reason) {
        superseded = true;
        isTakenBack(reason);
    }

    /** The old one serves on: log and observer hear of it. */
    final void failed() {
        end(State.FAILED, why);
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

    /** The new one serves, and nothing of the old one is waited for any more. */
    final void done() {
        end(State.DONE, "");
        LOG.atInfo().addKeyValue("generation", generation.number()).log("rollout done");
    }
}
