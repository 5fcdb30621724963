package terpan.pool;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import terpan.config.Settings;
import terpan.config.Units;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.ProofCounts;
import terpan.dispatch.Tally;
import terpan.worker.Proven;

/**
 * Looks how workers do that prove themselves: what is worse ends it at once, what is not has to have gone on for its time and its number of
 * requests. A site with few requests is waited for ten times as long and no longer. Begun by the supervisor's thread, looked at by the first
 * loop's.
 */
public final class ProofWatch {
    private static final int PATIENCE = 10;
    private static final double MILLION = 1e6;

    /** One that goes on. */
    private record Going(Settings.Prove prove, int generation, long since, CompletableFuture<Proven> result) {}

    private final Dispatcher dispatcher;
    private volatile Optional<Going> going = Optional.empty();

    /** Nothing is to be proven yet. */
    public ProofWatch(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * Workers of this generation begin.
     *
     * @param now monotonic nanoseconds
     */
    CompletableFuture<Proven> begin(int generation, Settings.Prove prove, long now) {
        CompletableFuture<Proven> result = new CompletableFuture<>();
        dispatcher.prove(prove.percent(), now);
        going = Optional.of(new Going(prove, generation, now, result));
        return result;
    }

    /** It is over, whatever came of it. */
    void end(boolean well, long now) {
        going = Optional.empty();
        dispatcher.endProof(well, now);
    }

    /** A few times a second. */
    public void look(long now) {
        going.ifPresent(proof -> look(proof, now));
    }

    private void look(Going proof, long now) {
        ProofCounts counts = dispatcher.proofCounts(now);
        long answered = counts.fresh().requests();
        long span = proof.prove().span().toNanos();
        long elapsed = now - proof.since();
        boolean isWhole = elapsed >= span && answered >= proof.prove().requests();
        if (counts.failsMore()) {
            end(proof, false, "it fails more often", counts);
        } else if (isWhole || elapsed >= PATIENCE * span) {
            if (counts.isSlower()) {
                end(proof, false, "it is slower", counts);
            } else if (!isWhole
                    && counts.fresh().oldestOpen() >= span
                    && counts.old().oldestOpen() < span) {
                end(proof, false, "it does not end what it has", counts);
            } else {
                end(proof, true, isWhole ? "it does as well" : few(proof, answered), counts);
            }
        }
    }

    private static String few(Going proof, long answered) {
        return "only %d of %d requests came in %s, and nothing is wrong with them"
                .formatted(
                        answered,
                        proof.prove().requests(),
                        Units.show(proof.prove().span().multipliedBy(PATIENCE)));
    }

    private void end(Going proof, boolean well, String what, ProofCounts counts) {
        going = Optional.empty();
        Proven proven = new Proven(well, what + ": " + figures(proof, counts));
        // Whoever waits for it may wait for others in turn, which the loop must not.
        Thread.startVirtualThread(() -> proof.result().complete(proven));
    }

    private static String figures(Going proof, ProofCounts counts) {
        return "generation " + proof.generation() + " " + figures(counts.fresh()) + "; the workers that serve "
                + figures(counts.old());
    }

    private static String figures(Tally tally) {
        return String.format(
                Locale.ROOT,
                "answered %,d, %,d with 500 or more, 95%% within %.1f ms",
                tally.requests(),
                tally.failures(),
                tally.p95() / MILLION);
    }
}
