package terpan.metrics;

/** A bound that bites without a refusal of its own kind: what is held back, closed or cut off, and counted by these labels. */
public enum Limit {
    /** Accepting paused: as many connections as allowed. */
    CONNECTIONS("connections"),
    /** Accepting paused, or a file was not sent: no descriptor is left for it. */
    DESCRIPTORS("descriptors"),
    /** A request was answered with 503, or reading or accepting paused: the buffers are full. */
    MEMORY("memory"),
    /** A connection that was idle, or whose head did not come, was closed to make room for others. */
    IDLE_FOR_OTHERS("idle-for-others"),
    /** An answer that its client did not take was cut: what it held of the buffers others need. */
    SLOW_FOR_OTHERS("slow-for-others"),
    /** A kept connection was idle for too long. */
    KEEP_ALIVE_IDLE("keep-alive-idle"),
    /** A kept connection has carried its share of requests. */
    KEEP_ALIVE_REQUESTS("keep-alive-requests"),
    /** A client took nothing of its answer. */
    SEND_IDLE("send-idle"),
    /** A client took its answer too slowly. */
    SEND_RATE("send-rate"),
    /** A worker has to wait: its client takes its answer slowly, and there is no room in files for more of it. */
    ANSWER_SPOOL("answer-spool-most"),
    /** A worker said nothing for too long. */
    ANSWER_IDLE("answer-idle"),
    /** A whole answer took too long. */
    ANSWER_MOST("answer-most"),
    /** An answer went as it was: as many are being compressed as may be. */
    ENCODERS("encoders");

    private final String label;

    Limit(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
