package terpan.config;

import static terpan.config.Setting.one;

import java.time.Duration;

/** The settings of tunnels: what WebSocket is to the front. */
final class TunnelDeclarations {
    static final Setting<Integer> MOST = one(
                    Section.HTTP,
                    "tunnels",
                    "tunnels",
                    Kind.whole(0, 10_000_000),
                    "0",
                    "The most WebSockets of the application at a time; over it: 503. 0 is as many as descriptors allow.")
            .computed("0, which is one for each descriptor that is left beside clients and workers");
    static final Setting<Duration> IDLE = one(
            Section.HTTP,
            "tunnel-idle",
            "tunnel-idle",
            Kind.time(Duration.ZERO, Duration.ofDays(7)),
            "1h",
            "How long nothing may pass through a WebSocket, either way, until it is closed; 0s: for ever.");
    static final Setting<Duration> DRAIN = one(
            Section.HTTP,
            "tunnel-drain",
            "tunnel-drain",
            Kind.time(Duration.ZERO, Duration.ofDays(1)),
            "10s",
            "How long a WebSocket may go on once its worker or Terpan stops, or another generation has taken over; then it is closed,"
                    + " so that its client comes again. Never longer than drain-timeout.");
    static final Setting<Integer> PER_ADDRESS = one(
            Section.LIMITS,
            "tunnels-per-address",
            "tunnels-per-address",
            Kind.whole(0, 10_000_000),
            "0",
            "The most WebSockets of one client address, or one IPv6 network of 64 bits; over it: 429. 0 is any number.");

    private TunnelDeclarations() {}
}
