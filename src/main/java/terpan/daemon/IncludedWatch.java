package terpan.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Loaded;

/** Watches the files of which each is an application, where settings ask for it; other settings may name others, or none. Thread-safe. */
final class IncludedWatch implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(IncludedWatch.class);

    private final Runnable changed;
    private volatile Loaded.Ready.Included wanted;
    private volatile boolean begun;

    private Loaded.Ready.Included watched = Loaded.Ready.Included.NONE; // guarded by this
    private @Nullable SourceWatch watch; // guarded by this

    /**
     * One that has not begun.
     *
     * @param changed runs when a file appears, changes or goes; may wait
     */
    IncludedWatch(Loaded.Ready.Included wanted, Runnable changed) {
        this.wanted = wanted;
        this.changed = changed;
    }

    /** Watches from now on. */
    void begin() {
        begun = true;
        follow();
    }

    /** These are to be watched. Never waits: what a watch has begun may ask for it, and its end may have to wait for that. */
    void become(Loaded.Ready.Included others) {
        wanted = others;
        Thread.ofVirtual().name("terpan-included").start(this::follow);
    }

    @Override
    public void close() {
        begun = false;
        follow();
    }

    private synchronized void follow() {
        Loaded.Ready.Included now = begun ? wanted : Loaded.Ready.Included.NONE;
        if (now.equals(watched)) {
            return;
        }
        try {
            SourceWatch before = watch;
            watch = null;
            watched = Loaded.Ready.Included.NONE;
            if (before != null) {
                before.close();
            }
            if (now.watched()) {
                // What of the folders matches is found out when they are read anew.
                SourceWatch.Watched what = new SourceWatch.Watched(now.folders(), false, now.files(), List.of("*"));
                watch = SourceWatch.start(() -> what, changed);
            }
            watched = now;
        } catch (IOException | RuntimeException refused) {
            LOG.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log("files of applications are not watched: what is saved needs a reload");
        }
    }
}
