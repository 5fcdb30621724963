package terpan.edge.http1;

import java.io.IOException;
import terpan.edge.RequestBody;
import terpan.http.RequestHead;
import terpan.loop.BufferPool;
import terpan.loop.Wire;

/**
 * What was received from one client and not used yet. The array comes from the loop's pool and goes back when it is empty
 * between requests; while a request is under way its bytes stay where they are. Belongs to the loop's thread.
 */
final class Input {
    private static final byte[] NONE = new byte[0];
    private static final int ROOM_LEAST = 4096;

    /** Most bytes of an array that is read into behind a request that is under way. */
    private static final int AHEAD_MOST = 64 * 1024;

    private final BufferPool pool;

    /** Where the bytes are, from {@link #start} to {@link #end}. */
    byte[] bytes = NONE;

    int start;
    int end;

    /** What is counted of the arrays of a head with many fields, bytes. */
    private int ofHead;

    Input(BufferPool pool) {
        this.pool = pool;
    }

    /** Receives what there is room for; -1 at the end of the stream. */
    int receive(Wire wire) throws IOException {
        if (bytes.length == 0) {
            bytes = pool.takeSome(0);
            start = 0;
            end = 0;
        }
        int received = wire.receive(bytes, end, bytes.length - end);
        end += Math.max(0, received);
        return received;
    }

    boolean isEmpty() {
        return start == end;
    }

    boolean isFull() {
        return end == bytes.length;
    }

    int capacity() {
        return bytes.length;
    }

    /** Counts what a head holds beside its bytes, which is more than usual where it has many fields; how much it holds in all, bytes. */
    int counts(RequestHead head) {
        int more = head.moreBytes();
        if (more != ofHead) {
            pool.count(more - ofHead);
            ofHead = more;
        }
        return bytes.length + more;
    }

    /**
     * A head fills the input and goes on: makes room, by moving it to the front or into a larger array. An empty line in front of
     * it, which is no part of it, is left behind: else there would be no room for as many bytes as a head may have.
     */
    void makeRoom(RequestHead head, int most) {
        int from = head.start;
        byte[] target = from > 0 ? bytes : pool.take(Math.min(bytes.length * 2, most));
        System.arraycopy(bytes, from, target, 0, end - from);
        head.moved(target, -from);
        replace(target);
        end -= from;
        start = 0;
    }

    /** A body of which more has to come follows a head that fills the input: gives it room to be received into. */
    void makeRoomForBody(RequestHead head) {
        if (bytes.length - start < ROOM_LEAST) {
            byte[] target = pool.take(end + (pool.isTight() ? ROOM_LEAST : BufferPool.BYTES));
            System.arraycopy(bytes, 0, target, 0, end);
            head.moved(target, 0);
            replace(target);
        }
    }

    /** The client is slow: keeps no more of an array than the request so far and some room for more of it. */
    void trim(RequestHead head, int room) {
        int from = head.start;
        int size = end - from + room;
        if (size <= bytes.length / 2) {
            byte[] target = pool.take(size);
            System.arraycopy(bytes, from, target, 0, end - from);
            head.moved(target, -from);
            start = Math.max(0, start - from);
            end -= from;
            replace(target);
        }
    }

    /**
     * A request is with a worker and the input is full: makes room, so that more is read and a reset is seen. What lies in the
     * array stays at its place.
     *
     * @return false when it is as large as it may be
     */
    boolean readAhead(RequestHead head, RequestBody body) {
        if (bytes.length >= AHEAD_MOST) {
            return false;
        }
        byte[] target = pool.take(Math.min(bytes.length * 2, AHEAD_MOST));
        System.arraycopy(bytes, 0, target, 0, end);
        head.moved(target, 0);
        body.moved(bytes, target);
        replace(target);
        return true;
    }

    private void replace(byte[] target) {
        if (target != bytes) {
            pool.giveBack(bytes);
            bytes = target;
        }
    }

    /** Nothing is wanted of it any more, nor of the head that lay in it. */
    void release(RequestHead head) {
        if (bytes.length > 0) {
            pool.giveBack(bytes);
        }
        head.forget();
        counts(head);
        bytes = NONE;
        start = 0;
        end = 0;
    }
}
