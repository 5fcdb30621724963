package terpan.http2;

/** Where arrays come from and go back to: the owner's account of memory. */
public interface Buffers {
    /** An array of at least that size. */
    byte[] take(int size);

    /** Takes back what {@link #take} gave. */
    void giveBack(byte[] buffer);
}
