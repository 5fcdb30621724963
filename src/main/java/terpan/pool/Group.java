package terpan.pool;

import java.util.Optional;
import terpan.metrics.GroupMetrics;

/**
 * Workers that are alike, as long as there may be some.
 *
 * @param server the server that they run; empty where someone else runs them
 * @param socket how they are reached, in one word
 * @param counters what is counted of it, and of others of its name
 */
public record Group(String name, Optional<String> server, String socket, int weight, GroupMetrics counters) {}
