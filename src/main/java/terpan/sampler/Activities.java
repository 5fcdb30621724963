package terpan.sampler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import terpan.picture.Activity;
import terpan.picture.Connections;
import terpan.picture.Front;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;
import terpan.picture.Picture;

/** Pictures with what goes on: requests as the event loops tell of them, figures from the {@link History}, events. */
public final class Activities implements Supplier<Picture> {
    private static final int OPEN_MOST = 2_000;
    private static final int SLOW_MOST = 40;
    private static final int FAILED_MOST = 60;

    /**
     * What the event loops told of their requests and connections.
     *
     * @param complete whether all of them did in time
     */
    public record Requests(
            List<OpenRequest> open,
            int unlisted,
            List<PastRequest> slow,
            List<PastRequest> failed,
            Connections connections,
            boolean complete) {}

    private final Supplier<Picture> pictures;
    private final Supplier<Requests> loops;
    private final Supplier<List<Activity.Event>> events;
    private final History history;
    private final Supplier<Front> front;
    private final Advisor advisor;

    /** Takes none yet. */
    public Activities(
            Supplier<Picture> pictures,
            Supplier<Requests> loops,
            Supplier<List<Activity.Event>> events,
            History history,
            Supplier<Front> front,
            Advisor advisor) {
        this.pictures = pictures;
        this.loops = loops;
        this.events = events;
        this.history = history;
        this.front = front;
        this.advisor = advisor;
    }

    @Override
    public Picture get() {
        Picture picture = pictures.get();
        Requests seen = loops.get();
        List<OpenRequest> open = sorted(seen.open(), Comparator.comparing(OpenRequest::begun), OPEN_MOST);
        List<PastRequest> failed =
                sorted(seen.failed(), Comparator.comparing(PastRequest::ended).reversed(), FAILED_MOST);
        Activity.Rates rates = history.rates();
        List<Activity.Route> routes = history.routes();
        Front itself = front.get();
        return picture.with(new Activity(
                open,
                seen.unlisted() + seen.open().size() - open.size(),
                seen.complete(),
                seen.connections(),
                rates,
                picture.groups().stream()
                        .map(Picture.Group::name)
                        .distinct()
                        .collect(Collectors.toMap(name -> name, history::ofGroup)),
                routes,
                events.get(),
                sorted(seen.slow(), Comparator.comparing(Activities::total).reversed(), SLOW_MOST),
                failed.reversed(),
                history.seconds(),
                itself,
                advisor.advice(picture, rates, routes, itself)));
    }

    private static Duration total(PastRequest request) {
        return request.times().total();
    }

    private static <T> List<T> sorted(List<T> all, Comparator<T> by, int most) {
        List<T> ordered = new ArrayList<>(all);
        ordered.sort(by);
        return List.copyOf(ordered.subList(0, Math.min(ordered.size(), most)));
    }
}
