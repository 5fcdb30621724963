package terpan.attached;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import terpan.config.Address;
import terpan.config.Attach;

/**
 * A worker that someone else runs: its name, the addresses that the name leads to, and what follows from how each of them does. A name is
 * looked up again and again, for it may lead elsewhere; what it led to last is kept while it leads nowhere. Owned by the watch's thread;
 * time comes in.
 */
final class AttachedWorker {
    /** A name may have many addresses; more are not looked at. */
    static final int ADDRESSES_MOST = 32;

    static final Duration LOOKUP_EVERY = Duration.ofSeconds(30);
    static final Duration LOOKUP_MOST = Duration.ofSeconds(5);
    private static final Duration LOOKUP_PAUSE = Duration.ofSeconds(1);
    private static final Duration PROBE_FIRST = Duration.ofMillis(100);
    private static final Duration BACKOFF_MOST = Duration.ofSeconds(30);

    final Attach attach;
    final Targets targets;
    private final Runnable wake;
    private final LongUnaryOperator random;
    private final Backoff lookupBackoff;
    private final long probeMost;
    private final Map<SocketAddress, Endpoint> endpoints = new LinkedHashMap<>();
    private final Optional<String> hostName;
    private boolean lookingUp;
    private boolean lookupLate;
    private int lookupsFailed;
    private String lookupFailure = "";
    private long lookedUpAt;
    private long lookupDue = Endpoint.NEVER;
    private AttachedState state = AttachedState.STARTING;

    /**
     * A worker of which nothing is known.
     *
     * @param connectTimeout how long a connect may take
     * @param wake makes the watch look at what the loops have noted of this worker
     */
    AttachedWorker(
            Attach attach,
            Targets targets,
            Duration connectTimeout,
            Runnable wake,
            LongUnaryOperator random,
            long now) {
        this.attach = attach;
        this.targets = targets;
        this.wake = wake;
        this.random = random;
        this.lookupBackoff = new Backoff(LOOKUP_PAUSE.toNanos(), BACKOFF_MOST.toNanos(), random);
        Duration answer = attach.check().map(Attach.Check::every).orElse(Duration.ZERO);
        this.probeMost = connectTimeout.plus(answer).toNanos();
        this.hostName = hostName(attach.address());
        if (hostName.isPresent()) {
            lookupDue = now;
        } else {
            replace(List.of(plain(attach.address())), now);
        }
    }

    private static Optional<String> hostName(Address address) {
        return address instanceof Address.Tcp tcp && literal(tcp.host()).isEmpty()
                ? Optional.of(tcp.host())
                : Optional.empty();
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }

    private static SocketAddress plain(Address address) {
        return switch (address) {
            case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case Address.Tcp tcp -> new InetSocketAddress(literal(tcp.host()).orElseThrow(), tcp.port());
        };
    }

    /** The name to be looked up; empty where there is an address. */
    Optional<String> hostName() {
        return hostName;
    }

    Collection<Endpoint> endpoints() {
        return endpoints.values();
    }

    /** When something is to be done next. */
    long due() {
        long due = lookupDue;
        for (Endpoint endpoint : endpoints.values()) {
            due = Math.min(due, endpoint.due());
        }
        return due;
    }

    boolean lookupIsDue(long now) {
        return lookupDue <= now;
    }

    /** Whether a lookup is under way, be it one that takes too long. */
    boolean isLookingUp() {
        return lookingUp;
    }

    void lookupBegins(long now) {
        lookingUp = true;
        lookupLate = false;
        lookupDue = now + LOOKUP_MOST.toNanos();
    }

    /** The lookup under way takes too long; it is waited for all the same, for there is no way to end it. */
    void lookupTooLong() {
        lookupLate = true;
        lookupDue = Endpoint.NEVER;
        noteFailure("nobody says within " + LOOKUP_MOST.toSeconds() + " s where it is");
    }

    /** The lookup has ended without an address. */
    void notFound(String why, long now) {
        boolean counted = lookupLate;
        lookupEnds(now);
        if (!counted) {
            noteFailure(why);
        }
        lookupDue = now + lookupBackoff.pause(lookupsFailed);
    }

    private void noteFailure(String why) {
        lookupsFailed++;
        lookupFailure = why;
    }

    private void lookupEnds(long now) {
        lookingUp = false;
        lookupLate = false;
        lookedUpAt = now;
    }

    /**
     * The lookup has ended with these addresses.
     *
     * @return whether they are others than before
     */
    boolean found(List<InetAddress> addresses, long now) {
        lookupEnds(now);
        lookupsFailed = 0;
        lookupDue = now + LOOKUP_EVERY.toNanos();
        int port = attach.address() instanceof Address.Tcp tcp ? tcp.port() : 0;
        return replace(
                addresses.stream()
                        .distinct()
                        .limit(ADDRESSES_MOST)
                        .<SocketAddress>map(address -> new InetSocketAddress(address, port))
                        .toList(),
                now);
    }

