package terpan.http2;

/** Where arrays come from and go back to: the owner's account of memory. */
public interface Buffers {
    /** An array of at least that size. */
    byte[] take(int size);

    /** Takes back what {@link #take} gave. */
    void giveBack(byte[] buffer);

    /** Counts bytes of arrays that did not come from here: what large heads take while their requests are under way. */
    void count(int change);
}
