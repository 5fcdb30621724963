package terpan.server;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** The worker that comes with Terpan and speaks the native link. */
final class Builtin implements ServerKind {
    @Override
    public String name() {
        return "builtin";
    }

    @Override
    public int threadsDefault() {
        return 1;
    }

    @Override
    public String installHint() {
        return "";
    }

    @Override
    public OptionRules options() {
        return new OptionRules(Set.of(), Map.of());
    }

    @Override
    public ServerProfile profile(int threads, Map<String, String> options) {
        return new ServerProfile(
                name(),
                Protocol.NATIVE,
                threads,
                threads,
                true,
                true,
                Duration.ofDays(365),
                1,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                PoliteSignal.TERM,
                true);
    }
}
