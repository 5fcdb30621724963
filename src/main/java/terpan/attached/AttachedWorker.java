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
import terpan.config.AddressText;
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
    private final Map<SocketAddress, AttachedAddress> addresses = new LinkedHashMap<>();
    private final Optional<String> hostName;
    private boolean lookingUp;
    private boolean lookupLate;
    private int lookupsFailed;
    private String lookupFailure = "";
    private long lookedUpAt;
    private long lookupDue = AttachedAddress.NEVER;
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

    Collection<AttachedAddress> addresses() {
        return addresses.values();
    }

    /** When something is to be done next. */
    long due() {
        long due = lookupDue;
        for (AttachedAddress known : addresses.values()) {
            due = Math.min(due, known.due());
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
        lookupDue = AttachedAddress.NEVER;
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

    private boolean replace(List<SocketAddress> found, long now) {
        List<SocketAddress> gone = new ArrayList<>(addresses.keySet());
        gone.removeAll(found);
        gone.forEach(address -> {
            AttachedAddress old = addresses.remove(address);
            if (old != null) {
                old.leave();
            }
        });
        boolean more = false;
        long every = attach.check().map(check -> check.every().toNanos()).orElse(0L);
        for (SocketAddress address : found) {
            if (!addresses.containsKey(address)) {
                Backoff backoff = new Backoff(PROBE_FIRST.toNanos(), BACKOFF_MOST.toNanos(), random);
                addresses.put(address, new AttachedAddress(new Target(address, wake), backoff, every, probeMost, now));
                more = true;
            }
        }
        targets.set(addresses.values().stream().map(known -> known.target).toList());
        return more || !gone.isEmpty();
    }

    /** It is watched no more. */
    void leave() {
        addresses.values().forEach(AttachedAddress::leave);
        addresses.clear();
    }

    /** It is not reached where it was last: it may be elsewhere by now. */
    void doubtName(long now) {
        if (hostName.isPresent() && !lookingUp) {
            lookupDue = Math.min(lookupDue, Math.max(now, lookedUpAt + LOOKUP_PAUSE.toNanos()));
        }
    }

    /** A probe is asked for; for a name a lookup too. */
    void probeNow(long now) {
        addresses.values().forEach(known -> known.probeNow(now));
        if (hostName.isPresent() && !lookingUp) {
            lookupDue = now;
        }
    }

    /** The state that follows from the addresses; of one that was left out nothing is told before it is known. */
    AttachedState state() {
        if (up() > 0) {
            state = AttachedState.READY;
        } else if (addresses.isEmpty() ? lookupsFailed > 0 : count(AttachedAddress.State.UNKNOWN) == 0) {
            state = AttachedState.EJECTED;
        } else if (state == AttachedState.READY) {
            state = AttachedState.STARTING;
        }
        return state;
    }

    /** When it is looked at again, if it is left out and nobody looks at it now; else {@link AttachedAddress#NEVER}. */
    long nextProbe() {
        if (state() != AttachedState.EJECTED) {
            return AttachedAddress.NEVER;
        }
        if (addresses.isEmpty()) {
            return lookingUp ? AttachedAddress.NEVER : lookupDue;
        }
        long next = AttachedAddress.NEVER;
        for (AttachedAddress known : addresses.values()) {
            next = known.isProbing() ? next : Math.min(next, known.due());
        }
        return next;
    }

    /** How many of its addresses get requests. */
    int up() {
        return count(AttachedAddress.State.UP);
    }

    /** How many requests it may be given. */
    int room() {
        boolean anyProven = false;
        boolean any = false;
        for (AttachedAddress known : addresses.values()) {
            boolean up = known.state() == AttachedAddress.State.UP;
            any |= up;
            anyProven |= up && !known.isOnTrial();
        }
        return anyProven ? attach.capacity() : any ? 1 : 0;
    }

    /** Whether it is there, or soon may be. */
    boolean isExpected() {
        return addresses.isEmpty()
                ? lookupsFailed == 0 || !lookupBackoff.isLongest(lookupsFailed)
                : addresses.values().stream().anyMatch(AttachedAddress::isExpected);
    }

    /** Why it is left out. */
    Fault fault() {
        return addresses.isEmpty() ? Fault.NAME : latest().fault();
    }

    private AttachedAddress latest() {
        return addresses.values().stream()
                .reduce((one, other) -> other)
                .orElseThrow(() -> new IllegalStateException(attach.name() + " has no address"));
    }

    /** Why it is in its state, in words. */
    String reason() {
        if (addresses.isEmpty()) {
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
        String what = addresses.values().stream()
                .filter(known -> known.state() == AttachedAddress.State.UP)
                .map(known -> known.isOnTrial() ? "one request at a time, until one is answered" : known.reason())
                .findFirst()
                .orElse("");
        return up() < addresses.size() ? what + "; " + up() + " of " + addresses.size() + " addresses" : what;
    }

    private String ejected() {
        AttachedAddress latest = latest();
        return addresses.size() == 1
                ? latest.reason()
                : text(latest.target.address()) + ": " + latest.reason() + "; none of " + addresses.size()
                        + " addresses is reached";
    }

    /** The trouble with its name, if there is any. */
    String nameTrouble() {
        return lookupsFailed > 0 ? "the name " + hostName.orElse("") + " leads nowhere: " + lookupFailure : "";
    }

    private int count(AttachedAddress.State wanted) {
        int count = 0;
        for (AttachedAddress known : addresses.values()) {
            count += known.state() == wanted ? 1 : 0;
        }
        return count;
    }

    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress tcp && tcp.getAddress() != null) {
            return AddressText.of(tcp);
        }
        return "unix:" + address;
    }
}
