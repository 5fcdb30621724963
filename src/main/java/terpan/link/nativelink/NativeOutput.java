package terpan.link.nativelink;

import java.io.IOException;
import terpan.link.BodySource;
import terpan.loop.Wire;

/**
 * What goes to the worker: frames in one growing array. The requests of a turn become one batch frame, small frames that came
 * up meanwhile follow it. Belongs to the link's thread.
 */
final class NativeOutput {
    static final int BATCH = 0;
    static final int BODY = 1;
    static final int BODY_END = 2;
    static final int CANCEL = 3;
    static final int CREDIT = 4;
    static final int FILE_DONE = 5;
    static final int FILE_REFUSED = 6;

    /** Most bytes of body in one frame. */
    static final int CHUNK = 64 * 1024;

    private static final int USUAL = 64 * 1024;
    private static final int BATCH_MOST = 1024 * 1024;
    private static final int FRAME_HEAD = 5;
    private static final int ID_HEAD = FRAME_HEAD + 4;

    /** The array; an entry of the batch is written straight to it. */
    final MarshalWriter writer = new MarshalWriter(USUAL);

    private final MarshalWriter later = new MarshalWriter(256);
    private int sent;
    private int batchStart = -1;
    private int batchItems;

    /** Begins an entry of the batch of this turn. True when it is the batch's first. */
    boolean entry() {
        if (batchStart >= 0 && writer.end - batchStart > BATCH_MOST) {
            closeBatch();
        }
        batchItems += 3;
        if (batchStart >= 0) {
            return false;
        }
        batchStart = writer.end;
        writer.int32(0);
        writer.raw(BATCH);
        writer.list(0);
        return true;
    }

    /** A frame that is nothing but an id; it goes after the batch. */
    void frame(int kind, int id) {
        later.int32(5);
        later.raw(kind);
        later.int32(id);
    }

    void credit(int id, int bytes) {
        later.int32(9);
        later.raw(CREDIT);
        later.int32(id);
        later.int32(bytes);
    }

    /** Ends the batch and puts the small frames behind it. */
    void closeBatch() {
        if (batchStart >= 0) {
            writer.int32At(batchStart, writer.end - batchStart - 4);
            writer.int32At(batchStart + FRAME_HEAD + 1, batchItems);
            batchStart = -1;
            batchItems = 0;
        }
        writer.raw(later.bytes, 0, later.end);
        later.end = 0;
    }

    /**
     * Puts a piece of a request's body behind all else; the batch is closed.
     *
     * @return what the source gave: the bytes taken, 0 for none now, -1 for the end, which is then sent
     */
    int body(int id, BodySource source, int most) {
        writer.ensure(ID_HEAD + most);
        int at = writer.end;
        int taken = source.take(writer.bytes, at + ID_HEAD, most);
        if (taken == 0) {
            return 0;
        }
        writer.int32(5 + Math.max(taken, 0));
        writer.raw(taken > 0 ? BODY : BODY_END);
        writer.int32(id);
        writer.end += Math.max(taken, 0);
        return taken;
    }

    /** Bytes that the kernel has not taken yet. */
    int backlog() {
        return writer.end - sent;
    }

    /** Sends what the kernel takes. False when something is left. */
    boolean send(Wire wire) throws IOException {
        while (sent < writer.end) {
            int taken = wire.send(writer.bytes, sent, writer.end - sent);
            if (taken <= 0) {
                compact();
                return false;
            }
            sent += taken;
        }
        reset();
        return true;
    }

    private void reset() {
        sent = 0;
        writer.end = 0;
        if (writer.bytes.length > 4 * USUAL) {
            writer.bytes = new byte[USUAL];
        }
    }

    private void compact() {
        if (sent > writer.end / 2) {
            System.arraycopy(writer.bytes, sent, writer.bytes, 0, writer.end - sent);
            writer.end -= sent;
            sent = 0;
        }
    }
}
