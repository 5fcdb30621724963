package terpan.picture;

import java.util.Locale;

/** How many client connections are open, by what they speak and by what they are at. Immutable. */
public final class Connections {
    /** None is open. */
    public static final Connections NONE = new Connections(new int[Protocol.values().length][State.values().length]);

    /** What a connection speaks. */
    public enum Protocol {
        HTTP_1("http/1"),
        HTTP_2("http/2"),
        /** Its handshake of TLS, its header of the PROXY protocol or its first bytes have not told yet. */
        UNKNOWN("unknown");

        private final String label;

        Protocol(String label) {
            this.label = label;
        }

        /** As metrics have it. */
        public String label() {
            return label;
        }
    }

    /** What a connection is at; with several requests what stands first here is what one of them is at. */
    public enum State {
        /** A worker has its request, or a file is looked for. */
        WORKING,
        /** Its request waits for a place on a worker. */
        WAITING,
        /** The answer is whole, and the client has not all of it. */
        SENDING,
        /** A request has begun, and is not whole. */
        READING,
        /** Bytes pass both ways. */
        TUNNEL,
        /** Between requests. */
        IDLE,
        /** Its last answer is sent, or nobody wants it any more. */
        CLOSING,
        /** The TLS handshake, or the header of the PROXY protocol, is not whole. */
        HANDSHAKE;

        /** As metrics have it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether there are connections that speak this and are at that. */
        public boolean isOf(Protocol protocol) {
            return protocol == Protocol.UNKNOWN ? this == HANDSHAKE || this == READING : this != HANDSHAKE;
        }
    }

    private final int[][] counts;

    private Connections(int[][] counts) {
        this.counts = counts;
    }

    /** Counts those of one event loop. For one thread. */
    public static final class Counting {
        private final int[][] counts = new int[Protocol.values().length][State.values().length];

        /** So many more are at this. */
        @SuppressWarnings("EnumOrdinal") // an index into an array of this process, never stored
        public void add(Protocol protocol, State state, int count) {
            counts[protocol.ordinal()][state.ordinal()] += count;
        }

        /** All that were added, to which nothing may be added any more. */
        public Connections all() {
            return new Connections(counts);
        }
    }

    /** Those that speak this and are at that. */
    @SuppressWarnings("EnumOrdinal") // as above
    public int count(Protocol protocol, State state) {
        return counts[protocol.ordinal()][state.ordinal()];
    }

    /** These and those. */
    public Connections plus(Connections others) {
        Counting sum = new Counting();
        for (Protocol protocol : Protocol.values()) {
            for (State state : State.values()) {
                sum.add(protocol, state, count(protocol, state) + others.count(protocol, state));
            }
        }
        return sum.all();
    }
}
