package terpan.edge.http2;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import terpan.edge.Client;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Exchange;
import terpan.edge.LingeringClose;
import terpan.edge.limits.BufferMemory;
import terpan.edge.origin.Peer;
import terpan.http.Refusal;
import terpan.http2.Http2Connection;
import terpan.http2.Http2Owner;
import terpan.http2.Http2Server;
import terpan.http2.Http2Stream;
import terpan.http2.Malformed;
import terpan.log.Cut;
import terpan.loop.Wire;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;
import terpan.picture.Connections;

/**
 * One client's connection of HTTP/2: hands what comes to {@link Http2Connection}, which tells it of requests, and sends what that gives for
 * their answers. Belongs to its loop's thread.
 */
final class Http2Client implements Client, Http2Owner {
    private enum Phase {
        OPEN,
        /** All is sent; the client's rest is read so that it gets the last of it. */
        LINGER,
        CLOSED
    }

    /** What one holds beyond a connection of HTTP/1, by estimate, bytes: its objects, and what packs heads; tables come to it. */
    private static final int BYTES = 4 * 1024;

    /** Requests at a time that a connection may have whatever memory there is. */
    private static final int FEW = 4;

    private final Edge edge;
    private final Http2Loop loop;
    private final Wire wire;
    private final Http2Server server;
    private final Http2Connection connection;
    private final Http2Deadlines deadlines;
    private final LingeringClose lingering;
    private final long addressKey;

    /** For its answers. */
    final AnswerMemory memory;

    private Peer peer;
    private EdgeSettings settings;
    private Phase phase = Phase.OPEN;

    /** Whether its address has too many, which its first request is told. */
    private boolean refuses;

    private Cut endsBy = Cut.CLIENT;
    private boolean failureCounted;

    /** Whether it sends right now, and will have sent all that there is. */
    private boolean sending;

    /** Whether the wire has bytes that the system has not taken. */
    private boolean keptBelow;

    /** What of it is counted in the buffers, bytes. */
    private int counted;

    private long requests;
    private long sent;
    private final List<StreamExchange> open = new ArrayList<>();

    /** Those that have something to send in this turn. */
    private final List<StreamExchange> due = new ArrayList<>();

    /** How many of them the connection has heard of. */
    private int told;

    /** Those that are over; used again when nobody in this turn knows them any more. */
    private final List<Http2Stream> spare = new ArrayList<>();

    Http2Client(Edge edge, Http2Loop loop, Wire wire) {
        this.edge = edge;
        this.loop = loop;
        this.wire = wire;
        this.settings = edge.settings();
        this.peer = settings.origins.peer(wire);
        this.addressKey = edge.clientLimits.key(peer, wire);
        this.memory = new AnswerMemory(edge);
        this.server = loop.server();
        this.connection = new Http2Connection(server, this);
        this.deadlines = new Http2Deadlines(edge, this, edge.loop.timer(this::deadlinePassed));
        this.lingering = new LingeringClose(edge, wire);
    }

    @Override
    public void begin() {
        edge.metrics.http2Opened();
        deadlines.first();
        counts(BYTES);
        switch (edge.clientLimits.enter(addressKey, peer)) {
            case ADMITTED -> {}
            case REFUSED -> refuses = true;
            case CUT -> {
                edge.metrics.clientRefused(ClientRefusal.CONNECTIONS_PER_ADDRESS);
                cut(Cut.NONE);
                return;
            }
        }
        connection.begin();
        connection.resetsLater();
        if (edge.leaves(this)) {
            stopSoon(edge.loop.now() + Edge.IDLE_GRACE_NANOS);
        }
    }

    @Override
    public long addressKey() {
        return addressKey;
    }

    /** Bytes of answers' bodies that the system has taken for the client, since the connection began. */
    long bodySent() {
        return connection.bodySent();
    }

    // The events of the wire

    @Override
    public void onReadable() {
        if (phase == Phase.LINGER) {
            if (!lingering.goesOn()) {
                close();
            }
            return;
        }
        int received;
        try {
            received = wire.receive(loop.input, 0, loop.input.length);
        } catch (IOException reset) {
            gone();
            return;
        }
        if (received < 0) {
            // Without its windows and acknowledgements a client that has ended its side gets no answer to its end.
            gone();
            return;
        }
        connection.receive(loop.input, 0, received, edge.loop.now());
        look();
        endsIfOver();
    }

    @Override
    public void onFlush() {
        if (phase != Phase.OPEN) {
            return;
        }
        boolean empty;
        sending = true;
        try {
            empty = send();
        } catch (IOException left) {
            gone();
            return;
        } finally {
            sending = false;
        }
        keptBelow = !empty;
        for (int i = 0; i < told; i++) {
            StreamExchange exchange = due.get(i);
            if (exchange.isOn(this)) {
                exchange.due = false;
                exchange.sent();
            }
        }
        due.subList(0, told).clear();
        if (!due.isEmpty()) {
            wire.flushLater();
        }
        reuse();
        if (empty && connection.over()) {
            countFailure();
            linger();
        } else {
            look();
        }
    }

