package terpan.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.Handshake;

/**
 * A connection on a listener that speaks TLS, until its handshake is done: only then is there a client, whose events it hands on. Who
 * takes too long, or can not be agreed with, is sent away; who speaks plain HTTP is told so. Belongs to the loop's thread.
 */
public final class TlsGreeting implements WireHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TlsGreeting.class);
    private static final long PLAIN_NANOS = 2_000_000_000L;

    private static final String PLAIN_TEXT = "This port speaks HTTPS: use https:// instead of http://.\n";
    private static final byte[] PLAIN_ANSWER =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n" + "Content-Length: "
                            + PLAIN_TEXT.length() + "\r\nConnection: close\r\n\r\n" + PLAIN_TEXT)
                    .getBytes(US_ASCII);

    private enum Phase {
        HANDSHAKE,
        /** The client spoke plain HTTP and was told so: what it sends is thrown away. */
        PLAIN,
        OPEN,
        FAILED
    }

    private final LoopTls tls;
    private final Wire wire;
    private final TlsEngine engine;
    private final Opening opening;
    private final Records records;
    private final Timer deadline;
    private Phase phase = Phase.HANDSHAKE;
    private @Nullable TlsWire opened;
    private long until;
    private boolean computes;
    private boolean speaksTls;

    /**
     * @param until by when the handshake has to be done, monotonic nanoseconds
     */
    TlsGreeting(LoopTls tls, Wire wire, TlsEngine engine, Opening opening, long until) {
        this.tls = tls;
        this.wire = wire;
        this.engine = engine;
        this.opening = opening;
        this.records = new Records(tls, wire, engine);
        this.deadline = tls.loop.timer(this::late);
        this.until = until;
        deadline.set(until);
    }

    /** It has only until then, monotonic nanoseconds, if it has not less. */
    public void hurry(long latest) {
        if (phase == Phase.HANDSHAKE && latest < until) {
            until = latest;
            deadline.set(until);
        }
    }

    @Override
    public void onReadable() {
        if (opened != null) {
            opened.onReadable();
        } else if (phase == Phase.HANDSHAKE) {
            handshake();
        } else if (phase == Phase.PLAIN) {
            throwAway();
        }
    }

    @Override
    public void onFlush() {
        if (opened != null) {
            opened.onFlush();
        } else if (phase == Phase.HANDSHAKE) {
            sendsMore();
        }
    }

    @Override
    public void onFault(RuntimeException fault) {
        if (opened != null) {
            opened.onFault(fault);
        } else {
            ends(Handshake.FAILED);
        }
    }

    private void sendsMore() {
        try {
            if (!records.sendWaiting()) {
                return;
            }
        } catch (IOException gone) {
            ends(Handshake.LEFT);
            return;
        }
        wire.awaitWritable(false);
        if (!computes) {
            handshake();
        }
    }

    private void handshake() {
        try {
            goOn(records.received());
        } catch (SSLException unacceptable) {
            records.sendLast(); // an alert
            ends(Handshake.FAILED);
        } catch (IOException gone) {
            ends(Handshake.LEFT);
        }
    }

    /** As far as what is there suffices; receives once. */
    private void goOn(ByteBuffer in) throws IOException {
        boolean mayReceive = true;
        while (phase == Phase.HANDSHAKE) {
            switch (engine.next()) {
                case TASK -> {
                    records.keep(in);
                    compute();
                    return;
                }
                case OUTPUT -> {
                    if (!records.sendOwn()) {
                        records.keep(in);
                        return;
                    }
                }
                case NOTHING -> {
                    records.keep(in);
                    opens();
                    return;
                }
                case INPUT -> {
                    TlsEngine.Status status = records.unwrap(in);
                    speaksTls |= status == TlsEngine.Status.DONE;
                    if (status == TlsEngine.Status.CLOSED) {
                        throw new EOFException("the client ended the handshake");
                    }
                    if (status == TlsEngine.Status.NEEDS_INPUT) {
                        if (!mayReceive) {
                            records.keep(in);
                            return;
                        }
                        mayReceive = false;
                        records.receive(in);
                        if (isPlainHttp(in)) {
                            tellPlainHttp();
                        }
                    }
                }
            }
        }
    }

    /** No record begins with a capital letter; a method does. */
    private boolean isPlainHttp(ByteBuffer in) {
        return !speaksTls && in.hasRemaining() && in.get(0) >= 'A' && in.get(0) <= 'Z';
    }

    private void tellPlainHttp() throws IOException {
        phase = Phase.PLAIN;
        wire.send(PLAIN_ANSWER, 0, PLAIN_ANSWER.length);
        wire.shutdownOutput();
        deadline.set(tls.loop.now() + PLAIN_NANOS);
    }

    private void throwAway() {
        try {
            if (wire.receive(tls.in.array(), 0, tls.in.capacity()) >= 0) {
                return;
            }
        } catch (IOException reset) {
            // It is over all the same.
        }
        ends(Handshake.PLAIN_HTTP);
    }

    /** The wire rests meanwhile: nothing of the engine may be called. */
    private void compute() {
        computes = true;
        wire.reading(false);
        Runnable task = engine.task();
        try {
            tls.server.compute(() -> {
                try {
                    task.run();
                } catch (RuntimeException fault) {
                    LOG.atError().setCause(fault).log("computing a handshake failed");
                } finally {
                    tls.loop.execute(this::computed);
                }
            });
        } catch (RejectedExecutionException stopping) {
            computes = false;
            ends(Handshake.LEFT);
        }
    }

    private void computed() {
        computes = false;
        if (phase == Phase.HANDSHAKE) {
            wire.reading(true);
            handshake();
        } else if (phase == Phase.FAILED) {
            engine.close();
        }
    }

    private void opens() throws IOException {
        if (engine.outputClosed()) {
            throw new EOFException("the handshake was given up");
        }
        if (engine.protocol().equals(ServerTls.CHALLENGE)) {
            // An authority has seen what it looked for (RFC 8737, section 3).
            engine.closeOutput();
            records.sendLast();
            ends(Handshake.DONE);
            return;
        }
        deadline.cancel();
        phase = Phase.OPEN;
        tls.metrics.handshake(Handshake.DONE);
        TlsWire plain = new TlsWire(tls, wire, engine, records);
        opened = plain;
        plain.open(opening.opened(plain));
    }

    private void late() {
        ends(phase == Phase.PLAIN ? Handshake.PLAIN_HTTP : Handshake.TIMEOUT);
    }

    /** Ends it, if there is no client yet. */
    public void close() {
        ends(Handshake.LEFT);
    }

    /** The same with a reset. */
    public void reset() {
        if (phase == Phase.HANDSHAKE || phase == Phase.PLAIN) {
            wire.reset();
        }
        ends(Handshake.LEFT);
    }

    private void ends(Handshake how) {
        if (phase == Phase.HANDSHAKE || phase == Phase.PLAIN) {
            phase = Phase.FAILED;
            tls.metrics.handshake(how);
            deadline.cancel();
            records.release();
            if (!computes) {
                engine.close();
            }
            wire.close();
            opening.failed();
        }
    }
}
