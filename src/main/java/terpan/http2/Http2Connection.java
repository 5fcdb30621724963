package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of one HTTP/2 connection (RFC 9113), over bytes: {@link #receive} takes what came, {@link #fill} and {@link #output} give
 * what is to be sent, {@link Http2Owner} hears of requests. Keeps streams, windows and both tables; who breaks a rule, or floods, loses the
 * stream or the connection. Belongs to one loop's thread.
 */
public final class Http2Connection {
    /** Whether bytes are the beginning of HTTP/2. */
    public enum Begin {
        YES,
        NO,
        /** More bytes have to come. */
        MORE
    }

    /** Bytes after which {@link #begins} knows. */
    public static final int PREFACE_LENGTH = 24;

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    /** More than this unsent, and nothing more is read: answers to frames would pile up. */
    static final int UNSENT_MOST = 64 * 1024;

    /** The same where there is no memory to spare. */
    private static final int UNSENT_LEAST = 4 * Buffers.ALWAYS;

    private static final int RESETS_MOST = 16;
    private static final byte[] DRAIN_PING = "terpandr".getBytes(US_ASCII);
    private static final byte[] NO_TEXT = new byte[0];

    final Http2Server server;
    final Http2Limits limits;
    final Http2Owner owner;
    final FrameWriter out;
    final StreamTable streams;
    final Sender sender;
    final Budgets budgets = new Budgets();
    private final Receiver receiver;

    /** What the client may send, and what it has sent and was not told that it is taken. */
    int receiveWindow;

    private int unannounced;

    /** Streams whose reset waits, as many as there may be, and how many there are. */
    private final int[] resets = new int[RESETS_MOST];

    private int resetsWaiting;
    private boolean resetsLater;
    int lastId;
    boolean acknowledged;
    boolean draining;
    boolean drained;
    boolean peerLeaves;
    boolean failed;
    private int errorCode = ErrorCode.NO_ERROR;
    private String problem = "";
    private @Nullable Flood flood;

    /** Makes the server's end of a connection whose first byte is to come. */
    public Http2Connection(Http2Server server, Http2Owner owner) {
        this.server = server;
        this.limits = server.limits;
        this.owner = owner;
        this.out = new FrameWriter(server.buffers);
        this.streams = new StreamTable(limits.streamsMost());
        this.sender = new Sender(this);
        this.receiver = new Receiver(this);
    }

    /** Whether a connection's first bytes are those of HTTP/2, for a port that has both versions. */
    public static Begin begins(byte[] bytes, int from, int to) {
        int length = Math.min(to - from, PREFACE.length);
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != PREFACE[i]) {
                return Begin.NO;
            }
        }
        return length == PREFACE.length ? Begin.YES : Begin.MORE;
    }

    /** Sends our settings; the owner sets a deadline for {@link #acknowledged}. */
    public void begin() {
        receiveWindow = limits.connectionWindow();
        out.settings(limits);
        if (receiveWindow > Frame.WINDOW) {
            out.windowUpdate(0, receiveWindow - Frame.WINDOW);
        }
        owner.flushLater();
    }

    /** Takes all of what came, the preface included; what comes when the connection has ended is dropped. Nothing of the array is kept. */
    public void receive(byte[] bytes, int from, int to, long nowNanos) {
        if (!failed) {
            receiver.receive(bytes, from, to, nowNanos);
        }
    }

    /** Whether to receive more now: not while the client does not take what we send. */
    public boolean mayReceive() {
        int unsent = out.length();
        return !failed && unsent < UNSENT_MOST && (unsent < UNSENT_LEAST || !server.buffers.exhausted());
    }

    /** Whether the preface, a request's head, or a frame that is kept until it is whole, has begun and is not: for the owner's deadline. */
    public boolean withinHead() {
        return receiver.withinHead();
    }

    /** Requests that are not over. */
    public int streams() {
        return streams.count();
    }

    /** Bytes of the tables that heads are packed with, in both directions: they grow as the client wants it. */
    public int tableBytes() {
        return receiver.tableBytes() + sender.tableBytes();
    }

    /** Whether the client has said that it has our settings. */
    public boolean acknowledged() {
        return acknowledged;
    }

    /** The client has not said in time that it has our settings. */
    public void settingsTimedOut() {
        fail(ErrorCode.SETTINGS_TIMEOUT, "our settings were not acknowledged in time");
    }

    /** A head has begun and did not come in time: nothing else can come before it. */
    public void headTimedOut() {
        fail(ErrorCode.ENHANCE_YOUR_CALM, "a head did not come in time");
    }

    // What is to be sent.

    /** The array with what is to be sent next; see {@link #outputStart} and {@link #outputLength}. */
    public byte[] output() {
        return out.bytes;
    }

    /** Where it begins. */
    public int outputStart() {
        return out.start;
    }

    /** How long it is. */
    public int outputLength() {
        return out.length();
    }

    /**
     * Bytes of bodies that have left, about: what waits in {@link #output} counts as if it were nothing else. Answers to PING and SETTINGS are
     * none, for a client can have as many of those as it likes.
     */
    public long bodySent() {
        return sender.bodyBytes - out.length();
    }

    /** So many bytes of it were sent. */
    public void sent(int count) {
        out.sent(count);
    }

    /**
     * Puts what is due, and may be sent, behind what is to be sent: to be called when that is empty, or once a turn.
     *
     * @return whether there is anything to be sent
     */
    public boolean fill() {
        return sender.fill();
    }

    // What the owner does with a request's body.

    void taken(Http2Stream stream, int count) {
        if (count < 0 || count > stream.untaken) {
            throw new IllegalArgumentException(
                    count + " bytes of stream " + stream.id + " cannot be taken, " + stream.untaken + " are there");
        }
        stream.untaken -= count;
        stream.unannounced += count;
        if (!stream.requestEnded && 2L * stream.unannounced >= limits.streamWindow()) {
            out.windowUpdate(stream.id, stream.unannounced);
            stream.receiveWindow += stream.unannounced;
            stream.unannounced = 0;
            owner.flushLater();
        }
        taken(count);
    }

    /** So many bytes of whatever stream need no room any more. */
    void taken(int count) {
        unannounced += count;
        if (2L * unannounced >= limits.connectionWindow()) {
            out.windowUpdate(0, unannounced);
            receiveWindow += unannounced;
            unannounced = 0;
            owner.flushLater();
        }
    }

    void reset(Http2Stream stream, int code) {
        out.reset(stream.id, code);
        close(stream, Http2Owner.End.RESET, code, true);
        owner.flushLater();
    }

    /**
     * From now on a stream whose answer is whole before its request is reset only by {@link #resetNow}, or when there are many: some clients
     * take a reset that comes along with an answer for its failure. What comes meanwhile is dropped.
     */
    public void resetsLater() {
        resetsLater = true;
    }

    /** Whether resets wait. */
    public boolean resetsWait() {
        return resetsWaiting > 0;
    }

    /** Sends the resets that wait. */
    public void resetNow() {
        for (int i = 0; i < resetsWaiting; i++) {
            out.reset(resets[i], ErrorCode.NO_ERROR);
        }
        if (resetsWaiting > 0) {
            resetsWaiting = 0;
            owner.flushLater();
        }
    }

    /** An answer is whole, and its request is not: the rest is of no use to anybody (RFC 9113, section 8.1). */
    void restIsNotWanted(int id) {
        if (!resetsLater) {
            out.reset(id, ErrorCode.NO_ERROR);
            return;
        }
        if (resetsWaiting == RESETS_MOST) {
            resetNow();
        }
        resets[resetsWaiting++] = id;
    }

    /** The client has ended the stream by itself. */
    void needsNoReset(int id) {
        for (int i = 0; i < resetsWaiting; i++) {
            if (resets[i] == id) {
                resets[i] = resets[--resetsWaiting];
                return;
            }
        }
    }

    // How requests, streams and the connection end.

    /** A request is whole. */
    void requestEnds(Http2Stream stream) {
        if (stream.bodyLeft > 0) {
            malformed(stream, Malformed.LENGTH_DIFFERS);
            return;
        }
        stream.requestEnded = true;
        if (!stream.drops) {
            owner.bodyEnd(stream);
        }
    }

    /** HTTP/2 forbids what came of a stream. */
    void malformed(Http2Stream stream, Malformed what) {
        owner.malformed(what);
        fault(stream, ErrorCode.PROTOCOL_ERROR);
    }

    /** A stream's fault (RFC 9113, section 5.4.2). */
    void fault(Http2Stream stream, int code) {
        resetUnopened(stream.id, code);
        if (!failed) {
            close(stream, Http2Owner.End.FAULT, code, true);
        }
    }

    /** Resets a stream that is not open for us; who makes us do that too often loses the connection. */
    void resetUnopened(int id, int code) {
        if (spend(Flood.RESETS_CAUSED)) {
            out.reset(id, code);
            owner.flushLater();
        }
    }

    void close(Http2Stream stream, Http2Owner.End end, int code, boolean resetByUs) {
        sender.queue.remove(stream);
        streams.remove(stream);
        streams.ended(stream.id, resetByUs);
        receiver.gone(stream);
        taken(stream.untaken);
        stream.close();
        if (owner.closed(stream, end, code)) {
            server.giveBack(stream);
        }
    }

    /** Takes one of what a peer may do only so often; false when the connection has ended for it. */
    boolean spend(Flood kind) {
        if (!budgets.spend(kind, receiver.now)) {
            flooded(kind);
        }
        return !failed;
    }

    void flooded(Flood kind) {
        if (!failed) {
            flood = kind;
            fail(ErrorCode.ENHANCE_YOUR_CALM, "too many " + kind.label());
        }
    }

    /** The connection's fault (RFC 9113, section 5.4.1). */
    void fail(int code, String what) {
        if (failed) {
            return;
        }
        failed = true;
        errorCode = code;
        problem = what;
        closeStreams(code);
        out.goAway(lastId, code, what.getBytes(US_ASCII));
        receiver.release();
        owner.flushLater();
    }

    /** What the client sends would have to be kept, and there is no memory to spare. */
    void noMemory() {
        fail(ErrorCode.ENHANCE_YOUR_CALM, "there is no memory to spare");
    }

    private void closeStreams(int code) {
        for (Http2Stream stream : streams.snapshot()) {
            if (stream != null && stream.isOpen()) {
                close(stream, Http2Owner.End.CONNECTION, code, true);
            }
        }
    }

    /**
     * Begins to end the connection in peace: the client is told, and what it has sent meanwhile is still served. The owner calls {@link
     * #drainNow} a little later; the client's answer to our ping does, too.
     */
    public void drain() {
        if (!draining && !failed) {
            draining = true;
            out.goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, NO_TEXT);
            out.ping(DRAIN_PING, 0, false);
            owner.flushLater();
        }
    }

    /** From now on no new requests are taken; {@link #over} tells when the last is done. */
    public void drainNow() {
        if (!drained && !failed) {
            draining = true;
            drained = true;
            resetNow();
            out.goAway(lastId, ErrorCode.NO_ERROR, NO_TEXT);
            owner.flushLater();
        }
    }

    void pingAnswered(byte[] bytes, int at) {
        if (draining && java.util.Arrays.equals(bytes, at, at + DRAIN_PING.length, DRAIN_PING, 0, DRAIN_PING.length)) {
            drainNow();
        }
    }

    /** Whether the connection is to be closed once all is sent: it failed, or is drained, or the client leaves, and nothing is under way. */
    public boolean over() {
        return failed || ((drained || peerLeaves) && streams.count() == 0);
    }

    /** Whether the client broke a rule of the connection's, or flooded it. */
    public boolean failed() {
        return failed;
    }

    /** Why it failed, a constant of {@link ErrorCode}. */
    public int errorCode() {
        return errorCode;
    }

    /** Why it failed, for people; empty when it did not. */
    public String problem() {
        return problem;
    }

    /** Of what there was too much, where that is why it failed. */
    public Optional<Flood> flood() {
        return Optional.ofNullable(flood);
    }

    /** The socket is gone: ends what is under way and frees what it holds. */
    public void close() {
        failed = true;
        closeStreams(ErrorCode.NO_ERROR);
        receiver.release();
        out.release();
    }
}
