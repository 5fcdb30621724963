package terpan.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts clients on one loop and gives each to one of the loops, in turn, for life. When the process has no descriptor left it
 * pauses instead of spinning. {@link #stop} takes in what the kernel has accepted already, so that nobody is reset.
 */
public final class Acceptor {
    /** Makes the handler of a new connection; called on the connection's own loop. */
    public interface AcceptHandler {
        WireHandler accepted(Loop loop, Wire wire);

        /** Whether one more connection may be accepted now; false: asked again a little later. On the acceptor's own loop. */
        default boolean mayAccept() {
            return true;
        }

        /** One was accepted, and is on its way to its loop. On the acceptor's own loop. */
        default void onItsWay() {}

        /** It has arrived there, well or badly; behind {@link #accepted}. On the connection's own loop. */
        default void arrived() {}

        /** The process has no descriptor left for a connection. On the acceptor's own loop. */
        default void exhausted() {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final int ACCEPTS_A_TURN = 256;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final NioLoop owner;
    private final List<NioLoop> loops;
    private final ServerSocketChannel channel;
    private AcceptHandler handler;
    private final Timer resume;
    private int nextLoop;
    private boolean failing;
    private boolean stopping;

    private Acceptor(NioLoop owner, List<NioLoop> loops, ServerSocketChannel channel, AcceptHandler handler) {
        this.owner = owner;
        this.loops = loops;
        this.channel = channel;
        this.handler = handler;
        this.resume = owner.timer(() -> listen(true));
    }

    /**
     * Begins to accept on a bound, non-blocking channel; on the owner's thread.
     *
     * @throws IOException when the channel can not be registered
     */
    public static Acceptor start(NioLoop owner, List<NioLoop> loops, ServerSocketChannel channel, AcceptHandler handler)
            throws IOException {
        Acceptor acceptor = new Acceptor(owner, loops, channel, handler);
        channel.configureBlocking(false);
        channel.register(owner.selector(), SelectionKey.OP_ACCEPT, acceptor);
        return acceptor;
    }

    /** Connections that are accepted from now on have this handler; on the owner's thread. */
    public void handler(AcceptHandler newer) {
        handler = newer;
    }

    /** Whether it accepts on this channel. */
    public boolean isOn(ServerSocketChannel other) {
        return channel == other;
    }

    /** Where it listens, with the port that the kernel chose. */
    public SocketAddress address() {
        try {
            return channel.getLocalAddress();
        } catch (IOException closed) {
            throw new IllegalStateException("the listener is closed", closed);
        }
    }

    /** Takes in every connection that waits in the accept queue, then closes; on the owner's thread. */
    public void stop() {
        stopping = true;
        int accepted;
        do {
            accepted = acceptReady();
        } while (accepted > 0);
        close();
    }

    /** Accepts no more, and leaves who waits in the accept queue to another process that has the socket too; on the owner's thread. */
    public void leave() {
        stopping = true;
        close();
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            owner.report("closing a listener failed", alreadyGone);
        }
        owner.selectNow();
    }

    int acceptReady() {
        int accepted = 0;
        try {
            while (accepted < ACCEPTS_A_TURN) {
                if (!stopping && !handler.mayAccept()) {
                    pause(FULL_NANOS);
                    break;
                }
                SocketChannel client = channel.accept();
                if (client == null) {
                    break;
                }
                accepted++;
                handler.onItsWay();
                NioLoop loop = loops.get(nextLoop);
                nextLoop = (nextLoop + 1) % loops.size();
                if (loop.inLoop()) {
                    loop.adopt(client, handler);
                } else {
                    AcceptHandler present = handler;
                    loop.execute(() -> loop.adopt(client, present));
                }
            }
            if (accepted > 0) {
                works();
            }
        } catch (IOException exhausted) {
            fails(exhausted);
            handler.exhausted();
            pause(PAUSE_NANOS);
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).addKeyValue("listener", channel).log("accepting failed");
            pause(PAUSE_NANOS);
        }
        return accepted;
    }

    /** One line when it begins, and one when it is over, however often it is tried between. */
    private void fails(IOException why) {
        if (!failing) {
            failing = true;
            LOG.atWarn()
                    .addKeyValue("listener", channel)
                    .addKeyValue("reason", why.getMessage())
                    .log("clients are not accepted for now, it is tried again");
        }
    }

    private void works() {
        if (failing) {
            failing = false;
            LOG.atWarn().addKeyValue("listener", channel).log("clients are accepted again");
        }
    }

    private void pause(long nanos) {
        listen(false);
        resume.set(owner.now() + nanos);
    }

    private void listen(boolean wanted) {
        SelectionKey key = channel.keyFor(owner.selector());
        if (key != null && key.isValid()) {
            key.interestOps(wanted ? SelectionKey.OP_ACCEPT : 0);
        }
    }
}
