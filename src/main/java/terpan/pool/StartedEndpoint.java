package terpan.pool;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import terpan.link.Connections;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.LinkLimits;
import terpan.link.WorkerEndpoint;
import terpan.link.nativelink.NativeLink;
import terpan.link.nativelink.RelayedLink;
import terpan.loop.Loop;
import terpan.server.Protocol;
import terpan.server.ServerProfile;
import terpan.worker.WorkerInfo;

/** A worker that we started: the native link for the built-in server, HTTP for the others. */
final class StartedEndpoint implements WorkerEndpoint {
    /** Many requests may run out of time together; one look at the worker is enough for them. */
    private static final long STACKS_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final SecureRandom SEEDS = new SecureRandom();

    private final WorkerInfo worker;
    private final Loop home;
    private final Executor disk;
    private final WorkerProcesses processes;
    private final Connections connections;
    private final Supplier<Duration> connectTimeout;
    private final AtomicLong stacksAskedAt = new AtomicLong(System.nanoTime() - STACKS_PAUSE);

    /** Made by whichever loop is first, used on the home loop alone. */
    private @Nullable NativeLink homeLink;

    StartedEndpoint(
            WorkerInfo worker, Loop home, Executor disk, WorkerProcesses processes, Supplier<Duration> connectTimeout) {
        this.connectTimeout = connectTimeout;
        this.worker = worker;
        this.home = home;
        this.disk = disk;
        this.processes = processes;
        this.connections = new Connections(worker.profile().connectionsMost());
    }

    @Override
    public String name() {
        return worker.name();
    }

    @Override
    public Link open(Loop loop) {
        ServerProfile profile = worker.profile();
        if (profile.protocol() == Protocol.NATIVE) {
            return loop == home ? nativeLink() : new RelayedLink(loop, nativeLink());
        }
        return new HttpLink(loop, worker.address(), limits(worker, profile.keepIdle(), connectTimeout), connections);
    }

    /** A link that was opened for requests of our own is done with; the one connection of a built-in worker is kept for users' requests. */
    void warmed(Link link) {
        if (worker.profile().protocol() == Protocol.HTTP) {
            link.close();
        }
    }

    /** What the server of a worker of ours takes, with its connections kept for so long. */
    static LinkLimits limits(WorkerInfo worker, Duration keepIdle, Supplier<Duration> connectTimeout) {
        ServerProfile profile = worker.profile();
        return new LinkLimits(
                keepIdle,
                profile.headMost(),
                profile.fieldsMost(),
                true,
                connectTimeout,
                profile.hearsLeaving(),
                // On a shared socket nobody knows which worker to ask.
                profile.tellsEnd() && !worker.shared(),
                profile.losesKept(),
                profile.tunnels(),
                worker.secret());
    }

    private synchronized NativeLink nativeLink() {
        NativeLink known = homeLink;
        if (known == null) {
            // What another user's process has open, it may have open without the right to read it: root would read it
            // for it.
            long files = worker.otherUser() ? NativeLink.NO_FILES : worker.pid();
            known = new NativeLink(home, worker.address(), files, disk, SEEDS.nextLong(), this::violated);
            homeLink = known;
        }
        return known;
    }

    private void violated(String why) {
        LoggerFactory.getLogger(StartedEndpoint.class)
                .atError()
                .addKeyValue("worker", worker.name())
                .addKeyValue("reason", why)
                .log("worker broke the native link's rules");
    }

    @Override
    public boolean alive() {
        return processes.isAlive(worker.pid());
    }

    @Override
    public void hangs(String why) {
        processes.hangs(worker.pid(), why);
    }

    /** Whether it can write what its threads are at. */
    boolean tellsStacks() {
        return worker.profile().tellsStacks();
    }

    @Override
    public void tellStacks() {
        long now = System.nanoTime();
        long before = stacksAskedAt.get();
        if (worker.profile().tellsStacks()
                && now - before >= STACKS_PAUSE
                && stacksAskedAt.compareAndSet(before, now)) {
            processes.tellStacks(worker.pid());
        }
    }
}
