package terpan.edge.origin;

import terpan.http.Ascii;

/** Ids for requests that people may ask about: unique for a loop since its start, and short. Belongs to the loop's thread. */
public final class RequestIds {
    /** Longest id with a margin. */
    static final int MOST = 40;

    private final long begin;
    private long count;

    /**
     * @param loop the loop's index
     * @param wallMillis when it was started, wall clock
     */
    public RequestIds(int loop, long wallMillis) {
        this.begin = wallMillis << 8 | loop;
    }

    /** Writes a new id; at most 32 bytes. Returns the index after it. */
    int next(byte[] into, int at) {
        int middle = Ascii.appendHex(into, at, begin);
        into[middle] = '-';
        return Ascii.appendHex(into, middle + 1, ++count);
    }
}
