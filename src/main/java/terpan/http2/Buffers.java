package terpan.http2;

/** Where arrays come from and go back to: the owner's account of memory. */
public interface Buffers {
    /** What a connection may take even where there is no memory to spare, bytes: frames of its own, and what others cut apart, are short. */
    int ALWAYS = 1024;

    /** An array of at least that size. */
    byte[] take(int size);

    /** An array of at least that size, and of the usual one where there is memory for it: for what soon goes on. */
    byte[] takeSome(int least);

    /** Takes back what was taken. */
    void giveBack(byte[] buffer);

    /** Counts bytes of arrays that did not come from here: what large heads take while their requests are under way. */
    void count(int change);

    /** Whether there is no memory to spare for anything longer than {@link #ALWAYS}. */
    boolean exhausted();
}
