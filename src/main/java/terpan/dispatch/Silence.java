package terpan.dispatch;

/**
 * A slot that has ended nothing for a while, though requests were given to it and given up: its worker may hang, or only be in the
 * middle of long answers, of whose bytes the dispatcher knows nothing.
 *
 * @param since when it ended something last, or began after it had nothing to do; monotonic nanoseconds
 */
public record Silence(Slot slot, long since) {}
