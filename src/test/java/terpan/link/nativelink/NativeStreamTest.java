package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.link.Call;
import terpan.loop.PretendLoop;

/** Bodies and answers that do not fit a batch. */
final class NativeStreamTest {
    private static final int CHUNK = 64 * 1024;
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";

    private final PretendLoop loop = new PretendLoop();
    private final List<String> broken = new ArrayList<>();
    private final NativeLink link = new NativeLink(
            loop, UnixDomainSocketAddress.of("w.sock"), ProcessHandle.current().pid(), Runnable::run, 7, broken::add);

    private static int id(Call call) {
        return call.linkState() instanceof NativeCall entry ? entry.id : -1;
    }

    private void arrive(byte[] bytes) {
        loop.connected().getLast().peerSends(bytes);
        loop.settle();
    }

    private List<WorkerFrames.Frame> sent() {
        loop.settle();
        return WorkerFrames.frames(loop.connected().getLast().sentBytes());
    }

    private RecordedCall begun(int length) {
        RecordedCall call = RecordedCall.get("/");
        link.forward(call);
        sent();
        arrive(WorkerFrames.head(id(call), "200 OK", length));
        return call;
    }

    @Test
    void aBodyThatComesInPiecesGoesOutAsItComes() {
        PiecewiseBody body = PiecewiseBody.coming(6);
        RecordedCall call = new RecordedCall(HEAD, body);
        link.forward(call);
        assertThat(sent()).hasSize(1);
        body.comes("abc".getBytes(UTF_8));
        link.bodyReady(call);
        assertThat(sent()).singleElement().satisfies(frame -> {
            assertThat(frame.kind()).isEqualTo(1);
            assertThat(frame.bytes()).endsWith('a', 'b', 'c').hasSize(7);
        });
        body.comes("def".getBytes(UTF_8));
        body.complete();
        link.bodyReady(call);
        assertThat(sent()).extracting(WorkerFrames.Frame::kind).containsExactly(1, 2);
    }

    @Test
    void aLongBodyStopsAtTheWindowUntilTheWorkerGivesCredit() {
        PiecewiseBody body = PiecewiseBody.of(new byte[10 * CHUNK]);
        RecordedCall call = new RecordedCall(HEAD, body);
        link.forward(call);
        assertThat(sent()).extracting(WorkerFrames.Frame::kind).containsExactly(0, 1, 1, 1, 1);
        arrive(WorkerFrames.named(6, id(call), 2 * CHUNK));
        assertThat(sent()).extracting(WorkerFrames.Frame::kind).containsExactly(1, 1);
        assertThat(body.taken()).isEqualTo(6 * CHUNK);
        arrive(WorkerFrames.named(6, id(call), 4 * CHUNK));
        assertThat(sent()).extracting(WorkerFrames.Frame::kind).containsExactly(1, 1, 1, 1);
        arrive(WorkerFrames.named(6, id(call), CHUNK));
        assertThat(sent()).extracting(WorkerFrames.Frame::kind).containsExactly(2);
        int id = id(call);
        arrive(WorkerFrames.batch(WorkerFrames.answer(id, "200 OK", "x")));
        arrive(WorkerFrames.named(6, id, CHUNK));
        assertThat(broken).isEmpty();
    }

    @Test
    void whatTheKernelDoesNotTakeIsKeptInOrder() {
        RecordedCall call = new RecordedCall(HEAD, PiecewiseBody.of(new byte[3 * CHUNK]));
        link.forward(call);
        loop.settle();
        byte[] whole = loop.connected().getLast().sentBytes();

        PretendLoop slow = new PretendLoop();
        NativeLink slowLink =
                new NativeLink(slow, UnixDomainSocketAddress.of("w.sock"), 1, Runnable::run, 7, broken::add);
        slowLink.forward(new RecordedCall(HEAD, PiecewiseBody.of(new byte[3 * CHUNK])));
        byte[] pieces = new byte[0];
        slow.connected().getLast().peerTakes(0);
        for (int rounds = 0; pieces.length < whole.length && rounds < 1_000; rounds++) {
            slow.connected().getLast().peerTakes(1_000);
            slow.turn();
            pieces = WorkerFrames.joined(pieces, slow.connected().getLast().sentBytes());
        }
        assertThat(pieces).isEqualTo(whole);
    }

