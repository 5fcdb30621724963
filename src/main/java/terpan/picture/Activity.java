package terpan.picture;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What goes on at one moment, and what went on shortly before; bounded in every part. Immutable.
 *
 * @param open requests that wait or are with workers, those first that began first
 * @param unlisted how many more of them there are
 * @param complete whether every event loop told of its requests and connections in time
 * @param connections those of clients, as far as the loops told
 * @param groups the rates of each group of workers, by its name
 * @param routes what was asked for in the last seconds, what took most of the workers' time first
 * @param events what happened to workers, generations, limits and in faults, the last one last
 * @param slow the slowest requests of the last minutes, the slowest first
 * @param failed requests that failed, the last one last
 * @param seconds a figure for each second until now, the last one last
 * @param front what Terpan itself takes
 * @param advice what the figures say that somebody could do, a sentence each; none: nothing
 */
public record Activity(
        List<OpenRequest> open,
        int unlisted,
        boolean complete,
        Connections connections,
        Rates rates,
        Map<String, Rates> groups,
        List<Route> routes,
        List<Event> events,
        List<PastRequest> slow,
        List<PastRequest> failed,
        List<Second> seconds,
        Front front,
        List<String> advice) {
    /** Nothing is known. */
    public static final Activity NONE = of(Rates.NONE);

    /** The same with these figures alone: what one application of several knows. */
    public static Activity of(Rates rates) {
        return new Activity(
                List.of(),
                0,
                true,
                Connections.NONE,
                rates,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Front.NONE,
                List.of());
    }

    /** What all requests of a route do together that wait or are with workers, the one first that holds most; see {@link Held}. */
    public List<Held> held() {
        return Held.of(open);
    }

    /**
     * Figures of the last seconds.
     *
     * @param seconds of how many they are; 0: nothing is known yet
     * @param perSecond requests settled a second
     * @param half half of the requests took no longer from first to last byte, seconds; 0 where there were none
     * @param most 99 of 100 took no longer, seconds
     * @param queueMost 99 of 100 waited no longer for a place on a worker, seconds
     * @param failedPerSecond answers a second with a status of 500 or more
     * @param busy places of workers that were taken in the mean, by the requests that have ended
     */
    public record Rates(
            double seconds,
            double perSecond,
            double half,
            double most,
            double queueMost,
            double failedPerSecond,
            double busy) {
        /** None yet. */
        public static final Rates NONE = new Rates(0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * The figures of the requests that have a method and the shape of a path in common.
     *
     * @param name such as {@code GET /report/{}}
     * @param share of the workers' time, 0 to 1
     */
    public record Route(String application, String name, Rates rates, double share) {}

    /**
     * Something that happened.
     *
     * @param number rises with each
     * @param kind worker, reload, limit, fault or other
     * @param level info, warn or error
     * @param worker the worker's name; empty: it is of none
     * @param text one line
     */
    public record Event(long number, Instant at, String kind, String level, String worker, String text) {}

    /**
     * One second.
     *
     * @param at its end, seconds since 1970
     * @param requests settled in it
     * @param half as in {@link Rates}, of this second alone
     * @param most as in {@link Rates}
     * @param queueMost as in {@link Rates}
     * @param errors how many failed for each reason, in the order of {@code reasons}
     * @param reasons the same list for every second
     */
    public record Second(
            long at,
            long requests,
            double half,
            double most,
            double queueMost,
            List<Long> errors,
            List<String> reasons) {}
}
