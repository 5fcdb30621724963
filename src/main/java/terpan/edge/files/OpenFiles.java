package terpan.edge.files;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Files that were answered a short while ago, open, with what is known of them; of small ones the content. Each is looked at again after a
 * second, on a disk thread. Bounded; all loops and applications share it. Thread-safe.
 */
public final class OpenFiles {
    /** Files of so many bytes are kept in memory. */
    static final int CONTENT_MOST = 16 * 1024;

    /** Most files at a time. */
    static final int MOST = 1024;

    /** So many descriptors may be open for those that nobody is being sent. */
    public static final int DESCRIPTORS = 256;

    /** Names that are known to be nobody's, some 256 bytes each: they have one part in 64 of the heap. */
    private static final int MISSING_MOST = Math.clamp(Runtime.getRuntime().maxMemory() >> 14, 256, 4096);

    private static final int MISSING_LONGEST = 128;

    /** A file and its neighbours. */
    private static final int DESCRIPTORS_OF_ONE = 4;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** While one looks again others may have what was there so short ago. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** A file is opened in microseconds, on a disk that is far away in milliseconds. */
    private static final Duration OPENED_WITHIN = Duration.ofSeconds(5);

    private record Key(StaticRule rule, String name) {}

    private final Executor disk;
    private final InstantSource clock;
    private final Map<Key, StaticFile> files = new ConcurrentHashMap<>();

    /** Names without a file, and when that was seen. */
    private final Map<Key, Long> missing = new ConcurrentHashMap<>();

    private final OpenBounds bounds = new OpenBounds(2 * DESCRIPTORS);
    private final Openers openers = new Openers(OPENED_WITHIN);

    /**
     * None yet.
     *
     * @param disk runs what may wait for a disk
     */
    public OpenFiles(Executor disk, InstantSource clock) {
        this.disk = disk;
        this.clock = clock;
    }

    /**
     * Bounds how many descriptors may be open in all, those of answers under way among them; over it a file that is not open yet is
     * {@link Found.Busy}.
     *
     * @param descriptors 1 or more
     */
    public void most(int descriptors) {
        bounds.most(descriptors);
    }

    /**
     * What is known already, without a look at the disk; a file is held for the caller.
     *
     * @param now monotonic nanoseconds
     * @return null: somebody has to {@link #look}
     */
    public @Nullable Found known(StaticRule rule, String name, long now) {
        Key key = new Key(rule, name);
        StaticFile file = files.get(key);
        if (file != null) {
            long age = now - file.checkedAt();
            boolean fresh = age < FRESH_NANOS || (age < LATE_NANOS && !file.beginLook());
            if (fresh && file.hold()) {
                file.used(now);
                return file;
            }
            return null;
        }
        Long seen = missing.get(key);
        return seen != null && now - seen < FRESH_NANOS ? Found.Missing.MISSING : null;
    }

    /** Looks at the disk; a file is held for the caller. On a disk thread. */
    public Found look(StaticRule rule, String name, long now) {
        Key key = new Key(rule, name);
        StaticFile before = files.get(key);
        makeRoom(bounds.most() - DESCRIPTORS_OF_ONE);
        Found found = new Opening(rule, disk, openers, bounds, now, clock.millis()).look(name, before);
        if (before != null) {
            before.endLook();
        }
        if (found instanceof StaticFile file) {
            missing.remove(key);
            file.used(now);
            if (file != before) {
                keep(key, file);
            }
        } else if (!(found instanceof Found.Busy)) {
            drop(key);
            if (found == Found.Missing.MISSING) {
                notice(key, now);
            }
        }
        return found;
    }

    private void notice(Key key, long now) {
        if (key.name().length() > MISSING_LONGEST) {
            return; // whoever asks for nonsense has no memory for it
        }
        if (missing.size() >= MISSING_MOST) {
            missing.clear();
        }
        missing.put(key, now);
    }

    private void keep(Key key, StaticFile file) {
        if (!file.hold()) {
            return;
        }
        StaticFile replaced = files.put(key, file);
        if (replaced != null) {
            replaced.letGoNow();
        }
        makeRoom(DESCRIPTORS);
    }

    /**
     * Lets go of what was not used longest. What is being sent stays: to forget it would close nothing, and the next who asks would open it again.
     *
     * @param most descriptors that may be open behind it
     */
    private void makeRoom(int most) {
        while (files.size() > MOST || bounds.descriptors() > most) {
            Optional<Map.Entry<Key, StaticFile>> longest = files.entrySet().stream()
                    .filter(each -> !each.getValue().isShared())
                    .min(Comparator.comparingLong(each -> each.getValue().usedAt()));
            if (longest.isEmpty()) {
                return;
            }
            drop(longest.get().getKey());
        }
    }

    private void drop(Key key) {
        StaticFile file = files.remove(key);
        if (file != null) {
            file.letGoNow();
        }
    }

    /** Lets go of what nobody has asked for in a while: what is not there any more would take room on the disk. Never waits. */
    public void look(long now) {
        if (!files.isEmpty()) {
            disk.execute(() -> sweep(now));
        }
    }

    private void sweep(long now) {
        files.forEach((key, file) -> {
            if (now - file.usedAt() > UNUSED_NANOS && !file.isShared() && files.remove(key, file)) {
                file.letGoNow();
            }
        });
    }
}