    /** Sends what windows and the system take; whether nothing waits for the system. */
    private boolean send() throws IOException {
        for (told = 0; told < due.size(); told++) {
            StreamExchange exchange = due.get(told);
            if (exchange.isOn(this)) {
                exchange.tell();
            }
        }
        while (connection.fill()) {
            int count = wire.send(connection.output(), connection.outputStart(), connection.outputLength());
            connection.sent(count);
            sent += count;
            if (connection.outputLength() > 0) {
                wire.awaitWritable(true);
                return false;
            }
        }
        return wire.sentAll();
    }

    private void counts(int bytes) {
        if (bytes != counted) {
            edge.buffers.count(bytes - counted);
            counted = bytes;
        }
    }

    /** Something came or was sent. */
    private void look() {
        if (phase != Phase.OPEN) {
            return;
        }
        counts(BYTES + connection.tableBytes());
        countFailure();
        wire.reading(connection.mayReceive());
        deadlines.look(
                connection.withinHead(),
                connection.acknowledged(),
                open.size(),
                requests,
                connection.outputLength() > 0 || (keptBelow && connection.over()),
                sent);
        deadlines.resets(connection.resetsWait());
    }

    private void countFailure() {
        if (connection.failed() && !failureCounted) {
            failureCounted = true;
            edge.metrics.connectionFailed(connection.flood());
        }
    }

    private void reuse() {
        for (int i = 0; i < spare.size(); i++) {
            server.giveBack(spare.get(i));
        }
        spare.clear();
    }

    /** An exchange has something to send, or a stream to end. */
    void due(StreamExchange exchange) {
        if (!exchange.due) {
            exchange.due = true;
            due.add(exchange);
        }
        flushLater();
    }

    @Override
    public void flushLater() {
        if (!sending) {
            wire.flushLater();
        }
    }

    // What the connection tells of its streams

    private StreamExchange begin(Http2Stream stream) {
        StreamExchange exchange = stream.attachment instanceof StreamExchange before
                ? before
                : new StreamExchange(edge, stream, peer, memory);
        stream.attachment = exchange;
        exchange.opens(this);
        EdgeSettings present = exchange.exchange.settings();
        if (settings != present) {
            settings = present;
            peer = present.origins.peer(wire);
            if (loop.server() != server) {
                // Heads are read by other limits now: by those of another connection.
                drain(edge.loop.now() + Edge.IDLE_GRACE_NANOS);
            }
        }
        exchange.exchange.from(peer);
        exchange.place = open.size();
        open.add(exchange);
        requests++;
        if (settings.limits.keepAliveRequests() == requests) {
            edge.metrics.limitReached(Limit.KEEP_ALIVE_REQUESTS);
            drain(edge.loop.now() + Edge.IDLE_GRACE_NANOS);
        }
        return exchange;
    }

    /** Where memory is short a few are told so by a page; more of them would take what is left. */
    @Override
    public boolean mayBegin() {
        BufferMemory all = edge.bounds.memory();
        if (!all.exhausted() || (open.size() < FEW && !all.overdrawn())) {
            return true;
        }
        edge.metrics.limitReached(Limit.MEMORY);
        return false;
    }

    @Override
    public void request(Http2Stream stream) {
        StreamExchange exchange = begin(stream);
        if (refuses) {
            exchange.refuse(ClientRefusal.CONNECTIONS_PER_ADDRESS, "Your address has too many connections open.");
            connection.drainNow();
        } else {
            exchange.request(peer);
        }
    }

    @Override
    public void refused(Http2Stream stream, Refusal refusal) {
        boolean known = stream.attachment instanceof StreamExchange exchange && exchange.isOn(this);
        StreamExchange exchange = known ? exchange(stream) : begin(stream);
        exchange.refuse(refusal);
    }

    private static StreamExchange exchange(Http2Stream stream) {
        if (stream.attachment instanceof StreamExchange exchange) {
            return exchange;
        }
        throw new IllegalStateException("stream " + stream.id() + " has no exchange");
    }

    @Override
    public void body(Http2Stream stream, byte[] bytes, int from, int to) {
        exchange(stream).body(bytes, from, to);
    }

    @Override
    public void bodyEnd(Http2Stream stream) {
        exchange(stream).bodyEnd();
    }

