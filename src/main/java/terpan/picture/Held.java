package terpan.picture;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What open requests of one route hold together.
 *
 * @param working how many are with workers
 * @param waiting how many wait
 * @param oldestWorking since when the one is with a worker that is longest; the moment of 1970 where none is
 * @param oldestWaiting since when the one waits that waits longest; the moment of 1970 where none does
 */
public record Held(
        String application, String route, int working, int waiting, Instant oldestWorking, Instant oldestWaiting) {
    private record Name(String application, String route) {}

    /** The routes of these requests, those first that hold most. */
    static List<Held> of(List<OpenRequest> open) {
        Map<Name, Held> byRoute = new LinkedHashMap<>();
        for (OpenRequest one : open) {
            byRoute.merge(new Name(one.application(), one.route()), of(one), Held::and);
        }
        List<Held> held = new ArrayList<>(byRoute.values());
        held.sort(Comparator.comparingInt(Held::working)
                .thenComparingInt(Held::waiting)
                .reversed());
        return held;
    }

    private static Held of(OpenRequest one) {
        return new Held(
                one.application(),
                one.route(),
                one.works() ? 1 : 0,
                one.waits() ? 1 : 0,
                one.works() ? one.since() : Instant.EPOCH,
                one.waits() ? one.since() : Instant.EPOCH);
    }

    private Held and(Held other) {
        return new Held(
                application,
                route,
                working + other.working,
                waiting + other.waiting,
                older(oldestWorking, other.oldestWorking),
                older(oldestWaiting, other.oldestWaiting));
    }

    private static Instant older(Instant one, Instant other) {
        if (one.equals(Instant.EPOCH) || other.equals(Instant.EPOCH)) {
            return one.equals(Instant.EPOCH) ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }
}
