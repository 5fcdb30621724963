package terpan.daemon;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import terpan.examine.BusyProcessors;
import terpan.examine.FreeMemory;
import terpan.picture.Picture;
import terpan.sampler.Activities;
import terpan.sampler.Advisor;
import terpan.sampler.AllPictures;
import terpan.sampler.FrontWatch;
import terpan.sampler.History;
import terpan.sampler.Pictures;
import terpan.sampler.Sampler;

/** What is seen of one application and of all: the parts that pictures are made of, and the looks that are taken in between. */
final class Sights {
    private static final long HISTORY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ADVICE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Pictures.Constants constants;
    private final Life life;
    private final Front front;
    private final InstantSource clock;

    Sights(Pictures.Constants constants, Life life, Front front, InstantSource clock) {
        this.constants = constants;
        this.life = life;
        this.front = front;
        this.clock = clock;
    }

    /** What is seen of one application. */
    Pictures of(ServedApplication one) {
        Site site = one.site();
        return new Pictures(
                constants,
                life.of(one),
                site.dispatcher,
                site.groups,
                site.metrics,
                front.spool,
                () -> one.workers().snapshots(),
                () -> one.workers().attached.snapshots(),
                group -> one.workers().scaling(group),
                System::nanoTime,
                clock);
    }

    /** What is seen of all; the looks begin. */
    Supplier<Picture> ofAll(Applications served, boolean several, RunningLogs logging) {
        History history = new History(() -> sources(served, several), System::nanoTime, clock);
        Repeated.on(front.loops.getFirst(), HISTORY_NANOS, history::look);
        FrontWatch itself = new FrontWatch(Descriptors.limit(), front.loops, System::nanoTime);
        aside(HISTORY_NANOS, itself::look);
        Advisor advisor = new Advisor(
                new BusyProcessors()::share,
                FreeMemory::read,
                Runtime.getRuntime().availableProcessors());
        Supplier<Picture> pictures = pictures(served, several, history);
        aside(ADVICE_NANOS, () -> advisor.look(System.nanoTime(), pictures.get().workers()));
        return new Sampler(new Activities(
                pictures, new OpenLook(front.each), new Happenings(logging.memory()), history, itself, advisor));
    }

    /** Again and again on a thread that may wait for files; not before the last time is over. */
    private void aside(long nanos, Runnable what) {
        AtomicBoolean looks = new AtomicBoolean();
        Repeated.on(front.loops.getFirst(), nanos, () -> {
            if (looks.compareAndSet(false, true)) {
                front.disk.execute(() -> {
                    try {
                        what.run();
                    } finally {
                        looks.set(false);
                    }
                });
            }
        });
    }

    private Supplier<Picture> pictures(Applications served, boolean several, History history) {
        if (!several) {
            return () -> served.all().getFirst().picture();
        }
        return new AllPictures(
                constants,
                life,
                front.metrics,
                front.spool,
                () -> served.all().stream()
                        .map(one -> one.pictured(history.rates(one.name())))
                        .toList(),
                clock);
    }

    private List<History.Source> sources(Applications served, boolean several) {
        List<History.Source> all = new ArrayList<>();
        all.add(new History.Source("", front.metrics));
        if (several) {
            served.all().forEach(one -> all.add(new History.Source(one.name(), one.site().metrics)));
        }
        return all;
    }
}