    @Override
    public boolean closed(Http2Stream stream, End end, int code) {
        StreamExchange exchange = exchange(stream);
        StreamExchange last = open.removeLast();
        if (last != exchange) {
            open.set(exchange.place, last);
            last.place = exchange.place;
        }
        if (exchange.closed(end, endsBy)) {
            spare.add(stream);
        }
        if (phase == Phase.OPEN) {
            flushLater();
        }
        return false;
    }

    @Override
    public void malformed(Malformed what) {
        edge.metrics.clientRefused(ClientRefusal.MALFORMED);
    }

    // What the edge wants of it

    @Override
    public boolean cameBy(Predicate<SocketAddress> listener) {
        SocketAddress ours = wire.localAddress();
        return ours != null && listener.test(ours);
    }

    @Override
    public void stopSoon(long deadline) {
        drain(deadline);
        open.forEach(StreamExchange::stopSoon);
    }

    /** The client is told that it should go on elsewhere; what it has sent meanwhile is served. */
    private void drain(long deadline) {
        if (phase == Phase.OPEN) {
            connection.drain();
            deadlines.drain(deadline);
        }
    }

    @Override
    public int stopWaiting() {
        if (phase != Phase.OPEN) {
            return 0;
        }
        onFlush();
        int cut = 0;
        for (StreamExchange exchange : List.copyOf(open)) {
            cut += exchange.stopWaiting() ? 1 : 0;
        }
        endSoon();
        return cut;
    }

    /** No new requests; sends what there is, and closes if that is all. */
    private void endSoon() {
        if (phase == Phase.OPEN) {
            connection.drainNow();
            onFlush();
        }
        if (open.isEmpty() && phase != Phase.OPEN) {
            close();
        }
    }

    @Override
    public Connections.Protocol protocol() {
        return Connections.Protocol.HTTP_2;
    }

    @Override
    public Connections.State state() {
        return open.stream()
                .map(stream -> Client.stateOf(stream.exchange))
                .min(Comparator.naturalOrder())
                .orElse(phase == Phase.OPEN ? Connections.State.IDLE : Connections.State.CLOSING);
    }

    @Override
    public long idleSince() {
        return phase == Phase.OPEN ? deadlines.idleSince() : Long.MAX_VALUE;
    }

    @Override
    public long heldUpSince() {
        long since = deadlines.unsentSince();
        for (int i = 0; i < open.size(); i++) {
            since = Math.min(since, open.get(i).exchange.deadlines.heldUpSince());
        }
        return since;
    }

    @Override
    public void makeRoom(long before) {
        if (deadlines.unsentSince() < before) {
            edge.metrics.limitReached(Limit.SLOW_FOR_OTHERS);
            cut(Cut.DEADLINE);
            return;
        }
        for (StreamExchange stream : List.copyOf(open)) {
            if (stream.isOn(this) && stream.exchange.deadlines.heldUpSince() < before) {
                stream.exchange.makeRoom();
            }
        }
    }

    @Override
    public boolean any(Predicate<Exchange> what) {
        for (int i = 0; i < open.size(); i++) {
            if (what.test(open.get(i).exchange)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void closeIdle() {
        edge.metrics.limitReached(Limit.IDLE_FOR_OTHERS);
        endSoon();
        close();
    }

    private void deadlinePassed() {
        if (phase == Phase.CLOSED) {
            return;
        }
        switch (deadlines.passed()) {
            case NOTHING -> {}
            case IDLE -> {
                edge.metrics.limitReached(Limit.KEEP_ALIVE_IDLE);
                connection.drainNow();
            }
            case RESETS -> connection.resetNow();
            case HEAD -> {
                edge.metrics.clientRefused(ClientRefusal.HEAD_TIMEOUT);
                connection.headTimedOut();
            }
            case SETTINGS -> connection.settingsTimedOut();
            case DRAIN -> connection.drainNow();
            case SENDING -> {
                edge.metrics.limitReached(Limit.SEND_IDLE);
                cut(Cut.DEADLINE);
            }
            case LINGER -> close();
        }
        look();
        endsIfOver();
    }

    /** Once all is sent; what the system does not take is waited for there. */
    private void endsIfOver() {
        if (phase == Phase.OPEN && connection.over()) {
            wire.flushLater();
        }
    }

    // Its end

    private void linger() {
        if (!lingering.begin()) {
            close();
            return;
        }
        phase = Phase.LINGER;
        deadlines.linger();
    }

    @Override
    public void cut(Cut by) {
        endsBy = by;
        wire.reset();
        close();
    }

    @Override
    public void onFault(RuntimeException fault) {
        cut(Cut.FAULT);
    }

    /** The client is not there any more. */
    private void gone() {
        close();
    }

    private void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        deadlines.cancel();
        connection.close();
        due.clear();
        reuse();
        counts(0);
        wire.close();
        edge.metrics.http2Closed();
        edge.closed(this);
    }
}
