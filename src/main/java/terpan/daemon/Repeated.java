package terpan.daemon;

import terpan.loop.NioLoop;
import terpan.loop.Timer;

/** What an event loop does again and again. */
final class Repeated {
    private Repeated() {}

    /** After each {@code nanos}, whatever becomes of it once; as long as the loop turns. */
    static void on(NioLoop loop, long nanos, Runnable what) {
        Timer[] timer = new Timer[1];
        timer[0] = loop.timer(() -> {
            timer[0].set(loop.now() + nanos); // first: it comes again whatever becomes of it now
            what.run();
        });
        loop.execute(() -> timer[0].set(loop.now() + nanos));
    }
}
