package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.link.BodySource;
import terpan.spool.Spool;

/**
 * A request's body, whole before the request is admitted unless its route streams: none, in place behind the head, or in a
 * spool. Belongs to one connection and serves its requests one after the other.
 */
public final class RequestBody implements BodySource {
    private static final byte[] NONE = new byte[0];

    private byte[] bytes = NONE;
    private int from;
    private int to;
    private int at;
    private @Nullable Spool spool;
    private long length;
    private long taken;
    private boolean whole = true;

    /** The request has none. */
    public void none() {
        inPlace(NONE, 0, 0);
    }

    /** It lies whole in an array that does not change until the request is settled. */
    public void inPlace(byte[] array, int start, int end) {
        bytes = array;
        from = start;
        to = end;
        at = start;
        length = (long) end - start;
        taken = 0;
        whole = true;
    }

    /** What lay in the one array lies at the same place in the other now. */
    public void moved(byte[] old, byte[] target) {
        if (bytes == old) {
            bytes = target;
        }
    }

    /** It is collected in a spool; {@link #received} tells how long it became. */
    public void spooled(Spool newSpool) {
        inPlace(NONE, 0, 0);
        spool = newSpool;
        whole = false;
    }

    /** It is collected in a spool and may be taken from there while it comes; its length is known. */
    public void coming(Spool newSpool, long announced) {
        spooled(newSpool);
        length = announced;
    }

    /** Whether all of it is here. */
    public boolean whole() {
        return whole;
    }

    /** Whether it can be taken again from its start, however much of it was taken. */
    boolean repeatable() {
        Spool used = spool;
        return whole && (used == null || used.keeps());
    }

    /** All of it is in the spool. */
    public void received(long bytesInAll) {
        length = bytesInAll;
        whole = true;
        Spool filled = spool;
        if (filled != null) {
            filled.finish();
        }
    }

    /** Bytes that the link has taken. */
    long taken() {
        return taken;
    }

    /** Whether what was spooled of it cannot be stored or read back. */
    public boolean failed() {
        Spool used = spool;
        return used != null && used.failed();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int available() {
        Spool used = spool;
        return used == null ? to - at : used.available();
    }

    @Override
    public int take(byte[] into, int offset, int most) {
        if (taken == length) {
            return -1;
        }
        Spool used = spool;
        int count;
        if (used == null) {
            count = Math.min(most, to - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
        } else {
            count = used.take(into, offset, most);
        }
        taken += count;
        return count;
    }

    @Override
    public boolean rewind() {
        Spool used = spool;
        boolean possible = taken == 0 || used == null || used.rewind();
        if (possible) {
            at = from;
            taken = 0;
        }
        return possible;
    }

    /** Frees what it holds. */
    public void close() {
        Spool used = spool;
        spool = null;
        if (used != null) {
            used.close();
        }
        none();
    }
}
