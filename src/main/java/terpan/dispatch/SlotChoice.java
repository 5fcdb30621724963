package terpan.dispatch;

import org.jspecify.annotations.Nullable;
import terpan.config.Settings;

/**
 * Chooses among the ready slots that take a request. Each finds one if there is any; but for a request with a home, which is found or none.
 * Guarded by the dispatcher's lock.
 */
sealed interface SlotChoice permits FirstFree, LeastLoaded, RandomTwo, RoundRobin, Sticky {
    /**
     * The slot for a request.
     *
     * @param key what a sticky choice goes by; 0 for none
     */
    @Nullable
    Slot choose(ReadySlots ready, Need need, long key, long now);

    /** The ready slot that a request with this key waits for alone; null: it may go to any. */
    default @Nullable Slot home(ReadySlots ready, long key) {
        return null;
    }

    static SlotChoice of(Settings.Dispatch settings, java.util.function.IntUnaryOperator random) {
        return switch (settings.choice()) {
            case LEAST_LOADED -> new LeastLoaded();
            case ROUND_ROBIN -> new RoundRobin();
            case RANDOM_TWO -> new RandomTwo(random);
            case FIRST_FREE -> new FirstFree();
            case STICKY -> new Sticky(settings.sticky());
        };
    }
}
