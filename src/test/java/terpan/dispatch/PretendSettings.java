package terpan.dispatch;

import java.time.Duration;
import terpan.config.Settings;

/** Dispatcher settings for tests: the defaults but for what a test is about. */
final class PretendSettings {
    static final long WAIT = Duration.ofSeconds(30).toNanos();

    private PretendSettings() {}

    static Settings.Dispatch defaults() {
        return of(Settings.Choice.LEAST_LOADED, 0);
    }

    static Settings.Dispatch of(Settings.Choice choice, int queueSize) {
        return of(choice, Settings.Sticky.ADDRESS, queueSize);
    }

    static Settings.Dispatch of(Settings.Choice choice, Settings.Sticky sticky, int queueSize) {
        return new Settings.Dispatch(choice, sticky, queueSize, Duration.ofSeconds(30), 32, Duration.ofMillis(1));
    }
}
