package terpan.edge.origin;

import java.util.random.RandomGenerator;
import terpan.http.Ascii;

/** Ids for requests that people may ask about: unique for a loop since its start, and short. Belongs to the loop's thread. */
public final class RequestIds {
    /** Longest id with a margin. */
    static final int MOST = 40;

    private final long begin;
    private final RandomGenerator random;
    private long count;

    /**
     * @param loop the loop's index
     * @param wallMillis when it was started, wall clock
     * @param random what ids in traces are made of
     */
    public RequestIds(int loop, long wallMillis, RandomGenerator random) {
        this.begin = wallMillis << 8 | loop;
        this.random = random;
    }

    /** Writes a new id; at most 32 bytes. Returns the index after it. */
    int next(byte[] into, int at) {
        int middle = Ascii.appendHex(into, at, begin);
        into[middle] = '-';
        return Ascii.appendHex(into, middle + 1, ++count);
    }

    /** A number by chance, never 0. */
    long random() {
        long number = random.nextLong();
        while (number == 0) {
            number = random.nextLong();
        }
        return number;
    }
}
