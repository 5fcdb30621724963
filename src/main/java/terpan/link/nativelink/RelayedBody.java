package terpan.link.nativelink;

import java.util.ArrayDeque;
import terpan.link.BodySource;

/** A request's body on the home loop, in pieces that the client's loop has sent. Belongs to the home loop's thread once forwarded. */
final class RelayedBody implements BodySource {
    private final long length;
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int position;
    private int available;
    private boolean complete;
    private Runnable emptied = () -> {};

    RelayedBody(long length) {
        this.length = length;
    }

    /** The action runs whenever a piece was taken to its end. */
    void onEmptied(Runnable action) {
        emptied = action;
    }

    void add(byte[] piece) {
        pieces.add(piece);
        available += piece.length;
    }

    void complete() {
        complete = true;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int available() {
        return available;
    }

    @Override
    public int take(byte[] into, int offset, int most) {
        byte[] first = pieces.peek();
        if (first == null) {
            return complete ? -1 : 0;
        }
        int count = Math.min(most, first.length - position);
        System.arraycopy(first, position, into, offset, count);
        position += count;
        available -= count;
        if (position == first.length) {
            pieces.remove();
            position = 0;
            emptied.run();
        }
        return count;
    }

    @Override
    public boolean rewind() {
        return false;
    }
}
