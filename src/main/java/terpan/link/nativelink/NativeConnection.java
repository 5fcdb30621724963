package terpan.link.nativelink;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import terpan.link.BodySource;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/**
 * One connection of a native link, from connect to close: sends requests and bodies, receives frames. What is written before
 * the connect has succeeded waits in the output. Once it is over it does nothing any more. Belongs to the loop's thread.
 */
final class NativeConnection implements WireHandler {
    /** Bytes on the way to the kernel beyond which no more body is put behind them. */
    private static final int BACKLOG_MOST = 256 * 1024;

    /** Most receives in one turn. */
    private static final int RECEIVES_MOST = 16;

    private final NativeSetup setup;
    private final NativeLink link;
    private final NativeCalls calls = new NativeCalls();
    private final NativeOutput output = new NativeOutput();
    private final NativeInput input = new NativeInput();
    private final NativeEnviron environ;
    private final NativeAnswers answers;
    private final ArrayDeque<NativeCall> bodies = new ArrayDeque<>();
    private @Nullable Wire wire;
    private boolean connected;
    private boolean over;
    private boolean flushAsked;

    NativeConnection(NativeSetup setup, NativeLink link) {
        this.setup = setup;
        this.link = link;
        this.environ = new NativeEnviron(output.writer, new NativeKeys(setup.seed()));
        this.answers = new NativeAnswers(setup, this, calls, output, input);
    }

    /** Begins to connect; gives what went wrong at once, or nothing. */
    String connect(SocketAddress address) {
        try {
            wire = setup.loop().connect(address, this);
            return "";
        } catch (IOException failure) {
            over = true;
            return "no connection to " + address + ": " + failure.getMessage();
        }
    }

    boolean isOver() {
        return over;
    }

    /** Whether the entry is one of this connection's, and open. */
    boolean holds(NativeCall entry) {
        return calls.holds(entry, entry.id);
    }

    /** Writes the request into this turn's batch. False when no id is free. */
    boolean forward(Call call) {
        if (calls.isFull()) {
            return false;
        }
        NativeCall entry = calls.open(call);
        call.linkState(entry);
        BodySource body = call.body();
        long length = body.length();
        if (output.entry()) {
            environ.newBatch();
        }
        MarshalWriter writer = output.writer;
        writer.integer(entry.id);
        environ.write(call.head(), call.origin(), call.script(), call.traceparent(), length);
        if (length == 0) {
            writer.none();
        } else if (length > 0 && length <= NativeOutput.CHUNK && body.available() == length) {
            writeWhole(body, (int) length);
        } else {
            writer.integer(length);
            entry.sending = true;
            list(entry);
        }
        askFlush();
        return true;
    }

    private void writeWhole(BodySource body, int length) {
        MarshalWriter writer = output.writer;
        writer.binary(length);
        writer.ensure(length);
        int taken = 0;
        while (taken < length) {
            int more = body.take(writer.bytes, writer.end + taken, length - taken);
            if (more <= 0) {
                throw new IllegalStateException("a body gave " + taken + " of the " + length + " bytes at hand");
            }
            taken += more;
        }
        writer.end += length;
    }

    void bodyReady(NativeCall entry) {
        if (entry.sending && entry.bodyCredit > 0) {
            list(entry);
            askFlush();
        }
    }

    void resume(NativeCall entry, Call call) {
        answers.credit(entry, call);
    }

    /** Nobody waits for this entry any more: its id stays taken until the worker has ended it, which the action hears. */
    void cancel(NativeCall entry, Runnable ended) {
        entry.ended = ended;
        forget(entry);
    }

    /** The entry has no call any more; the worker is told unless it is done with it. */
    void forget(NativeCall entry) {
        entry.sending = false;
        if (!entry.settled) {
            output.frame(NativeOutput.CANCEL, entry.id);
            askFlush();
        }
    }

    /** Has {@link #onFlush} called in this turn's send phase. */
    void askFlush() {
        if (connected && !flushAsked && wire != null) {
            flushAsked = true;
            wire.flushLater();
        }
    }

    /** The entry's body has something to send, or may have. */
    void list(NativeCall entry) {
        if (!entry.listed) {
            entry.listed = true;
            bodies.add(entry);
        }
    }

    @Override
    public void onConnected() {
        connected = true;
        if (wire != null) {
            askFlush();
        }
    }

    @Override
    public void onConnectFailed(IOException reason) {
        end(Failure.NOT_CONNECTED, "no connection: " + reason.getMessage());
    }

    @Override
    public void onFault(RuntimeException fault) {
        end(Failure.CLOSED_BEFORE_ANSWER, "the front failed: " + fault);
    }

    @Override
    public void onReadable() {
        try {
            receive();
        } catch (MarshalException nonsense) {
            String how = "the worker broke the native link: " + nonsense.getMessage();
            end(Failure.NONSENSE, how);
            link.broke(how);
        } catch (IOException reset) {
            end(Failure.CLOSED_BEFORE_ANSWER, "the worker's connection failed: " + reset.getMessage());
        }
    }

    private void receive() throws IOException, MarshalException {
        for (int round = 0; round < RECEIVES_MOST && !over && wire != null; round++) {
            int received = input.receive(wire);
            if (received < 0) {
                end(Failure.CLOSED_BEFORE_ANSWER, "the worker closed its connection");
                return;
            }
            boolean more = input.full();
            while (!over && input.next()) {
                answers.frame();
            }
            if (over || received == 0) {
                return;
            }
            input.settle();
            if (!more) {
                return;
            }
        }
    }

    @Override
    public void onFlush() {
        flushAsked = false;
        if (over || !connected || wire == null) {
            return;
        }
        output.closeBatch();
        pumpBodies();
        try {
            boolean all = output.send(wire);
            wire.awaitWritable(!all || !bodies.isEmpty());
        } catch (IOException gone) {
            lastAnswers();
            end(Failure.CLOSED_BEFORE_ANSWER, "the worker takes no requests: " + gone.getMessage());
        }
    }

    /** A worker that ends may have sent answers before: they still count. */
    private void lastAnswers() {
        onReadable();
    }

    private void pumpBodies() {
        while (!bodies.isEmpty() && output.backlog() < BACKLOG_MOST) {
            NativeCall entry = bodies.remove();
            entry.listed = false;
            Call call = entry.call;
            if (call == null || !entry.sending || entry.bodyCredit <= 0) {
                continue;
            }
            int taken = output.body(entry.id, call.body(), Math.min(NativeOutput.CHUNK, entry.bodyCredit));
            if (taken > 0) {
                entry.bodyCredit -= taken;
                list(entry);
            } else if (taken < 0) {
                entry.sending = false;
            }
        }
    }

    /** Closes; every call hears of it. Calls whose answer had not begun hear the given failure. */
    void end(Failure notBegun, String detail) {
        if (over) {
            return;
        }
        over = true;
        link.over(this);
        if (wire != null) {
            wire.close();
        }
        bodies.clear();
        for (NativeCall entry : calls.places()) {
            Call call = entry.call;
            if (entry.open && call != null) {
                entry.call = null;
                call.linkState(null);
                call.failed(entry.begun ? Failure.BROKEN_OFF : notBegun, detail);
            }
            calls.release(entry);
        }
    }
}
