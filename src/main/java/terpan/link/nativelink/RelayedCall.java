package terpan.link.nativelink;

import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Origin;

/**
 * A call of another loop as the home loop's link sees it: has a copy of the request, and writes down what it hears. All but the
 * fields that say so belongs to the home loop's thread.
 */
final class RelayedCall implements Call {
    /** Bytes of answer body on the way between the loops beyond which no more is read. */
    private static final int TRANSIT_MOST = 256 * 1024;

    /** Of the client's loop: the call itself; null once nobody waits. */
    @Nullable
    Call waiting;

    /** Of the client's loop: the answer has begun. */
    boolean begun;

    /** Of the client's loop: bytes that the call took and the home loop has not heard of. */
    int unconfirmed;

    /** Of the client's loop: pieces of the request's body that are on their way. */
    int bodyPieces;

    /** Of the client's loop: the request's body was taken to its end. */
    boolean bodyTaken;

    private final RelayedLink link;
    private final RelayOutbox back;
    private final RequestHead head;
    private final Origin origin;
    private final byte[] script;
    private final byte[] traceparent;
    private final boolean takesFiles;
    private final RelayedBody body;
    private @Nullable Object linkState;
    private RelayedPiece piece = new RelayedPiece();
    private long pieceGeneration = -1;
    private int inTransit;

    RelayedCall(RelayedLink link, RelayOutbox back, Call waiting, RequestHead head, RelayedBody body) {
        this.link = link;
        this.back = back;
        this.waiting = waiting;
        this.head = head;
        this.origin = waiting.origin();
        this.script = waiting.script();
        byte[] told = waiting.traceparent();
        this.traceparent = told.length == 0 ? told : told.clone(); // the client's loop writes the next request's there
        this.takesFiles = waiting.takesFiles();
        this.body = body;
    }

    @Override
    public boolean takesFiles() {
        return takesFiles;
    }

    /** The client's loop took that many bytes of the answer. True when reading may go on that had stopped. */
    boolean confirm(int bytes) {
        boolean wanted = wantsMore();
        inTransit -= bytes;
        return !wanted && wantsMore();
    }

    private RelayedPiece piece() {
        if (pieceGeneration != back.generation()) {
            RelayedPiece fresh = new RelayedPiece();
            piece = fresh;
            back.post(() -> fresh.tell(link, this));
            pieceGeneration = back.generation();
        }
        return piece;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public byte[] script() {
        return script;
    }

    @Override
    public byte[] traceparent() {
        return traceparent;
    }

    @Override
    public RelayedBody body() {
        return body;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object state) {
        linkState = state;
    }

    @Override
    public void answerInformational(ResponseHead said) {
        piece().informational(said);
    }

    @Override
    public void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd) {
        piece().start(status, bytes, reasonStart, reasonEnd);
    }

    /** Always true: the call itself judges it later, on its own loop. */
    @Override
    public boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        piece().field(bytes, nameStart, nameEnd, valueStart, valueEnd);
        return true;
    }

    @Override
    public void answerHeadEnd(long length) {
        piece().headEnd(length);
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        inTransit += end - start;
        piece().body(bytes, start, end);
    }

    @Override
    public boolean wantsMore() {
        return inTransit < TRANSIT_MOST;
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        piece().file(file, position, length);
    }

    @Override
    public void answerEnd(long service) {
        piece().end(service);
    }

    @Override
    public void failed(Failure failure, String detail) {
        piece().failed(failure, detail);
    }

    @Override
    public void returned() {
        piece().returned();
    }
}
