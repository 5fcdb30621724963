package terpan.sampler;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import terpan.attached.AttachedSnapshot;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;
import terpan.metrics.Metrics;
import terpan.picture.Activity;
import terpan.picture.Picture;
import terpan.pool.Groups;
import terpan.spool.SpoolSpace;
import terpan.worker.WorkerSnapshot;

/** Puts pictures together from the parts' own snapshots; each part's is taken at once, one part after the other. */
public final class Pictures implements Supplier<Picture> {
    /**
     * What stays the same from start to stop.
     *
     */
    public record Constants(String version, long pid, Instant started) {}

    /** What only the process's own life tells. */
    public interface Life {
        /** One word: starting, serving, maintenance, paused, stopping. */
        String state();

        /** Where clients are listened to, as a person writes addresses. */
        List<String> binds();

        /** What is served, for people; empty with attached workers alone. */
        Optional<String> application();

        /** The number of the generation that serves. */
        int generation();

        /** What became of the last reload. */
        Optional<Picture.Reload> reload();

        /** Most client connections. */
        int connectionsMost();

        /** Bytes in the event loops' buffers, and most that there may be. */
        Picture.Buffers buffers();

        Picture.Dropped dropped();

        /** Whose engine computes TLS; empty where no listener speaks it. */
        Optional<String> tlsEngine();

        List<Picture.Certificate> certificates();

        /** What becomes of certificates that are had from an authority. */
        Picture.Issuance issuance();
    }

    private final KnownProcesses processes = new KnownProcesses();
    private final Constants constants;
    private final Life life;
    private final Dispatcher dispatcher;
    private final Groups groups;
    private final Metrics metrics;
    private final SpoolSpace spool;
    private final Supplier<List<WorkerSnapshot>> ours;
    private final Supplier<List<AttachedSnapshot>> attached;
    private final Function<String, Optional<Picture.Scaling>> scaling;
    private final LongSupplier nanoTime;
    private final InstantSource clock;

    /**
     * Takes none yet.
     *
     * @param ours workers that we started
     * @param attached workers that someone else runs
     * @param scaling how the number of workers of the group of this name follows the load
     */
    public Pictures(
            Constants constants,
            Life life,
            Dispatcher dispatcher,
            Groups groups,
            Metrics metrics,
            SpoolSpace spool,
            Supplier<List<WorkerSnapshot>> ours,
            Supplier<List<AttachedSnapshot>> attached,
            Function<String, Optional<Picture.Scaling>> scaling,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.constants = constants;
        this.life = life;
        this.dispatcher = dispatcher;
        this.groups = groups;
        this.metrics = metrics;
        this.spool = spool;
        this.ours = ours;
        this.attached = attached;
        this.scaling = scaling;
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    @Override
    public Picture get() {
        DispatchSnapshot dispatch = dispatcher.snapshot(nanoTime.getAsLong());
        List<WorkerSnapshot> started = ours.get();
        processes.begin();
        long now = nanoTime.getAsLong();
        WorkerPictures workers = new WorkerPictures(
                groups, dispatch.slots(), started, attached.get(), scaling, pid -> processes.of(pid, now));
        return new Picture(
                constants.version(),
                constants.pid(),
                life.state(),
                constants.started(),
                Duration.between(constants.started(), clock.instant()),
                life.binds(),
                groups.servers(),
                life.application(),
                life.generation(),
                life.reload(),
                dispatch.waiting(),
                dispatch.queueMost(),
                dispatch.inFlight(),
                metrics.tunnelsOpen(),
                new Picture.Spool(spool.bytesOnDisk(), spool.most(), spool.answersWaiting()),
                requests(metrics),
                workers.groups(),
                workers.workers(),
                workers.slots(),
                dispatch.counts().stuckBehind(),
                life.connectionsMost(),
                life.buffers(),
                life.dropped(),
                life.tlsEngine(),
                life.certificates(),
                life.issuance(),
                List.of(),
                Activity.NONE);
    }

    static Picture.Requests requests(Metrics metrics) {
        return new Picture.Requests(
                metrics.requests(1),
                metrics.requests(2),
                metrics.requests(3),
                metrics.requests(4),
                metrics.requests(5),
                metrics.requests(0));
    }
}
