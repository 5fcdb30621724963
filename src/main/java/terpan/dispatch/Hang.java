package terpan.dispatch;

/**
 * A slot whose worker hangs.
 *
 * @param givenUp requests in flight on it that were given up
 * @param others requests in flight on it that somebody waits for: they end with the worker
 */
public record Hang(Slot slot, int givenUp, int others) {}
