package terpan.edge.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file made of pieces of others and of bytes between them, for whoever sends files; only {@link #read(ByteBuffer, long)} and
 * {@link #transferTo} work. The files are someone else's: closing tells that they are not needed any more. Used by one thread at a time.
 */
public final class PartsFile extends FileChannel {
    /** A piece: of a file, or bytes where there is none. */
    static final class Part {
        private static final byte[] NONE = new byte[0];

        private final @Nullable FileChannel file;
        private final byte[] bytes;
        private final long position;
        private final long length;

        private Part(@Nullable FileChannel file, byte[] bytes, long position, long length) {
            this.file = file;
            this.bytes = bytes;
            this.position = position;
            this.length = length;
        }

        static Part file(FileChannel file, long position, long length) {
            return new Part(file, NONE, position, length);
        }

        static Part bytes(byte[] bytes) {
            return new Part(null, bytes, 0, bytes.length);
        }
    }

    private final List<Part> parts;
    private final Runnable closed;
    private final long size;

    /** What this is all of; null: pieces. */
    private final @Nullable Representation whole;

    /** How far it was read from its beginning on, without a gap. */
    private volatile long readTo;

    /**
     * A file of these pieces.
     *
     * @param closed runs once, when it is closed
     */
    PartsFile(List<Part> parts, Runnable closed) {
        this(parts, closed, null);
    }

    private PartsFile(List<Part> parts, Runnable closed, @Nullable Representation whole) {
        this.whole = whole;
        this.parts = parts;
        this.closed = closed;
        this.size = parts.stream().mapToLong(part -> part.length).sum();
    }

    /** All of a file. */
    static PartsFile of(Representation one, Runnable closed) {
        return new PartsFile(List.of(Part.file(one.channel(), 0, one.size())), closed, one);
    }

    /**
     * Whether reading it waits for no disk, by all that can be known: all of it was read less than a second ago.
     *
     * @param now monotonic nanoseconds
     */
    public boolean isWarm(long now) {
        return whole != null && whole.isWarm(now);
    }

    private void read(long position, long count) {
        if (position == readTo && count > 0) {
            readTo = position + count;
            if (whole != null && readTo == size) {
                whole.readThrough(System.nanoTime());
            }
        }
    }

    /** Ranges of a file, each with bytes before it, and bytes behind the last. */
    static PartsFile of(Representation one, ByteRanges ranges, List<byte[]> heads, byte[] end, Runnable closed) {
        List<Part> parts = new ArrayList<>();
        byte[] content = one.content();
        for (int i = 0; i < ranges.count(); i++) {
            long start = ranges.start(i);
            long length = ranges.end(i) - start;
            parts.add(Part.bytes(heads.get(i)));
            parts.add(
                    content == null ? Part.file(one.channel(), start, length) : new Part(null, content, start, length));
        }
        parts.add(Part.bytes(end));
        return new PartsFile(parts, closed);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        long before = 0;
        for (Part part : parts) {
            long within = position - before;
            if (within < part.length) {
                int count = read(part, within, into);
                read(position, count);
                return count;
            }
            before += part.length;
        }
        return -1;
    }

    private static int read(Part part, long within, ByteBuffer into) throws IOException {
        int count = (int) Math.min(into.remaining(), part.length - within);
        FileChannel file = part.file;
        if (file == null) {
            into.put(part.bytes, (int) (part.position + within), count);
            return count;
        }
        ByteBuffer piece = into.slice(into.position(), count);
        int read = file.read(piece, part.position + within);
        into.position(into.position() + Math.max(0, read));
        return read;
    }

    /** One piece at a time; fewer bytes than asked for only where the target takes no more, or a file has no more. */
    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        long sent = 0;
        long before = 0;
        for (Part part : parts) {
            long within = position + sent - before;
            if (sent < count && within >= 0 && within < part.length) {
                long wanted = Math.min(count - sent, part.length - within);
                long done = transfer(part, within, wanted, target);
                sent += done;
                if (done < wanted) {
                    read(position, sent);
                    return requireSome(part, within, sent);
                }
            }
            before += part.length;
        }
        read(position, sent);
        return sent;
    }

    private static long transfer(Part part, long within, long wanted, WritableByteChannel target) throws IOException {
        FileChannel file = part.file;
        return file == null
                ? target.write(ByteBuffer.wrap(part.bytes, (int) (part.position + within), (int) wanted))
                : file.transferTo(part.position + within, wanted, target);
    }

    /** Nothing at all was sent, of a file that has become shorter: whoever sends would wait for ever. */
    private static long requireSome(Part part, long within, long sent) throws IOException {
        FileChannel file = part.file;
        if (sent == 0 && file != null && part.position + within >= file.size()) {
            throw new IOException("the file became shorter than the answer that was announced");
        }
        return sent;
    }

    @Override
    protected void implCloseChannel() {
        closed.run();
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    public FileChannel position(long newPosition) {
        throw new UnsupportedOperationException("it has no position");
    }

    @Override
    public int read(ByteBuffer into) {
        throw new NonReadableChannelException();
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new NonReadableChannelException();
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw new NonWritableChannelException();
    }

    @Override
    public int write(ByteBuffer from, long position) {
        throw new NonWritableChannelException();
    }

    @Override
    public FileChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }

    @Override
    public void force(boolean facts) {}

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new NonWritableChannelException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long length) {
        throw new UnsupportedOperationException("it is not mapped");
    }

    @Override
    public FileLock lock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException("it is not locked");
    }

    @Override
    public @Nullable FileLock tryLock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException("it is not locked");
    }
}
