package terpan.link;

/** Hears what happens at one end of a tunnel; on the loop's thread. */
public interface TunnelEvents {
    /** There is something to receive, or the end. */
    void readable();

    /** The end takes bytes again. */
    void writable();

    /** It is no more. */
    void gone();

    /** Its worker is about to end, and has waited for as long as it may. */
    void drained();
}
