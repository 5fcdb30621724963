package terpan.config;

import java.time.Duration;
import java.util.Optional;

/**
 * A worker that someone else runs.
 *
 * @param address where it listens
 * @param capacity how many requests it works on at once, 1 to 65,535
 * @param weight its share in relation to other workers, 1 to 100
 * @param group with whose figures its own are told
 * @param check how it is asked whether it is well; empty: it is not asked while requests can be sent to it
 */
public record Attach(Address address, int capacity, int weight, String group, Optional<Check> check) {
    /** The group of those of which no other was said. */
    public static final String GROUP = "attached";

    /**
     * A request that a worker has to answer well, again and again.
     *
     * @param path what is asked for; begins with a slash
     * @param every how often, and how long an answer may take
     */
    public record Check(String path, Duration every) {}

    /** One that is not asked how it is. */
    public Attach(Address address, int capacity, int weight, String group) {
        this(address, capacity, weight, group, Optional.empty());
    }

    /** What the worker is called. */
    public String name() {
        return group + "-" + address;
    }
}
