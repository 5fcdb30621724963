package terpan.edge.files;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.config.StaticFiles;
import terpan.http.RequestHead;

/** Which requests of an application are for files: the longest path counts. Immutable. */
public final class StaticRules {
    private final StaticRule[] longestFirst;

    private StaticRules(StaticRule[] longestFirst) {
        this.longestFirst = longestFirst;
    }

    /** Rules for clients' requests. */
    public static StaticRules of(List<StaticFiles> settings) {
        return of(settings, true);
    }

    /** Rules for paths that the application's answers name. */
    static StaticRules internal(List<StaticFiles> settings) {
        return of(settings, false);
    }

    private static StaticRules of(List<StaticFiles> settings, boolean forClients) {
        return new StaticRules(settings.stream()
                .sorted(Comparator.comparingInt((StaticFiles one) -> one.path().length())
                        .reversed())
                .map(one -> forClients ? StaticRule.of(one) : StaticRule.internal(one))
                .toArray(StaticRule[]::new));
    }

    /**
     * The rule for a request; null: it is for no file.
     *
     * @param from where the path begins, behind what the application is mounted below
     */
    public @Nullable StaticRule find(RequestHead head, int from) {
        for (StaticRule rule : longestFirst) {
            if (rule.takes(head, from)) {
                return rule;
            }
        }
        return null;
    }

    /** The rule for a path in a range of bytes; null: there is none. */
    @Nullable
    StaticRule find(byte[] bytes, int from, int to) {
        for (StaticRule rule : longestFirst) {
            if (StaticRule.behind(bytes, from, to, rule.path()) >= 0) {
                return rule;
            }
        }
        return null;
    }

    /**
     * Where a request's path goes on behind what its application is mounted below; the end where it is that.
     *
     * @param script what it is mounted below; empty: nothing
     */
    public static int behindScript(RequestHead head, byte[] script) {
        int at = StaticRule.behind(head.bytes, head.pathStart, head.pathEnd, script);
        return at < 0 ? head.pathEnd : at;
    }
}
