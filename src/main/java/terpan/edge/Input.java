package terpan.edge;

import java.io.IOException;
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

    private final BufferPool pool;

    /** Where the bytes are, from {@link #start} to {@link #end}. */
    byte[] bytes = NONE;

    int start;
    int end;

    Input(BufferPool pool) {
        this.pool = pool;
    }

    /** Receives what there is room for; -1 at the end of the stream. */
    int receive(Wire wire) throws IOException {
        if (bytes.length == 0) {
            bytes = pool.take();
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

    /** A head fills the input and goes on: makes room, by moving it to the front or into a larger array. */
    void makeRoom(RequestHead head, int most) {
        byte[] target = start > 0 ? bytes : new byte[Math.min(bytes.length * 2, most + BufferPool.BYTES)];
        System.arraycopy(bytes, start, target, 0, end - start);
        head.moved(target, -start);
        replace(target);
        end -= start;
        start = 0;
    }

    /** A body follows a head that fills the input: gives it room to be received into. */
    void makeRoomForBody(RequestHead head) {
        if (bytes.length - start < ROOM_LEAST) {
            byte[] target = new byte[end + BufferPool.BYTES];
            System.arraycopy(bytes, 0, target, 0, end);
            head.moved(target, 0);
            replace(target);
        }
    }

    private void replace(byte[] target) {
        if (target != bytes) {
            pool.giveBack(bytes);
            bytes = target;
        }
    }

    /** Nothing is wanted of it any more. */
    void release() {
        pool.giveBack(bytes);
        bytes = NONE;
        start = 0;
        end = 0;
    }
}
