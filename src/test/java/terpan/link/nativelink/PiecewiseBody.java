package terpan.link.nativelink;

import java.io.ByteArrayOutputStream;
import terpan.link.BodySource;

/** A request's body that the test lets come piece by piece. */
final class PiecewiseBody implements BodySource {
    private final long length;
    private final ByteArrayOutputStream come = new ByteArrayOutputStream();
    private int taken;
    private boolean complete;

    private PiecewiseBody(long length) {
        this.length = length;
    }

    static PiecewiseBody none() {
        return new PiecewiseBody(0);
    }

    /** A body that is there as a whole. */
    static PiecewiseBody of(byte[] bytes) {
        PiecewiseBody body = new PiecewiseBody(bytes.length);
        body.comes(bytes);
        body.complete = true;
        return body;
    }

    /** A body of that length (-1: unknown) of which nothing is there yet. */
    static PiecewiseBody coming(long length) {
        return new PiecewiseBody(length);
    }

    void comes(byte[] bytes) {
        come.writeBytes(bytes);
    }

    void complete() {
        complete = true;
    }

    int taken() {
        return taken;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int available() {
        return come.size() - taken;
    }

    @Override
    public int take(byte[] into, int offset, int most) {
        int count = Math.min(most, available());
        if (count == 0) {
            return complete ? -1 : 0;
        }
        System.arraycopy(come.toByteArray(), taken, into, offset, count);
        taken += count;
        return count;
    }

    @Override
    public boolean rewind() {
        taken = 0;
        return true;
    }
}