    @Test
    void creditIsGivenAsTheCallTakesBytes() {
        RecordedCall call = begun(-1);
        arrive(WorkerFrames.chunk(id(call), new byte[CHUNK - 1]));
        assertThat(sent()).isEmpty();
        arrive(WorkerFrames.chunk(id(call), new byte[1]));
        assertThat(sent()).singleElement().satisfies(frame -> {
            assertThat(frame.kind()).isEqualTo(4);
            assertThat(frame.second()).isEqualTo(CHUNK);
        });
        call.wantsMore = false;
        for (int i = 0; i < 4; i++) {
            arrive(WorkerFrames.chunk(id(call), new byte[CHUNK]));
        }
        assertThat(sent()).isEmpty();
        call.wantsMore = true;
        link.resume(call);
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.second()).isEqualTo(4 * CHUNK));
        assertThat(broken).isEmpty();
    }

    @Test
    void aWorkerThatSendsBeyondItsCreditIsCutOff() {
        RecordedCall call = begun(-1);
        call.wantsMore = false;
        for (int i = 0; i < 4; i++) {
            arrive(WorkerFrames.chunk(id(call), new byte[CHUNK]));
        }
        assertThat(broken).isEmpty();
        arrive(WorkerFrames.chunk(id(call), new byte[1]));
        assertThat(broken).hasSize(1);
        assertThat(call.heard.getLast()).startsWith("failed BROKEN_OFF");
    }

    @Test
    void anAnswerOfTheWrongLengthIsBrokenOff() {
        RecordedCall shorter = begun(5);
        arrive(WorkerFrames.chunk(id(shorter), new byte[4]));
        arrive(WorkerFrames.named(3, id(shorter)));
        assertThat(shorter.heard.getLast()).startsWith("failed BROKEN_OFF: the answer is 1 bytes shorter");
        RecordedCall longer = begun(5);
        int id = id(longer);
        arrive(WorkerFrames.chunk(id, new byte[6]));
        assertThat(longer.heard.getLast()).startsWith("failed BROKEN_OFF: the answer is longer");
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.kind()).isEqualTo(3));
        arrive(WorkerFrames.named(4, id));
        RecordedCall aborted = begun(5);
        arrive(WorkerFrames.named(4, id(aborted)));
        assertThat(aborted.heard.getLast()).startsWith("failed BROKEN_OFF");
        assertThat(broken).isEmpty();
    }

    @Test
    void anAnswerToHeadHasTheApplicationsOwnLengthAndNoBody() {
        RecordedCall call = new RecordedCall("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", PiecewiseBody.none());
        link.forward(call);
        sent();
        arrive(WorkerFrames.batch(WorkerFrames.answer(id(call), "200 OK", "", "content-length", "123")));
        assertThat(call.all()).isEqualTo("start 200 OK | content-length: 123 | length 123 | end");
    }

    private static byte[] fileFrame(int id, int descriptor, long position, long length, Path file) throws Exception {
        long device = (Long) Files.getAttribute(file, "unix:dev");
        long node = (Long) Files.getAttribute(file, "unix:ino");
        return WorkerFrames.frame(
                7,
                ByteBuffer.allocate(40)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(id)
                        .putInt(descriptor)
                        .putLong(position)
                        .putLong(length)
                        .putLong(device)
                        .putLong(node)
                        .array());
    }

    private static int descriptorOf(Path file) throws Exception {
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
                    return Integer.parseInt(descriptor.getFileName().toString());
                }
            }
        }
        throw new AssertionError(file + " is not open");
    }

    @Test
    void aFileIsOpenedByTheWorkersDescriptorAndRefusedWhenItIsAnother(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a"), "0123456789");
        Path other = Files.writeString(folder.resolve("b"), "0123456789");
        try (FileChannel held = FileChannel.open(file)) {
            assertThat(held.isOpen()).isTrue();
            RecordedCall call = begun(4);
            arrive(fileFrame(id(call), descriptorOf(file), 3, 4, file));
            assertThat(sent())
                    .singleElement()
                    .satisfies(frame -> assertThat(frame.kind()).isEqualTo(5));
            arrive(WorkerFrames.named(3, id(call)));
            assertThat(call.all()).endsWith("length 4 | file 3456 | end");

            RecordedCall refused = begun(4);
            arrive(fileFrame(id(refused), descriptorOf(file), 3, 4, other));
            assertThat(sent())
                    .singleElement()
                    .satisfies(frame -> assertThat(frame.kind()).isEqualTo(6));
            arrive(WorkerFrames.chunk(id(refused), "3456".getBytes(UTF_8)));
            arrive(WorkerFrames.named(3, id(refused)));
            assertThat(refused.all()).endsWith("length 4 | body 3456 | end");

            RecordedCall tooFar = begun(20);
            arrive(fileFrame(id(tooFar), descriptorOf(file), 0, 20, file));
            assertThat(sent())
                    .singleElement()
                    .satisfies(frame -> assertThat(frame.kind()).isEqualTo(6));
        }
        assertThat(broken).isEmpty();
    }
}
