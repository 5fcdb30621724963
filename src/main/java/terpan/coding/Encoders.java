package terpan.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;

/**
 * The encoders of one event loop: as many as bodies are coded at a time, and no more than a bound, for each has up to 2 MB outside of the heap.
 * Libraries are loaded apart from it, once, for that may take a tenth of a second. Belongs to the loop's thread but for what is static.
 */
public final class Encoders {
    private static final Logger LOG = LoggerFactory.getLogger(Encoders.class);

    /** Bodies that one loop codes at a time, where memory is not short; more go as they are. */
    public static final int MOST = 32;

    /** What they may take outside of the heap follows from what the heap may have, which is a small part of the machine's memory. */
    private static final int MOST_HERE = Math.clamp(Runtime.getRuntime().maxMemory() >> 22, 4, MOST);

    private static final int SCRATCH = 32 * 1024;

    /** Codings whose library is there: gzip is Java's own. */
    private static final Set<Settings.Coding> LOADED = ConcurrentHashMap.newKeySet();

    private final byte[] scratch = new byte[SCRATCH];
    private final Map<Settings.Coding, Idle> idle = new EnumMap<>(Settings.Coding.class);
    private @Nullable ByteBuffer in;
    private @Nullable ByteBuffer coded;
    private int used;
    private int kept;

    static {
        LOADED.add(Settings.Coding.GZIP);
    }

    /** An encoder with how much it tries. */
    private record Held(int level, BodyEncoder encoder) {}

    /** Those of one coding that no body has, the last one used first; how many of them nobody has needed since the last trim. */
    private static final class Idle {
        final Deque<Held> all = new ArrayDeque<>();
        int spare;
    }

    /** None yet. */
    public Encoders() {
        for (Settings.Coding coding : Settings.Coding.values()) {
            idle.put(coding, new Idle());
        }
    }

    /**
     * Loads the libraries of these codings; may take a while. What can not be loaded is not offered to clients.
     *
     * @param trouble is told of each that can not be, and why
     */
    public static synchronized void load(Set<Settings.Coding> codings, Consumer<String> trouble) {
        Set<Settings.Coding> wanted = EnumSet.noneOf(Settings.Coding.class);
        wanted.addAll(codings);
        wanted.removeAll(LOADED);
        if (wanted.isEmpty()) {
            return;
        }
        try (Unpacked folder = Unpacked.begin()) {
            folder.name();
            for (Settings.Coding coding : wanted) {
                load(coding, trouble);
            }
        } catch (IOException unusable) {
            trouble.accept("no library can be unpacked, and answers are compressed by gzip alone: " + unusable);
        }
    }

    private static void load(Settings.Coding coding, Consumer<String> trouble) {
        try {
            switch (coding) {
                case GZIP -> {}
                case BR -> Brotli4jLoader.ensureAvailability();
                case ZSTD -> Native.load();
            }
            LOADED.add(coding);
        } catch (LinkageError | RuntimeException unusable) {
            trouble.accept(coding + " is not there on this machine, and answers are not compressed by it: " + unusable);
        }
    }

    /** Whether a coding can be used. */
    public static boolean has(Settings.Coding coding) {
        return LOADED.contains(coding);
    }

    /** How many are in use. */
    public int used() {
        return used;
    }

    /** One for a body; null where as many as may be are in use, or none can be made. To be given back. */
    public @Nullable BodyEncoder take(Settings.Coding coding, int level) {
        if (used >= MOST_HERE) {
            return null;
        }
        Idle its = idle(coding);
        Held held = its.all.poll();
        if (held != null) {
            kept--;
            its.spare = Math.min(its.spare, its.all.size());
            if (held.level() == level) {
                used++;
                return held.encoder();
            }
            held.encoder().close();
        }
        if (used + kept >= MOST_HERE) {
            closeOne();
        }
        try {
            BodyEncoder made = made(coding, level);
            used++;
            return made;
        } catch (RuntimeException | LinkageError fault) {
            LOG.atError().setCause(fault).addKeyValue("coding", coding).log("there is no encoder");
            return null;
        }
    }

    /** Of another coding, for those that are kept count too. */
    private void closeOne() {
        for (Idle its : idle.values()) {
            Held last = its.all.pollLast();
            if (last != null) {
                last.encoder().close();
                kept--;
                its.spare = Math.min(its.spare, its.all.size());
                return;
            }
        }
    }

    private Idle idle(Settings.Coding coding) {
        return Objects.requireNonNull(idle.get(coding));
    }

    private BodyEncoder made(Settings.Coding coding, int level) {
        return switch (coding) {
            case GZIP -> new GzipEncoder(level, scratch);
            case BR -> new BrotliEncoder(level);
            case ZSTD -> new ZstdEncoder(level, in(), coded(), scratch);
        };
    }

    private ByteBuffer in() {
        ByteBuffer known = in;
        if (known == null) {
            known = ByteBuffer.allocateDirect(SCRATCH);
            in = known;
        }
        return known;
    }

    private ByteBuffer coded() {
        ByteBuffer known = coded;
        if (known == null) {
            known = ByteBuffer.allocateDirect(SCRATCH);
            coded = known;
        }
        return known;
    }

    /** The body is whole, or not wanted any more. */
    public void give(Settings.Coding coding, int level, BodyEncoder encoder) {
        used--;
        if (used + kept < MOST_HERE && encoder.reset()) {
            idle(coding).all.push(new Held(level, encoder));
            kept++;
        } else {
            encoder.close();
        }
    }

    /** Closes those that nobody has needed since this was called last: making one anew costs as much as a small body. Whether some are left. */
    public boolean trim() {
        for (Idle its : idle.values()) {
            for (; its.spare > 0; its.spare--) {
                its.all.removeLast().encoder().close();
                kept--;
            }
            its.spare = its.all.size();
        }
        return kept > 0;
    }

    /** How many are kept that no body has. */
    int kept() {
        return kept;
    }
}
