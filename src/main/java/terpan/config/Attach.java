package terpan.config;

/**
 * A worker that someone else runs.
 *
 * @param address where it listens
 * @param capacity how many requests it works on at once, 1 to 65,535
 * @param weight its share in relation to other workers, 1 to 100
 * @param group with whose figures its own are told
 */
public record Attach(Address address, int capacity, int weight, String group) {
    /** The group of those of which no other was said. */
    public static final String GROUP = "attached";
}
