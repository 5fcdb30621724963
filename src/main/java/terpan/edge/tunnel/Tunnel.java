package terpan.edge.tunnel;

import java.util.concurrent.TimeUnit;
import terpan.config.Settings;
import terpan.edge.Edge;
import terpan.link.TunnelEnd;
import terpan.link.TunnelEvents;
import terpan.log.Cut;
import terpan.loop.Timer;
import terpan.metrics.TunnelEnding;

/**
 * Bytes both ways between a client and a worker that has switched protocols, as they come: nobody looks into them but for how long the worker's frames are. Of each way no more is
 * read while the other end does not take what was, at most a buffer of the pool, so that one that is idle holds none. When the worker's side
 * ends all is over once the client has what came before; when the client's does, the worker is told and may still send for a while. Belongs
 * to the loop's thread.
 */
public final class Tunnel {
    /** A close frame that says 1001, going away (RFC 6455, section 7.4.1). */
    private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 1001 >>> 8, (byte) 1001};

    /** How long nothing may pass once the client has ended its side, nanoseconds. */
    private static final long HALF_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Whoever has it. */
    public interface Owner {
        /** It is over: the worker's end is closed, the client's is the owner's to close. */
        void tunnelOver(TunnelEnding why);
    }

    private final Edge edge;
    private final Settings.Http limits;
    private final Timer timer;
    private final Owner owner;
    private final TunnelEnd worker;
    private final Way toWorker;
    private final Way toClient;
    private final FrameBounds frames = new FrameBounds();
    private boolean over;
    private boolean tookLeave;
    private long movedAt;
    private long closesAt = Long.MAX_VALUE;

    /**
     * Of two ends; {@link #begin} follows.
     *
     * @param timer whose owner calls {@link #late} when it comes up
     */
    public Tunnel(Edge edge, Settings.Http limits, Timer timer, TunnelEnd client, TunnelEnd worker, Owner owner) {
        this.edge = edge;
        this.limits = limits;
        this.timer = timer;
        this.owner = owner;
        this.worker = worker;
        this.toWorker = new Way(edge, client, worker, null, this::move);
        this.toClient = new Way(edge, worker, client, frames, this::move);
        client.begin(new ClientEvents());
        worker.begin(new WorkerEvents());
    }

    /** Bytes begin to pass: those first that came behind the heads. */
    public void begin() {
        movedAt = edge.loop.now();
        timer.set(dueAt());
        move(toClient);
        move(toWorker);
    }

    /** Bytes that came from the client. */
    public long fromClient() {
        return toWorker.bytes();
    }

    /** Bytes that came from the worker. */
    public long fromWorker() {
        return toClient.bytes();
    }

    /** Whether the client was told at the end that it is to come again. */
    public boolean tookLeave() {
        return tookLeave;
    }

    /** It is to end soon, so that its client comes again: it has as long as the settings give it. */
    public void endSoon() {
        closesAt = Math.min(closesAt, edge.loop.now() + limits.tunnels().drain().toNanos());
        timer.set(dueAt());
    }

    /** The timer came up. */
    public void late() {
        if (over) {
            return;
        }
        long now = edge.loop.now();
        if (now >= closesAt) {
            end(TunnelEnding.DRAINED);
        } else if (now >= takenByClient()) {
            end(TunnelEnding.SEND_IDLE);
        } else if (now >= takenByWorker()) {
            end(TunnelEnding.TAKE_IDLE);
        } else if (now >= idleUntil()) {
            end(toWorker.ended() ? TunnelEnding.CLIENT : TunnelEnding.IDLE);
        } else {
            timer.set(dueAt());
        }
    }

    private long dueAt() {
        return Math.min(Math.min(closesAt, idleUntil()), Math.min(takenByClient(), takenByWorker()));
    }

    private long idleUntil() {
        long idle = limits.tunnels().idle().toNanos();
        long most = toWorker.ended() ? Math.min(HALF_NANOS, idle == 0 ? HALF_NANOS : idle) : idle;
        return most == 0 ? Long.MAX_VALUE : movedAt + most;
    }

    /** Until when the client has to take some of what waits for it. */
    private long takenByClient() {
        return toClient.waits() ? toClient.waitsSince() + limits.sendIdle().toNanos() : Long.MAX_VALUE;
    }

    /** The same of the worker, whatever it sends meanwhile: as long as nothing may pass. */
    private long takenByWorker() {
        long idle = limits.tunnels().idle().toNanos();
        return toWorker.waits() && idle > 0 ? toWorker.waitsSince() + idle : Long.MAX_VALUE;
    }

    /** Its client's connection, or stream, ends, and it with it. Idempotent. */
    public void end(Cut by) {
        end(
                switch (by) {
                    case STOP -> TunnelEnding.DRAINED;
                    case FAULT -> TunnelEnding.FAULT;
                    case NONE, CLIENT, WORKER, DEADLINE -> TunnelEnding.CLIENT;
                });
    }

    /** Ends it. Idempotent. */
    public void end(TunnelEnding why) {
        if (over) {
            return;
        }
        over = true;
        timer.cancel();
        tookLeave = why == TunnelEnding.DRAINED && frames.isBetween() && toClient.sendLast(GOING_AWAY);
        toWorker.drop();
        toClient.drop();
        worker.close();
        owner.tunnelOver(why);
    }

    /** Moves what can be moved one way. */
    private void move(Way way) {
        if (over) {
            return;
        }
        long before = way.moved();
        boolean waited = way.waits();
        Way.Result result = way.move();
        if (way.moved() != before) {
            movedAt = edge.loop.now();
        }
        switch (result) {
            case GOES_ON -> {
                if (way.waits() && !waited) {
                    timer.set(dueAt());
                }
            }
            case ENDED -> {
                if (way == toClient) {
                    end(toWorker.ended() ? TunnelEnding.CLIENT : TunnelEnding.WORKER);
                } else {
                    movedAt = edge.loop.now();
                    timer.set(dueAt());
                }
            }
            case SOURCE_GONE -> end(way == toClient ? TunnelEnding.WORKER : TunnelEnding.CLIENT);
            case TARGET_GONE -> {
                if (way == toClient) {
                    end(TunnelEnding.CLIENT);
                } else {
                    toWorker.stop(); // what the worker sent before it closed is still for the client
                    move(toClient);
                }
            }
        }
    }

    private final class ClientEvents implements TunnelEvents {
        @Override
        public void readable() {
            move(toWorker);
        }

        @Override
        public void writable() {
            move(toClient);
        }

        @Override
        public void gone() {
            end(TunnelEnding.CLIENT);
        }

        @Override
        public void drained() {
            end(TunnelEnding.DRAINED);
        }
    }

    private final class WorkerEvents implements TunnelEvents {
        @Override
        public void readable() {
            move(toClient);
        }

        @Override
        public void writable() {
            move(toWorker);
        }

        @Override
        public void gone() {
            end(TunnelEnding.WORKER);
        }

        @Override
        public void drained() {
            end(TunnelEnding.DRAINED);
        }
    }
}
