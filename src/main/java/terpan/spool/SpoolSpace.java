package terpan.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;

/**
 * What all spools of all loops share: the directory, the bounds, the memory blocks and the few threads that touch the disk.
 * Thread-safe. One bound for all was chosen over one for each spool: the disk is what runs out.
 */
public final class SpoolSpace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolSpace.class);
    private static final long MOST_BY_DEFAULT = 4L << 30;

    /** A segment of a file is not written to any more when it is that long, or holds that part of all. */
    private static final long SEGMENT_MOST = 32L << 20;

    private static final int SEGMENT_SHARE = 32;

    /** The part of the room that all answers together may hold, and one alone: the rest is for uploads, which have no worker that could wait. */
    private static final int ANSWERS_SHARE = 2;

    private static final int ANSWER_SHARE = 4;
    private static final int THREADS_LEAST = 2;
    private static final int THREADS_MOST = 4;

    private volatile Place place;
    private final ThreadPoolExecutor pool;
    private final BlockPool blocks = new BlockPool();
    /** Bytes of files that are there, about to be written, or promised. */
    private final AtomicLong reserved = new AtomicLong();

    /** The part of them that is promised and not used yet. */
    private final AtomicLong promised = new AtomicLong();

    /** Bytes on disk of bodies that wait for room for the rest of them. */
    private final AtomicLong waitingBytes = new AtomicLong();

    private final Share answers;
    private final AtomicInteger answersWaiting = new AtomicInteger();

    /** How often there was no room. */
    private final AtomicLong refusals = new AtomicLong();

    private final AtomicInteger filesOpen = new AtomicInteger();
    private final AtomicInteger onDisk = new AtomicInteger();
    private volatile int onDiskMost = Integer.MAX_VALUE;
    private final Set<Runnable> waiting = new LinkedHashSet<>();

    /**
     * Where files are made, and how much may lie there.
     *
     * @param memory bytes that a spool keeps in memory before it goes to disk
     * @param most bytes on disk in all
     * @param answerMost bytes of one answer on disk
     * @param onTmpfs whether the directory lies on a tmpfs
     */
    public record Place(Path directory, int memory, long most, long answerMost, boolean onTmpfs) {
        /**
         * Checks that the directory can be written to, by making a file there.
         *
         * @throws IOException the directory cannot be used; the message is for the operator
         */
        public static Place of(Settings.Spool settings) throws IOException {
            Path directory = settings.directory();
            try {
                openFile(directory).close();
                FileStore store = Files.getFileStore(directory);
                long most =
                        settings.most() == 0 ? Math.min(MOST_BY_DEFAULT, store.getUsableSpace() / 2) : settings.most();
                return new Place(
                        directory,
                        settings.memory(),
                        Math.max(Block.SIZE, most),
                        settings.answerMost(),
                        store.type().equals("tmpfs"));
            } catch (IOException e) {
                throw new IOException(
                        "No file can be made in the spool directory " + directory + ": " + e.getMessage()
                                + ". Name a directory that this user can write to.",
                        e);
            }
        }
    }

    /**
     * A space without files.
     *
     * @param threads threads for the disk, 2 to 4
     */
    public SpoolSpace(Place place, int threads) {
        this.place = place;
        this.answers = new Share(place.most() / ANSWERS_SHARE, null);
        AtomicInteger number = new AtomicInteger();
        int size = Math.clamp(threads, THREADS_LEAST, THREADS_MOST);
        this.pool = new ThreadPoolExecutor(size, size, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, String.format(Locale.ROOT, "terpan-spool-%d", number.incrementAndGet()));
            thread.setDaemon(true);
            return thread;
        });
        pool.prestartAllCoreThreads(); // later there may be no more to be had
    }

    /** Another place, and other bounds, for what goes to disk from now on; files that there are stay where they are. */
    public void change(Place now) {
        place = now;
        answers.most(now.most() / ANSWERS_SHARE);
        wake();
    }

    /** Where files are made now, and within which bounds. */
    public Place place() {
        return place;
    }

    /** Whether the directory lies on a tmpfs, where spooled bytes are in memory after all: worth a warning. */
    public boolean onTmpfs() {
        return place.onTmpfs();
    }

    /** Where the files are made. */
    public Path directory() {
        return place.directory();
    }

    /** Bytes on disk or about to be written, of all spools. */
    public long bytesOnDisk() {
        return Math.max(0, reserved.get() - promised.get());
    }

    /** Most bytes on disk in all. */
    public long most() {
        return place.most();
    }

    /** The longest body that room can ever be promised to; bytes. */
    public long promiseMost() {
        Place now = place;
        return Math.max(now.most(), now.memory());
    }

    /** The longest body that can ever be held, with its part in memory; bytes. */
    public long bodyMost() {
        Place now = place;
        return now.most() + now.memory();
    }

    /**
     * Bounds what is in memory.
     *
     * @param sparing bytes from which on each spool keeps only a small block there and goes to disk earlier
     * @param kept most bytes that are kept in blocks of which nobody has use
     */
    public void memoryBounds(long sparing, long kept) {
        blocks.bounds(sparing, kept);
    }

    /** Most spools that may have files at once, for each is a descriptor; others wait. */
    public void onDiskMost(int spools) {
        onDiskMost = spools;
    }

    /** Answers whose worker waits, for there is no room on disk for more of them. */
    public int answersWaiting() {
        return answersWaiting.get();
    }

    void answersWaiting(int change) {
        answersWaiting.addAndGet(change);
    }

    /** For one answer: never more than a quarter of all. */
    Share answerShare() {
        Place now = place;
        return new Share(Math.min(now.answerMost(), now.most() / ANSWER_SHARE), answers);
    }

    long segmentMost() {
        return Math.clamp(place.most() / SEGMENT_SHARE, Block.SIZE, SEGMENT_MOST);
    }

    /** How often a promise, or room for a body that had none, could not be given at once. */
    public long refusals() {
        return refusals.get();
    }

    /**
     * Whether a body that has so many bytes on disk may wait for room for the rest: what waits holds half of the room at most, so that
     * it never waits for room that only waiters could free. To be told {@link #waitsNoLonger} afterwards.
     */
    public boolean mayWait(long bytes) {
        refusals.incrementAndGet();
        if (waitingBytes.addAndGet(bytes) <= place.most() / 2) {
            return true;
        }
        waitingBytes.addAndGet(-bytes);
        return false;
    }

    /** What {@link #mayWait} had allowed for so many bytes is over. */
    public void waitsNoLonger(long bytes) {
        waitingBytes.addAndGet(-bytes);
    }

    /** Bytes of memory blocks in use, of all spools. */
    public long bytesInMemory() {
        return blocks.lentBytes();
    }

    /** Temporary files that are open. */
    public int filesOpen() {
        return filesOpen.get();
    }

    /** Ends the threads once they have done what they were given. Spools that are closed later still free their files. */
    @Override
    public void close() {
        pool.shutdown();
    }

    int memory() {
        int memory = place.memory();
        return sparing() ? Math.min(Block.SMALL, memory) : memory;
    }

    boolean sparing() {
        return blocks.sparing();
    }

    /** Whether one more spool may have files; else {@code wake} runs when that may be. To be given back with {@link #leaveDisk}. */
    boolean enterDisk(Runnable wake) {
        if (enterDisk()) {
            return true;
        }
        await(wake);
        return enterDisk();
    }

    private boolean enterDisk() {
        if (onDisk.incrementAndGet() <= onDiskMost) {
            return true;
        }
        onDisk.decrementAndGet();
        return false;
    }

    void leaveDisk() {
        onDisk.decrementAndGet();
        wake();
    }

    BlockPool blocks() {
        return blocks;
    }

    /** Runs disk work on the pool; on the caller's thread when the pool has ended, so that no file stays open. */
    void execute(Runnable work) {
        try {
            pool.execute(work);
        } catch (RejectedExecutionException ended) {
            work.run();
        }
    }

    /** Takes room on disk; where there is none, {@code wake} runs when there may be. */
    boolean reserve(long bytes, Share share, Runnable wake) {
        if (reserve(bytes, share)) {
            return true;
        }
        await(wake);
        return reserve(bytes, share);
    }

    private boolean reserve(long bytes, Share share) {
        if (!share.take(bytes)) {
            return false;
        }
        boolean reserved = reserve(bytes);
        if (!reserved) {
            share.giveBack(bytes);
        }
        return reserved;
    }

    private boolean reserve(long bytes) {
        long before = reserved.get();
        while (before + bytes <= place.most()) {
            if (reserved.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = reserved.get();
        }
        return false;
    }

    /** Keeps room for bytes that will come; false, and nothing is kept, where there is not enough. */
    boolean promise(long bytes) {
        if (reserve(bytes)) {
            promised.addAndGet(bytes);
            return true;
        }
        refusals.incrementAndGet();
        return false;
    }

    /** Promised room is about to be written to. */
    void promiseUsed(long bytes) {
        promised.addAndGet(-bytes);
    }

    /** Promised room is not wanted after all. */
    void promiseReturned(long bytes) {
        if (bytes > 0) {
            promised.addAndGet(-bytes);
            release(bytes, Share.NONE);
        }
    }

    void release(long bytes, Share share) {
        if (bytes == 0) {
            return;
        }
        share.giveBack(bytes);
        reserved.addAndGet(-bytes);
        wake();
    }

    private void wake() {
        List<Runnable> woken;
        synchronized (waiting) {
            woken = List.copyOf(waiting);
            waiting.clear();
        }
        for (Runnable waiter : woken) {
            try {
                waiter.run();
            } catch (RuntimeException fault) {
                LOG.error("A spool that waited for room failed", fault);
            }
        }
    }

    /** Has {@code wake} run once, on any thread, when bytes were released. */
    private void await(Runnable wake) {
        synchronized (waiting) {
            waiting.add(wake);
        }
    }

    void forget(Runnable wake) {
        synchronized (waiting) {
            waiting.remove(wake);
        }
    }

    FileChannel open() throws IOException {
        FileChannel channel = openFile(place.directory());
        filesOpen.incrementAndGet();
        return channel;
    }

    void closed() {
        filesOpen.decrementAndGet();
    }

    private static FileChannel openFile(Path directory) throws IOException {
        Path file = directory.resolve("terpan-" + UUID.randomUUID() + ".spool");
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.delete(file);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return channel;
    }
}
