package terpan.dispatch;

/** How a lease ended. */
public enum Outcome {
    /** Answered whole. */
    ANSWERED,
    /** The worker failed: died, closed or sent nonsense. */
    FAILED,
    /** No answer in time. */
    TIMED_OUT,
    /** The client left; the worker was told or its connection closed. */
    ABANDONED,
    /** The worker gave the request back unstarted. */
    RETURNED,
    /** Nothing was sent. */
    UNSENT
}