    private boolean replace(List<SocketAddress> addresses, long now) {
        List<SocketAddress> gone = new ArrayList<>(endpoints.keySet());
        gone.removeAll(addresses);
        gone.forEach(address -> {
            Endpoint old = endpoints.remove(address);
            if (old != null) {
                old.leave();
            }
        });
        boolean more = false;
        long every = attach.check().map(check -> check.every().toNanos()).orElse(0L);
        for (SocketAddress address : addresses) {
            if (!endpoints.containsKey(address)) {
                Backoff backoff = new Backoff(PROBE_FIRST.toNanos(), BACKOFF_MOST.toNanos(), random);
                endpoints.put(address, new Endpoint(new Target(address, wake), backoff, every, probeMost, now));
                more = true;
            }
        }
        targets.set(endpoints.values().stream().map(endpoint -> endpoint.target).toList());
        return more || !gone.isEmpty();
    }

    /** It is not reached where it was last: it may be elsewhere by now. */
    void doubtName(long now) {
        if (hostName.isPresent() && !lookingUp) {
            lookupDue = Math.min(lookupDue, Math.max(now, lookedUpAt + LOOKUP_PAUSE.toNanos()));
        }
    }

    /** A probe is asked for; for a name a lookup too. */
    void probeNow(long now) {
        endpoints.values().forEach(endpoint -> endpoint.probeNow(now));
        if (hostName.isPresent() && !lookingUp) {
            lookupDue = now;
        }
    }

    /** The state that follows from the addresses; of one that was left out nothing is told before it is known. */
    AttachedState state() {
        if (up() > 0) {
            state = AttachedState.READY;
        } else if (endpoints.isEmpty() ? lookupsFailed > 0 : count(Endpoint.State.UNKNOWN) == 0) {
            state = AttachedState.EJECTED;
        } else if (state == AttachedState.READY) {
            state = AttachedState.STARTING;
        }
        return state;
    }

    /** When it is looked at again, if it is left out and nobody looks at it now; else {@link Endpoint#NEVER}. */
    long nextProbe() {
        if (state() != AttachedState.EJECTED) {
            return Endpoint.NEVER;
        }
        if (endpoints.isEmpty()) {
            return lookingUp ? Endpoint.NEVER : lookupDue;
        }
        long next = Endpoint.NEVER;
        for (Endpoint endpoint : endpoints.values()) {
            next = endpoint.isProbing() ? next : Math.min(next, endpoint.due());
        }
        return next;
    }

    /** How many of its addresses get requests. */
    int up() {
        return count(Endpoint.State.UP);
    }

    /** How many requests it may be given. */
    int room() {
        boolean anyProven = false;
        boolean any = false;
        for (Endpoint endpoint : endpoints.values()) {
            boolean up = endpoint.state() == Endpoint.State.UP;
            any |= up;
            anyProven |= up && !endpoint.isOnTrial();
        }
        return anyProven ? attach.capacity() : any ? 1 : 0;
    }

    /** Whether it is there, or soon may be. */
    boolean hasHope() {
        return endpoints.isEmpty()
                ? lookupsFailed == 0 || !lookupBackoff.isLongest(lookupsFailed)
                : endpoints.values().stream().anyMatch(Endpoint::hasHope);
    }

    /** Why it is left out. */
    Fault fault() {
        return endpoints.isEmpty() ? Fault.NAME : latest().fault();
    }

    private Endpoint latest() {
        return endpoints.values().stream()
                .reduce((one, other) -> other)
                .orElseThrow(() -> new IllegalStateException(attach.name() + " has no address"));
    }

    /** Why it is in its state, in words. */
    String reason() {
        if (endpoints.isEmpty()) {
            return lookupsFailed > 0 ? nameTrouble() : "its name is looked up";
        }
        String kept = lookupsFailed > 0 ? "; " + nameTrouble() + ", what it led to is kept" : "";
        return switch (state()) {
            case STARTING -> "it is looked at";
            case READY -> ready() + kept;
            case EJECTED -> ejected() + kept;
        };
    }

    private String ready() {
        String what = endpoints.values().stream()
                .filter(endpoint -> endpoint.state() == Endpoint.State.UP)
                .map(endpoint ->
                        endpoint.isOnTrial() ? "one request at a time, until one is answered" : endpoint.reason())
                .findFirst()
                .orElse("");
        return up() < endpoints.size() ? what + "; " + up() + " of " + endpoints.size() + " addresses" : what;
    }

    private String ejected() {
        Endpoint latest = latest();
        return endpoints.size() == 1
                ? latest.reason()
                : text(latest.target.address()) + ": " + latest.reason() + "; none of " + endpoints.size()
                        + " addresses is reached";
    }

    /** The trouble with its name, if there is any. */
    String nameTrouble() {
        return lookupsFailed > 0 ? "the name " + hostName.orElse("") + " leads nowhere: " + lookupFailure : "";
    }

    private int count(Endpoint.State wanted) {
        int count = 0;
        for (Endpoint endpoint : endpoints.values()) {
            count += endpoint.state() == wanted ? 1 : 0;
        }
        return count;
    }

    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress tcp && tcp.getAddress() != null) {
            String host = tcp.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]:" : host + ":") + tcp.getPort();
        }
        return "unix:" + address;
    }
}
