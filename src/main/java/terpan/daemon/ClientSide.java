package terpan.daemon;

import java.io.IOException;
import terpan.config.Loaded;

/** What clients meet of an application, as far as settings say; it changes as another generation takes over. */
interface ClientSide {
    /**
     * Makes ready what settings ask for; nothing changes yet.
     *
     * @param first runs once all files were read, before addresses are bound
     * @throws IOException a file that they name can not be used; the message says which and why
     * @throws StartFailure an address can not be listened on; the message says which and why
     */
    Prepared prepare(Loaded.Ready read, Runnable first) throws IOException, StartFailure;

    /** What was made ready, and is used or given up. */
    interface Prepared {
        /** Clients meet it from now on; never waits. */
        void takesOver();

        /** Another is made ready: lets go of the addresses that it would listen on. */
        void makeWay();

        /** It does not come to it: lets go of what was made for it. More than once does no harm. */
        void abandon();
    }
}
