package terpan.http2;

/** Where the bytes of an answer come from when windows and the connection have room for them. The owner implements it. */
public interface AnswerSource {
    /** Bytes at hand now. */
    int available();

    /**
     * Copies some bytes.
     *
     * @return how many, 0 to {@code most}; 0 when they are not at hand after all: {@link Http2Stream#ready} tells when they are
     */
    int take(byte[] into, int at, int most);

    /** Whether nothing comes behind what is available. */
    boolean last();
}
