package terpan.link.nativelink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import terpan.http.RequestHead;
import terpan.link.BodySource;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.loop.Loop;

/**
 * The way to a built-in worker from a loop that is not the worker's home: hands copies of the calls over to the home loop's
 * link and brings what they hear back, all of a turn in one task. Belongs to the calls' loop. Rejected: a connection of each
 * loop to each worker, which would halve the requests in a frame.
 */
public final class RelayedLink implements Link {
    /** Pieces of one request's body between the loops at once. */
    private static final int BODY_PIECES_MOST = 4;

    private static final int CONFIRM_LEAST = 64 * 1024;
    private static final int SPARE_HEADS_MOST = 64;

    private final Loop own;
    private final NativeLink home;
    private final RelayOutbox there;
    private final RelayOutbox back;
    private final Set<RelayedCall> open = new LinkedHashSet<>();
    private final ArrayDeque<RequestHead> spareHeads = new ArrayDeque<>();
    private boolean closed;

    /** Makes the way from that loop to the link, which belongs to another. */
    public RelayedLink(Loop own, NativeLink home) {
        this.own = own;
        this.home = home;
        this.there = new RelayOutbox(own, home.loop());
        this.back = new RelayOutbox(home.loop(), own);
    }

    @Override
    public void forward(Call call) {
        RequestHead head = spareHeads.isEmpty() ? new RequestHead() : spareHeads.pop();
        head.copyFrom(call.head());
        RelayedBody body = new RelayedBody(call.body().length());
        RelayedCall relayed = new RelayedCall(this, back, call, head, body);
        call.linkState(relayed);
        open.add(relayed);
        if (closed) {
            own.execute(() -> fail(relayed, Failure.NOT_CONNECTED));
            return;
        }
        if (body.length() != 0) {
            body.onEmptied(() -> back.post(() -> pieceTaken(relayed)));
            takeBody(relayed, call).forEach(body::add);
            if (relayed.bodyTaken) {
                body.complete();
            }
        }
        there.post(() -> home.forward(relayed));
    }

    @Override
    public void bodyReady(Call call) {
        if (call.linkState() instanceof RelayedCall relayed) {
            sendBody(relayed);
        }
    }

    @Override
    public void resume(Call call) {
        if (call.linkState() instanceof RelayedCall relayed) {
            confirm(relayed, call);
        }
    }

    @Override
    public void cancel(Call call, Runnable ended) {
        if (call.linkState() instanceof RelayedCall relayed) {
            call.linkState(null);
            relayed.waiting = null;
            open.remove(relayed);
            there.post(() -> home.cancel(relayed, () -> back.post(ended)));
        } else {
            ended.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        for (RelayedCall relayed : List.copyOf(open)) {
            there.post(() -> home.cancel(relayed, () -> {}));
            fail(relayed, relayed.begun ? Failure.BROKEN_OFF : Failure.CLOSED_BEFORE_ANSWER);
        }
    }

    private void fail(RelayedCall relayed, Failure failure) {
        Call call = relayed.waiting;
        if (call != null) {
            call.linkState(null);
            relayed.waiting = null;
            open.remove(relayed);
            call.failed(failure, "the link was closed");
        }
    }

    /** The call is over on the home loop. */
    void forget(RelayedCall relayed, Call call) {
        call.linkState(null);
        relayed.waiting = null;
        open.remove(relayed);
        if (spareHeads.size() < SPARE_HEADS_MOST) {
            spareHeads.push(relayed.head());
        }
    }

    /** The call does not accept a field of its answer. */
    void refuse(RelayedCall relayed, Call call) {
        cancel(call, () -> {});
        call.failed(Failure.NONSENSE, "a field of the answer is not acceptable");
    }

    /** The call has taken bytes of its answer's body. */
    void delivered(RelayedCall relayed, int bytes) {
        relayed.unconfirmed += bytes;
        Call call = relayed.waiting;
        if (call != null) {
            confirm(relayed, call);
        }
    }

    private void confirm(RelayedCall relayed, Call call) {
        int bytes = relayed.unconfirmed;
        if (bytes >= CONFIRM_LEAST && call.wantsMore()) {
            relayed.unconfirmed = 0;
            there.post(() -> {
                if (relayed.confirm(bytes)) {
                    home.resume(relayed);
                }
            });
        }
    }

    private void pieceTaken(RelayedCall relayed) {
        relayed.bodyPieces--;
        sendBody(relayed);
    }

    private void sendBody(RelayedCall relayed) {
        Call call = relayed.waiting;
        if (call == null || relayed.bodyTaken) {
            return;
        }
        List<byte[]> pieces = takeBody(relayed, call);
        boolean complete = relayed.bodyTaken;
        if (!pieces.isEmpty() || complete) {
            there.post(() -> {
                pieces.forEach(relayed.body()::add);
                if (complete) {
                    relayed.body().complete();
                }
                home.bodyReady(relayed);
            });
        }
    }

    /** Takes what may go over now. */
    private static List<byte[]> takeBody(RelayedCall relayed, Call call) {
        BodySource source = call.body();
        List<byte[]> pieces = new java.util.ArrayList<>(1);
        while (relayed.bodyPieces < BODY_PIECES_MOST) {
            byte[] piece = new byte[Math.clamp(source.available(), 1, NativeOutput.CHUNK)];
            int taken = source.take(piece, 0, piece.length);
            if (taken <= 0) {
                relayed.bodyTaken = taken < 0;
                break;
            }
            relayed.bodyPieces++;
            pieces.add(taken == piece.length ? piece : Arrays.copyOf(piece, taken));
        }
        return pieces;
    }

    static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
