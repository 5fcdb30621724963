package terpan.config;

/**
 * A worker that someone else runs.
 *
 * @param address where it listens
 * @param capacity how many requests it works on at once, 1 to 65,535
 */
public record Attach(Address address, int capacity) {}
