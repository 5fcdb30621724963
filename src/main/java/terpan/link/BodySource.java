package terpan.link;

/** A request's body as the link takes it: from memory, or from a spool file as it is read back. */
public interface BodySource {
    /** Bytes in all; -1 while they are still coming and nobody knows. */
    long length();

    /** Bytes that can be taken at once from memory. When equal to {@link #length} and nothing was taken, the body is whole in memory. */
    int available();

    /**
     * Takes bytes that are at hand.
     *
     * @return bytes taken; 0: none now, {@link Link#bodyReady} will be called; -1: the end
     */
    int take(byte[] into, int offset, int length);

    /** Whether it can be taken again from the start: nothing was dropped yet. */
    boolean rewind();
}
