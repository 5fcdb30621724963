package terpan.daemon;

import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.LinkLimits;
import terpan.link.NativeLink;
import terpan.link.RelayedLink;
import terpan.link.WorkerPoint;
import terpan.loop.Loop;
import terpan.server.Protocol;
import terpan.server.ServerProfile;
import terpan.worker.WorkerInfo;

/** A worker that we started: the native link for the built-in server, HTTP for the others. */
final class StartedPoint implements WorkerPoint {
    private static final SecureRandom SEEDS = new SecureRandom();

    private final WorkerInfo worker;
    private final Loop home;
    private final Executor disk;
    private final BooleanSupplier alive;

    /** Made by whichever loop is first, used on the home loop alone. */
    private @Nullable NativeLink homeLink;

    StartedPoint(WorkerInfo worker, Loop home, Executor disk, BooleanSupplier alive) {
        this.worker = worker;
        this.home = home;
        this.disk = disk;
        this.alive = alive;
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
        LinkLimits limits = new LinkLimits(profile.keepIdle(), profile.headMost(), profile.fieldsMost(), true);
        return new HttpLink(loop, worker.address(), limits);
    }

    private synchronized NativeLink nativeLink() {
        NativeLink known = homeLink;
        if (known == null) {
            known = new NativeLink(home, worker.address(), worker.pid(), disk, SEEDS.nextLong(), this::broken);
            homeLink = known;
        }
        return known;
    }

    private void broken(String why) {
        LoggerFactory.getLogger(StartedPoint.class)
                .atError()
                .addKeyValue("worker", worker.name())
                .addKeyValue("reason", why)
                .log("worker broke the native link's rules");
    }

    @Override
    public boolean alive() {
        return alive.getAsBoolean();
    }
}
