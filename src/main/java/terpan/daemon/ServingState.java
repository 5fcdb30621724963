package terpan.daemon;

import java.util.Locale;

/** Where a run stands. */
enum ServingState {
    STARTING,
    SERVING,
    STOPPING;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
