package terpan.metrics;

/** Who or what ended a tunnel, by these labels. */
public enum TunnelEnding {
    /** The client closed it, or left. */
    CLIENT("client"),
    /** The worker closed it, or ended. */
    WORKER("worker"),
    /** Nothing passed for too long. */
    IDLE("tunnel-idle"),
    /** The client took nothing of what waited for it. */
    SEND_IDLE("send-idle"),
    /** The worker took nothing of what waited for it. */
    TAKE_IDLE("take-idle"),
    /** Its worker was replaced, or Terpan stops: it has had its time. */
    DRAINED("tunnel-drain"),
    /** Something failed in Terpan itself. */
    FAULT("fault");

    private final String label;

    TunnelEnding(String label) {
        this.label = label;
    }

    /** As metrics have it. */
    public String label() {
        return label;
    }
}
