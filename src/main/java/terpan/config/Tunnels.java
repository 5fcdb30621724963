package terpan.config;

import java.time.Duration;

/**
 * What becomes of requests that switch protocols: bytes both ways.
 *
 * @param most most of them at a time; 0: as many as descriptors allow
 * @param idle how long nothing may pass; zero: for ever
 * @param drain how long they may go on once their worker, or Terpan, stops
 */
public record Tunnels(int most, Duration idle, Duration drain) {}
