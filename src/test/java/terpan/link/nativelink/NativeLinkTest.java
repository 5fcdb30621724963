package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import terpan.link.Call;
import terpan.loop.PretendLoop;

final class NativeLinkTest {
    private final PretendLoop loop = new PretendLoop();
    private final List<String> broken = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final NativeLink link = new NativeLink(
            loop, UnixDomainSocketAddress.of("w.sock"), ProcessHandle.current().pid(), Runnable::run, 7, broken::add);

    private int id(Call call) {
        return call.linkState() instanceof NativeCall entry ? entry.id : -1;
    }

    private RecordedCall forwarded(String path) {
        RecordedCall call = RecordedCall.get(path);
        link.forward(call);
        return call;
    }

    private void arrive(byte[] bytes) {
        loop.connected().getLast().peerSends(bytes);
        loop.settle();
    }

    private List<WorkerFrames.Frame> sent() {
        loop.settle();
        return WorkerFrames.frames(loop.connected().getLast().sentBytes());
    }

    @Test
    void aFieldOfTheWorkersOwnStandsBehindThoseOfTheApplication() {
        RecordedCall whole = forwarded("/a");
        RecordedCall pieces = forwarded("/b");
        byte[] own = "X-Terpan-Route:w0rd /r".getBytes(UTF_8);
        arrive(WorkerFrames.batch(WorkerFrames.answerWith(own, id(whole), "200 OK", "x", "A", "b")));
        arrive(WorkerFrames.headWith(own, id(pieces), "200 OK", 1, "A", "b"));
        assertThat(whole.all()).contains("A: b | X-Terpan-Route: w0rd /r | ").endsWith("end");
        assertThat(pieces.all()).contains("A: b | X-Terpan-Route: w0rd /r | ");
        arrive(WorkerFrames.named(4, id(pieces)));
    }

