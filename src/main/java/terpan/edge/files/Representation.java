package terpan.edge.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One file on disk: content as it is, or coded. What it holds is let go of with its {@link StaticFile}. */
public final class Representation {
    /** A larger one is not read from end to end by one answer after the other. */
    private static final long WARM_MOST = 4L << 20;

    private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String coding;
    private final byte[] codingName;
    private final Path real;
    private final long size;
    private final FileTime modified;
    private final @Nullable Object key;
    private final byte @Nullable [] content;
    private final @Nullable FileChannel channel;

    /** Until when it is taken for being in the system's memory; monotonic nanoseconds, as all here. */
    private volatile long warmUntil = Long.MIN_VALUE;

    /** Replaced as time goes on: what was changed just now may be changed again without being seen. */
    private volatile EntityTag tag;

    /**
     * One that was opened.
     *
     * @param coding as Content-Encoding has it; identity: as it is
     * @param content all of it, where it is small; then there is no channel
     */
    Representation(
            String coding,
            Path real,
            BasicFileAttributes facts,
            byte @Nullable [] content,
            @Nullable FileChannel channel,
            long wallMillis) {
        this.coding = coding;
        this.codingName = coding.getBytes(US_ASCII);
        this.real = real;
        this.size = facts.size();
        this.modified = facts.lastModifiedTime();
        this.key = facts.fileKey();
        this.content = content;
        this.channel = channel;
        this.tag = tag(wallMillis);
    }

    private EntityTag tag(long wallMillis) {
        String opaque = Long.toHexString(modified.to(TimeUnit.NANOSECONDS)) + "-" + Long.toHexString(size)
                + (isCoded() ? "-" + coding : "");
        return EntityTag.of(opaque, wallMillis - modified.toMillis() < StaticFile.SETTLED_MILLIS);
    }

    /** It was looked at again, and is as it was. */
    void seen(long wallMillis) {
        if (tag.weak()) {
            tag = tag(wallMillis);
        }
    }

    /** As Content-Encoding has it; identity: as it is. */
    public String coding() {
        return coding;
    }

    /** The same as bytes; not to be changed. */
    public byte[] codingName() {
        return codingName;
    }

    public boolean isCoded() {
        return !coding.equals("identity");
    }

    /** All of it was read just now: for a while to read it again waits for no disk. */
    void readThrough(long now) {
        if (size <= WARM_MOST) {
            warmUntil = now + WARM_NANOS;
        }
    }

    /** Whether all of it was read so short ago that it is in the system's memory still. */
    boolean isWarm(long now) {
        return now < warmUntil;
    }

    /** Bytes. */
    public long size() {
        return size;
    }

    /** What its content is called by; weak while it was changed so short ago that another change would not be seen. */
    public EntityTag tag() {
        return tag;
    }

    Path real() {
        return real;
    }

    FileTime modified() {
        return modified;
    }

    /** All of it, where it is small and kept in memory; else null. Not to be changed. */
    public byte @Nullable [] content() {
        return content;
    }

    /** The bytes that it holds in memory. */
    int held() {
        return content == null ? 0 : content.length;
    }

    FileChannel channel() {
        return Objects.requireNonNull(channel);
    }

    /** Whether these are still the facts of its file. */
    boolean is(Path itsReal, BasicFileAttributes facts) {
        return facts.isRegularFile()
                && real.equals(itsReal)
                && size == facts.size()
                && modified.equals(facts.lastModifiedTime())
                && Objects.equals(key, facts.fileKey());
    }

    void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
