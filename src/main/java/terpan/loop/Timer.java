package terpan.loop;

/**
 * A timer of a loop that is cheap to move: setting it later than it stands costs a field write, for it is put on the wheel
 * anew only when its old place comes up. Belongs to its loop's thread.
 */
public interface Timer {
    /** Sets or moves the timer to a monotonic time in nanoseconds. It fires once, up to 20 ms late. */
    void set(long deadline);

    /** Stops the timer; a later {@link #set} starts it again. */
    void cancel();

    /** Whether it is set and has not fired. */
    boolean isSet();
}
