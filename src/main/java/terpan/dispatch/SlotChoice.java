package terpan.dispatch;

import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/** Chooses among the ready slots that take a request. Each finds one if there is any. Guarded by the dispatcher's lock. */
sealed interface SlotChoice permits FirstFree, LeastLoaded, RandomTwo, RoundRobin, Sticky {
    /**
     * The slot for a request.
     *
     * @param key what a sticky choice goes by; 0 for none
     */
    @Nullable
    Slot choose(ReadySlots ready, Need need, int key, long now);

    static SlotChoice of(Settings.Choice choice, java.util.function.IntUnaryOperator random) {
        return switch (choice) {
            case LEAST_LOADED -> new LeastLoaded();
            case ROUND_ROBIN -> new RoundRobin();
            case RANDOM_TWO -> new RandomTwo(random);
            case FIRST_FREE -> new FirstFree();
            case STICKY -> new Sticky();
        };
    }
}
