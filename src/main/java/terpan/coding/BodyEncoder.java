package terpan.coding;

/**
 * Codes one body after the other, as its pieces come. Belongs to one thread. What it needs beside Java's heap is given back by {@link #close},
 * after which it is not used again.
 */
public interface BodyEncoder {
    /** Takes what was coded; the bytes are the encoder's again when this returns. */
    interface Out {
        /** Some of the coded body, at least one byte. */
        void coded(byte[] bytes, int from, int to);
    }

    /**
     * A piece of the body.
     *
     * @param flush whether all that was given until now is to come out at once, so that whoever reads it can read that much
     */
    void write(byte[] bytes, int from, int to, boolean flush, Out out);

    /** The body is whole: what is left of it comes out. */
    void end(Out out);

    /** Begins anew, whatever there was of a body; false: it can not, and is to be closed. */
    boolean reset();

    /** Gives back what it needs. */
    void close();
}
