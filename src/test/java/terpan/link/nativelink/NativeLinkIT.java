package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.loop.NioLoop;

/** The native link and a real built-in worker, over a real loop and a real socket. */
@SuppressWarnings("NullAway.Init")
final class NativeLinkIT {
    private static final String WORKER = """
            import os, socket, sys
            sys.path.insert(0, sys.argv[2])
            from terpan_worker.native.session import Session
            from terpan_worker.native.settings import Settings

            def application(environ, start_response):
                path = environ["PATH_INFO"]
                if path == "/exit":
                    os._exit(3)
                if path == "/file":
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return environ["wsgi.file_wrapper"](open(sys.argv[3], "rb"))
                if path == "/stream":
                    start_response("200 OK", [])
                    return (b"x" * 100000 for _ in range(20))
                body = environ["wsgi.input"].read()
                start_response("200 OK", [("X-Length", str(len(body))), ("X-A", environ.get("HTTP_X_A", ""))])
                return [path.encode("latin-1")]

            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen()
            session = Session(listener, Settings(application, threads=2))
            session.prepare()
            print("ready", flush=True)
            session.run()
            """;

    @TempDir
    Path folder;

    private final List<String> broken = new ArrayList<>();
    private Process worker;
    private NioLoop loop;
    private NativeLink link;

    @BeforeEach
    void start() throws Exception {
        Path root = Path.of(System.getProperty("terpan.basedir", "."), "python").toAbsolutePath();
        Path file = java.nio.file.Files.writeString(folder.resolve("f"), "y".repeat(200_000));
        Path socket = folder.resolve("w");
        worker = new ProcessBuilder("python3", "-c", WORKER, socket.toString(), root.toString(), file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = worker.inputReader();
        assertThat(output.readLine()).isEqualTo("ready");
        loop = new NioLoop(0);
        link = new NativeLink(
                loop, UnixDomainSocketAddress.of(socket), worker.pid(), Thread::startVirtualThread, 7, broken::add);
        loop.start();
    }

    @AfterEach
    void stop() throws Exception {
        loop.stop();
        worker.destroyForcibly().waitFor();
        assertThat(broken).isEmpty();
    }

    private void answered(List<RecordedCall> calls) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(calls.size());
        loop.execute(() -> {
            for (RecordedCall call : calls) {
                call.atEnd = ended::countDown;
                link.forward(call);
            }
        });
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void manyRequestsOfOneTurnAreAnswered() throws Exception {
        List<RecordedCall> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(RecordedCall.get("/" + i));
        }
        answered(calls);
        for (int i = 0; i < 100; i++) {
            assertThat(calls.get(i).all())
                    .startsWith("start 200 OK | X-Length: 0")
                    .endsWith("body /" + i + " | end");
        }
    }

    @Test
    void bodiesOfAnySizeArriveWhole() throws Exception {
        for (int length : new int[] {1, 65_536, 65_537, 3_000_000}) {
            RecordedCall call = new RecordedCall(
                    "POST /p HTTP/1.1\r\nHost: a\r\nX-A: b\r\nContent-Length: " + length + "\r\n\r\n",
                    PiecewiseBody.of("z".repeat(length).getBytes(UTF_8)));
            answered(List.of(call));
            assertThat(call.all()).contains("X-Length: " + length + " | X-A: b").endsWith("end");
        }
    }

    @Test
    void streamsAndFilesArriveWhole() throws Exception {
        RecordedCall stream = RecordedCall.get("/stream");
        RecordedCall file = RecordedCall.get("/file");
        answered(List.of(stream, file));
        assertThat(stream.answerBody.size()).isEqualTo(2_000_000);
        assertThat(stream.heard.getLast()).isEqualTo("end");
        assertThat(file.all()).contains("file yyyy").endsWith("end");
    }

    @Test
    void aWorkerThatDiesFailsWhatItHeld() throws Exception {
        RecordedCall call = RecordedCall.get("/exit");
        answered(List.of(call));
        assertThat(call.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
    }
}
