package terpan.edge.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.http.HttpDate;

/**
 * A file that is an answer, with its precompressed neighbours, open. Whoever has it holds it ({@link #hold}) until it lets go; the last one
 * closes it, on a disk thread. Thread-safe.
 */
public final class StaticFile implements Found {
    /** A file that was changed shorter ago may be changed again without its time telling. */
    static final long SETTLED_MILLIS = 2_000;

    private static final byte[] NO_CACHE = "no-cache".getBytes(US_ASCII);
    private static final Logger LOG = LoggerFactory.getLogger(StaticFile.class);
    private static final byte[] NONE = new byte[0];

    private final StaticRule rule;
    private final List<Representation> representations;
    private final byte[] type;
    private final byte[] cacheControl;
    private final byte[] lastModified;
    private final long modified;
    private final OpenBounds bounds;
    private final Executor disk;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long checkedAt;
    private volatile long usedAt;
    private volatile boolean settled;

    /**
     * One that was opened, which its maker holds.
     *
     * @param representations the first is the file as it is
     * @param now monotonic nanoseconds
     */
    StaticFile(
            StaticRule rule,
            List<Representation> representations,
            long now,
            long wallMillis,
            OpenBounds bounds,
            Executor disk) {
        this.rule = rule;
        this.representations = List.copyOf(representations);
        this.bounds = bounds;
        this.disk = disk;
        Representation own = representations.getFirst();
        String name = String.valueOf(own.real().getFileName());
        this.type = MediaTypes.of(name);
        long millis = own.modified().toMillis();
        this.modified = Math.floorDiv(millis, 1000L);
        // Never later than Date (RFC 9110, section 8.8.2.1), and never before dates begin.
        this.lastModified = millis < 0 || millis > wallMillis
                ? NONE
                : new HttpDate().at(millis).clone();
        this.settled = wallMillis - millis >= SETTLED_MILLIS;
        this.cacheControl = rule.cacheControl(name);
        this.checkedAt = now;
        this.usedAt = now;
        bounds.opened(this);
    }

    /** How it is answered. */
    public StaticRule rule() {
        return rule;
    }

    /** The first is the file as it is; the others are coded. */
    public List<Representation> representations() {
        return representations;
    }

    /** The value of Content-Type by its name; not to be changed. */
    public byte[] type() {
        return type;
    }

    /** The value of Cache-Control; empty: nothing is said. Not to be changed. */
    public byte[] cacheControl() {
        return settled || cacheControl.length == 0 ? cacheControl : NO_CACHE; // it may be being written
    }

    /** The value of Last-Modified; empty: nothing is said. Not to be changed. */
    public byte[] lastModified() {
        return lastModified;
    }

    /** Seconds since 1970; -1 where nothing is said of it. */
    public long modified() {
        return lastModified.length == 0 ? -1 : modified;
    }

    /** Whether its time alone tells its content from any other's (RFC 9110, section 8.8.2.2). */
    public boolean isSettled() {
        return settled;
    }

    long checkedAt() {
        return checkedAt;
    }

    long usedAt() {
        return usedAt;
    }

    void used(long now) {
        usedAt = now;
    }

    /** It was looked at again, and all is as it was. */
    void seen(long now, long wallMillis) {
        representations.forEach(one -> one.seen(wallMillis));
        settled = wallMillis - representations.getFirst().modified().toMillis() >= SETTLED_MILLIS;
        checkedAt = now;
    }

    /** Whether the caller is the one who looks at it again; then it says when it has. */
    boolean beginLook() {
        return looking.compareAndSet(false, true);
    }

    void endLook() {
        looking.set(false);
    }

    /** Bytes that it holds in memory. */
    int held() {
        return representations.stream().mapToInt(Representation::held).sum();
    }

    /** How many files of its are open. */
    int descriptors() {
        return (int)
                representations.stream().filter(one -> one.content() == null).count();
    }

    /** One more holds it; false where nobody did any more. */
    public boolean hold() {
        while (true) {
            int count = holders.get();
            if (count == 0) {
                return false;
            }
            if (holders.compareAndSet(count, count + 1)) {
                return true;
            }
        }
    }

    /** One holds it no longer. */
    public void letGo() {
        if (holders.decrementAndGet() == 0) {
            disk.execute(this::close);
        }
    }

    /** The same of a disk thread, which closes at once. */
    void letGoNow() {
        if (holders.decrementAndGet() == 0) {
            close();
        }
    }

    /** Whether others than the one who asks hold it. */
    boolean isShared() {
        return holders.get() > 1;
    }

    private void close() {
        bounds.closed(this);
        for (Representation one : representations) {
            try {
                one.close();
            } catch (IOException alreadyGone) {
                LOG.atDebug().setCause(alreadyGone).log("closing a static file failed");
            }
        }
    }

    /** A file channel of one of its representations, which lets go of this when it is closed instead of closing what others use. */
    public PartsFile channel(Representation one) {
        return PartsFile.of(one, this::letGo);
    }

    /** The same of what an answer with several ranges has: pieces with heads before them. */
    public PartsFile channel(Representation one, ByteRanges ranges, List<byte[]> heads, byte[] end) {
        return PartsFile.of(one, ranges, heads, end, this::letGo);
    }
}
