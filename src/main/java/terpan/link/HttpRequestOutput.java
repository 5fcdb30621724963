package terpan.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import terpan.loop.Wire;

/** The sending half of a connection to a worker: head, then the body as it can be taken. Owned by the connection. */
final class HttpRequestOutput {
    private static final byte[] NONE = new byte[0];

    /** Bytes that every server reads of a body that its application left unread; with more, some close the connection without a word. */
    private static final int DRAINED_MOST = 64 * 1024;

    private final HttpLink link;
    private byte[] buffer = NONE;
    private int start;
    private int end;
    private long bodyToSend;
    private boolean large;
    private boolean done = true;
    private boolean broken;

    HttpRequestOutput(HttpLink link) {
        this.link = link;
    }

    /** Writes the head; false when the server would not take it, as the writer's problem says. */
    boolean begin(Call call) {
        byte[] room = link.buffer();
        boolean fits = link.writer.write(call, room);
        buffer = link.writer.bytes();
        if (buffer != room) {
            link.giveBack(room);
        }
        start = 0;
        end = link.writer.length();
        bodyToSend = call.body().length();
        large = bodyToSend > DRAINED_MOST;
        done = !fits;
        broken = false;
        if (!fits) {
            release();
        }
        return fits;
    }

    /** Whether all was given to the kernel. */
    boolean done() {
        return done;
    }

    /** Whether the server may close the connection after its answer, and not say so. */
    boolean mayEnd() {
        return large;
    }

    /** Sends what can be sent now. */
    void send(Wire wire, @Nullable Call call) {
        if (done || broken) {
            return;
        }
        try {
            wire.awaitWritable(!sendAll(wire, call));
        } catch (IOException closedForSending) {
            // An early answer may still be readable; if none is, the end of the stream tells.
            broken = true;
            wire.awaitWritable(false);
        }
    }

    /** False when the kernel took less than there was; waiting for more of the body counts as all sent. */
    private boolean sendAll(Wire wire, @Nullable Call call) throws IOException {
        while (true) {
            start += wire.send(buffer, start, end - start);
            if (start < end) {
                return false;
            }
            if (bodyToSend == 0) {
                done = true;
                release();
                return true;
            }
            int most = (int) Math.min(buffer.length, bodyToSend);
            int taken = call == null ? 0 : call.body().take(buffer, 0, most);
            start = 0;
            end = Math.max(0, taken);
            if (taken <= 0) {
                return true;
            }
            bodyToSend -= taken;
        }
    }

    /** Nothing more is sent, though not all was. */
    void stop(Wire wire) {
        broken = true;
        wire.awaitWritable(false);
        release();
    }

    void release() {
        if (buffer.length > 0) {
            link.giveBack(buffer);
            buffer = NONE;
        }
        start = 0;
        end = 0;
    }
}
