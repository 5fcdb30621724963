package terpan.spool;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One spool's files. Work is given from the loop and done in order, one piece at a time, by a thread of the pool; the outcome
 * goes back to the loop. The files are a chain of bounded segments, so that what was read can be freed while more is written.
 * The queue of work is guarded by its own lock; segments belong to the thread that does the work.
 */
final class Disk implements Runnable {
    /** What the loop hears. */
    interface Observer {
        void written(int bytes);

        /** The blocks are the observer's. */
        void read(ArrayDeque<Block> blocks, int bytes);

        void failed(IOException failure);
    }

    private static final class Segment {
        final FileChannel channel;
        long written;
        long read;

        Segment(FileChannel channel) {
            this.channel = channel;
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

    private final SpoolSpace space;
    private final Share share;
    private final Executor loop;
    private final Observer observer;
    private final ArrayDeque<Work> waiting = new ArrayDeque<>();
    private boolean running;

    /** Set by the loop, read by the pool: what is still waiting need not be done. */
    private volatile boolean closing;

    private final ArrayDeque<Segment> segments = new ArrayDeque<>();

    /** Whether work has failed: nothing after it can be right. Belongs to the thread that does the work. */
    private boolean broken;

    Disk(SpoolSpace space, Share share, Executor loop, Observer observer) {
        this.share = share;
        this.space = space;
        this.loop = loop;
        this.observer = observer;
    }

    /** Appends the blocks, whose bytes were reserved before; they are the disk's from now on. */
    void write(ArrayDeque<Block> blocks, int bytes) {
        submit(() -> {
            int todo = bytes;
            try {
                while (!blocks.isEmpty() && !closing && !broken) {
                    Block block = blocks.element();
                    int length = block.length();
                    append(block);
                    space.blocks().giveBack(blocks.remove());
                    todo -= length;
                }
            } finally {
                space.blocks().giveBackAll(blocks);
                space.release(todo, share);
            }
            tell(() -> observer.written(bytes));
        });
    }

    /** Reads the next bytes; {@code bytes} of them were written or given to write before. */
    void read(int bytes) {
        submit(() -> {
            if (broken) {
                return;
            }
            ArrayDeque<Block> blocks = new ArrayDeque<>();
            boolean told = false;
            try {
                int left = bytes;
                while (left > 0 && !closing) {
                    left -= next(blocks, left);
                }
                int got = bytes - left;
                free();
                told = tell(() -> observer.read(blocks, got));
            } finally {
                if (!told) {
                    space.blocks().giveBackAll(blocks);
                }
            }
        });
    }

    /** Frees all files once the work in hand is done. */
    void close() {
        closing = true;
        submit(() -> {
            while (!segments.isEmpty()) {
                drop();
            }
            space.leaveDisk();
        });
    }

    private void submit(Work work) {
        synchronized (waiting) {
            waiting.add(work);
            if (running) {
                return;
            }
            running = true;
        }
        space.execute(this);
    }

    @Override
    public void run() {
        while (true) {
            Work work;
            synchronized (waiting) {
                work = waiting.poll();
                if (work == null) {
                    running = false;
                    return;
                }
            }
            try {
                work.run();
            } catch (IOException e) {
                fail(e);
            } catch (RuntimeException e) {
                LOG.error("Disk work of a spool failed", e);
                fail(new IOException("Disk work of a spool failed: " + e, e));
            }
        }
    }

    private void fail(IOException failure) {
        broken = true;
        tell(() -> observer.failed(failure));
    }

    /** Whether the loop will hear; a loop that has ended does not need to. */
    private boolean tell(Runnable message) {
        try {
            loop.execute(message);
            return true;
        } catch (RejectedExecutionException ended) {
            LOG.debug("A spool's loop has ended before its disk work");
            return false;
        }
    }

    private void append(Block block) throws IOException {
        Segment segment = segments.peekLast();
        if (segment == null || segment.written >= space.segmentMost()) {
            segment = new Segment(space.open());
            segments.addLast(segment);
        }
        ByteBuffer buffer = ByteBuffer.wrap(block.bytes, block.from, block.length());
        long start = segment.written;
        while (buffer.hasRemaining()) {
            segment.channel.write(buffer, start + buffer.position() - block.from);
        }
        segment.written += block.length();
    }

    private int next(ArrayDeque<Block> blocks, int most) throws IOException {
        Segment segment = segments.element();
        if (segment.read == segment.written) {
            drop();
            return 0;
        }
        Block block = space.blocks().lend();
        blocks.addLast(block);
        int length = (int) Math.min(Math.min(block.bytes.length, most), segment.written - segment.read);
        ByteBuffer buffer = ByteBuffer.wrap(block.bytes, 0, length);
        while (buffer.hasRemaining()) {
            if (segment.channel.read(buffer, segment.read + buffer.position()) < 0) {
                throw new EOFException(
                        "A spool file in " + space.directory() + " is shorter than what was written to it");
            }
        }
        block.to = length;
        segment.read += length;
        return length;
    }

    /** Gives back the room of a segment that was read to its end; the last one's file is kept for more. */
    private void free() throws IOException {
        Segment segment = segments.peekFirst();
        if (segment == null || segment.read < segment.written) {
            return;
        }
        if (segments.size() > 1) {
            drop();
        } else {
            long bytes = segment.written;
            segment.channel.truncate(0);
            segment.written = 0;
            segment.read = 0;
            space.release(bytes, share);
        }
    }

    private void drop() {
        Segment segment = segments.removeFirst();
        try {
            segment.channel.close();
        } catch (IOException e) {
            LOG.warn("A spool file could not be closed", e);
        }
        space.closed();
        space.release(segment.written, share);
    }
}