    @Test
    void theRequestsOfATurnLeaveInOneBatch() {
        forwarded("/a");
        forwarded("/b");
        assertThat(loop.connected()).hasSize(1);
        assertThat(sent()).singleElement().satisfies(frame -> {
            assertThat(frame.kind()).isZero();
            assertThat(frame.bytes()).startsWith('[', 6, 0, 0, 0);
        });
        forwarded("/c");
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.bytes()).startsWith('[', 3, 0, 0, 0));
    }

    @Test
    void answersOfABatchReachTheirCalls() {
        RecordedCall first = forwarded("/a");
        RecordedCall second = forwarded("/b");
        loop.settle();
        arrive(WorkerFrames.batch(
                WorkerFrames.answer(id(second), "404 Not Found", "no", "X-A", "1", "X-B", "2"),
                WorkerFrames.answer(id(first), "200 OK", "")));
        assertThat(second.all()).isEqualTo("start 404 Not Found | X-A: 1 | X-B: 2 | length 2 | body no | end");
        assertThat(first.all()).isEqualTo("start 200 OK | length 0 | end");
        assertThat(broken).isEmpty();
    }

    @Test
    void hintsGoBeforeTheirAnswer() {
        RecordedCall call = forwarded("/a");
        loop.settle();
        arrive(WorkerFrames.hints(id(call), "Link: x\r\nA: b\r\n"));
        assertThat(call.all()).isEqualTo("said 103 | Link: x | A: b");
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(call), "200 OK", "")));
        assertThat(call.all()).endsWith("A: b | start 200 OK | length 0 | end");
        assertThat(broken).isEmpty();
    }

    @Test
    void anAnswerMayArriveInAnyTwoPieces() {
        RecordedCall probe = forwarded("/a");
        loop.settle();
        byte[] whole = WorkerFrames.joined(
                WorkerFrames.head(id(probe), "200 OK", 5, "X-A", "1"),
                WorkerFrames.chunk(id(probe), "hello".getBytes(UTF_8)),
                WorkerFrames.named(3, id(probe)));
        for (int cut = 1; cut < whole.length; cut++) {
            PretendLoop other = new PretendLoop();
            NativeLink cutLink =
                    new NativeLink(other, UnixDomainSocketAddress.of("w.sock"), 1, Runnable::run, 7, broken::add);
            RecordedCall call = RecordedCall.get("/a");
            cutLink.forward(call);
            other.settle();
            other.connected().getLast().peerSends(Arrays.copyOf(whole, cut));
            other.settle();
            other.connected().getLast().peerSends(Arrays.copyOfRange(whole, cut, whole.length));
            other.settle();
            assertThat(call.all()).isEqualTo("start 200 OK | X-A: 1 | length 5 | body hello | end");
        }
    }

    @Test
    void textBeyondAsciiBecomesLatin1AndTextBeyondThatCostsOneAnswer() {
        RecordedCall latin = forwarded("/a");
        RecordedCall beyond = forwarded("/b");
        loop.settle();
        arrive(WorkerFrames.batch(
                WorkerFrames.answer(id(beyond), "200 OK", "x", "X-A", "\u65e5"),
                WorkerFrames.answer(id(latin), "200 D\u00e9j\u00e0", "x", "X-A", "\u00ff")));
        assertThat(latin.all()).isEqualTo("start 200 D\u00e9j\u00e0 | X-A: \u00ff | length 1 | body x | end");
        assertThat(beyond.all()).startsWith("failed NONSENSE: ");
        assertThat(broken).isEmpty();
    }

    @Test
    void aStatusThatIsNoStatusCostsOneAnswer() {
        for (String status : List.of("", "20", "099 x", "100 Continue", "600 x", "2x0 x", "200OK", "2000 x")) {
            RecordedCall call = forwarded("/a");
            loop.settle();
            arrive(WorkerFrames.batch(WorkerFrames.answer(id(call), status, "x")));
            assertThat(call.all()).as(status).startsWith("failed NONSENSE: the status");
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void aFieldThatTheCallRefusesFailsTheCallAndTheStreamIsCancelled() {
        RecordedCall whole = forwarded("/a");
        RecordedCall streamed = forwarded("/b");
        sent();
        int streamedId = id(streamed);
        whole.refusedField = "Bad";
        streamed.refusedField = "Bad";
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(whole), "200 OK", "x", "Bad", "1")));
        arrive(WorkerFrames.head(streamedId, "200 OK", -1, "Bad", "1"));
        assertThat(whole.heard.getLast()).startsWith("failed NONSENSE");
        assertThat(streamed.heard.getLast()).startsWith("failed NONSENSE");
        assertThat(sent()).singleElement().satisfies(frame -> {
            assertThat(frame.kind()).isEqualTo(3);
            assertThat(frame.id()).isEqualTo(streamedId);
        });
        arrive(WorkerFrames.chunk(streamedId, new byte[10]));
        arrive(WorkerFrames.named(4, streamedId));
        assertThat(broken).isEmpty();
    }

    @Test
    void aReturnedCallIsToldAndItsIdIsFree() {
        RecordedCall first = forwarded("/a");
        RecordedCall second = forwarded("/b");
        sent();
        int id = id(first);
        arrive(WorkerFrames.named(5, id, id(second)));
        assertThat(first.all()).isEqualTo("returned");
        assertThat(second.all()).isEqualTo("returned");
        arrive(WorkerFrames.named(5, id));
        assertThat(broken).singleElement().asString().contains("id " + id + " is not open");
    }

    @Test
    void aCancelledCallHearsNothingAndItsIdStaysTakenUntilTheWorkerEndsIt() {
        RecordedCall call = forwarded("/a");
        sent();
        int id = id(call);
        link.cancel(call, () -> heard.add("ended"));
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.kind()).isEqualTo(3));
        RecordedCall next = forwarded("/b");
        assertThat(id(next)).isNotEqualTo(id);
        assertThat(heard).isEmpty();
        arrive(WorkerFrames.batch(WorkerFrames.answer(id, "200 OK", "late")));
        assertThat(call.heard).isEmpty();
        assertThat(heard).containsExactly("ended");
        assertThat(id(forwarded("/c"))).isNotEqualTo(id).isNotEqualTo(id(next));
        assertThat(broken).isEmpty();
    }

    @Test
    void aCallThatForwardsAnotherFromItsEndIsAnsweredToo() {
        RecordedCall first = forwarded("/a");
        RecordedCall second = RecordedCall.get("/b");
        first.atEnd = () -> link.forward(second);
        sent();
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(first), "200 OK", "x")));
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.kind()).isZero());
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(second), "200 OK", "y")));
        assertThat(second.all()).endsWith("body y | end");
    }

    @Test
    void aCallCancelledWithinItsAnswerHearsNoMore() {
        RecordedCall call = forwarded("/a");
        sent();
        call.atStart = () -> link.cancel(call, () -> heard.add("ended"));
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(call), "200 OK", "x", "X-A", "1")));
        assertThat(call.all()).isEqualTo("start 200 OK");
        assertThat(sent()).isEmpty();
    }

    @Test
    void nonsenseClosesTheConnectionAndFailsEveryCall() {
        List<byte[]> nonsense = List.of(
                WorkerFrames.frame(9, new byte[4]),
                WorkerFrames.int32(0),
                WorkerFrames.int32(64 * 1024 * 1024),
                WorkerFrames.frame(0, new byte[] {'{', '0'}),
                WorkerFrames.batch(WorkerFrames.answer(4095, "200 OK", "x")),
                WorkerFrames.named(2, 0),
                WorkerFrames.named(3, 0),
                WorkerFrames.named(6, 0, 1),
                WorkerFrames.named(7, 0));
        for (byte[] bytes : nonsense) {
            broken.clear();
            RecordedCall call = forwarded("/a");
            loop.settle();
            arrive(bytes);
            assertThat(call.all())
                    .as(Arrays.toString(bytes))
                    .startsWith("failed NONSENSE: the worker broke the native link");
            assertThat(broken).hasSize(1);
            assertThat(loop.connected().getLast().isOpen()).isFalse();
        }
        assertThat(loop.connected()).hasSize(nonsense.size());
    }

    @Test
    void whenTheWorkerClosesAnswersThatBeganAreBrokenOffAndTheNextForwardConnectsAgain() {
        RecordedCall waiting = forwarded("/a");
        RecordedCall begun = forwarded("/b");
        sent();
        arrive(WorkerFrames.head(id(begun), "200 OK", -1));
        loop.connected().getLast().peerShutsOutput();
        loop.settle();
        assertThat(waiting.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
        assertThat(begun.heard.getLast()).startsWith("failed BROKEN_OFF");
        assertThat(broken).isEmpty();
        RecordedCall next = forwarded("/c");
        assertThat(loop.connected()).hasSize(2);
        assertThat(sent()).hasSize(1);
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(next), "200 OK", "x")));
        assertThat(next.all()).endsWith("end");
    }

    @Test
    void aConnectThatFailsIsToldAfterTheForward() {
        loop.connectFails(address -> new IOException("Connection refused"));
        RecordedCall refused = forwarded("/a");
        RecordedCall cancelled = forwarded("/b");
        link.cancel(cancelled, () -> heard.add("ended"));
        assertThat(refused.heard).isEmpty();
        loop.settle();
        assertThat(refused.all()).isEqualTo("failed NOT_CONNECTED: no connection to w.sock: Connection refused");
        assertThat(cancelled.heard).isEmpty();
        assertThat(heard).containsExactly("ended");
    }

    @Test
    void closingFailsWhatIsInFlightAndRefusesWhatComesLater() {
        RecordedCall waiting = forwarded("/a");
        link.close();
        link.close();
        assertThat(waiting.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
        RecordedCall later = forwarded("/b");
        loop.settle();
        assertThat(later.all()).startsWith("failed NOT_CONNECTED");
    }
}
