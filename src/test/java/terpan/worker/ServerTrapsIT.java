package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single servers get wrong, or need to be told, and what our launchers make of it. */
@Timeout(60)
final class ServerTrapsIT {
    private static final String NOBODY = "- - http - - -";

    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    private RunningSupervisor serve(String server, int threads, String application) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        RunningSupervisor running = rig.start(application);
        WorkerRig.awaitReady(running, 1);
        return running;
    }

    private static String get(RunningSupervisor running) {
        try {
            return WorkerRig.get(running.recorder.ready.getFirst().address(), "/", NOBODY);
        } catch (IOException error) {
            return error.toString();
        }
    }

    @Test
    void underTwistedHandlersMayHaveChildrenAndTheReactorToo() throws Exception {
        RunningSupervisor running = serve("twisted", 2, """
                import subprocess, sys
                from twisted.internet import reactor, threads, utils

                def application(environ, start_response):
                    own = subprocess.run([sys.executable, "-c", "print('by the handler')"], capture_output=True)
                    command = ["-c", "print('by the reactor')"]
                    spawned = threads.blockingCallFromThread(reactor, utils.getProcessOutput, sys.executable, command)
                    start_response("200 OK", [])
                    return [own.stdout, str(own.returncode).encode(), spawned]
                """);
        for (int i = 0; i < 3; i++) {
            assertThat(get(running)).contains("by the handler\n", "by the reactor\n");
        }
        long pid = running.recorder.ready.getFirst().pid();
        assertThat(ProcessHandle.of(pid).orElseThrow().children()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"eventlet", "gevent", "tornado", "twisted", "uwsgi"})
    void noServerOpensTheSocketToOthers(String server) throws Exception {
        serve(server, 1, WorkerRig.HELLO);
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(rig.run().resolve("w1.1"))))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @CsvSource({
        "gevent, true, gevent.hub gevent",
        "gevent, false, time",
        "eventlet, true, eventlet.greenthread",
        "eventlet, false, time"
    })
    void whatTheApplicationImportsIsPatchedUnlessItShallNotBe(String server, String patch, String expected)
            throws Exception {
        rig.options.serverOptions = Map.of("patch", patch);
        RunningSupervisor running = serve(server, 1, """
                import time
                module = time.sleep.__module__

                def application(environ, start_response):
                    start_response("200 OK", [])
                    return [f"sleeps by {module}.".encode()]
                """);
        String answer = get(running);
        assertThat(expected.split(" ")).anySatisfy(each -> assertThat(answer).contains("sleeps by " + each + "."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"eventlet", "gevent", "tornado", "twisted"})
    void theStackOfARequestThatHangsIsWritten(String server) throws Exception {
        Path go = rig.applications().resolve("go");
        RunningSupervisor running = serve(server, 1, """
                import os, time

                def hanging():
                    print("it hangs", flush=True)
                    while not os.path.exists(%s):
                        time.sleep(0.02)

                def application(environ, start_response):
                    hanging()
                    start_response("200 OK", [])
                    return [b"went on"]
                """.formatted("'" + go + "'"));
        CompletableFuture<String> answer =
                CompletableFuture.supplyAsync(() -> get(running), Thread::startVirtualThread);
        await().atMost(Duration.ofSeconds(10)).until(() -> running.recorder.lines.contains(server + "-1: it hangs"));
        long pid = running.recorder.ready.getFirst().pid();
        assertThat(new ProcessBuilder("kill", "-USR2", Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> running.recorder.lines.stream().anyMatch(line -> line.matches(".*app\\.py.* in hanging")));
        Files.createFile(go);
        assertThat(answer.get(10, TimeUnit.SECONDS)).contains("went on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eventlet", "gevent", "tornado", "twisted", "uwsgi"})
    void anAnswerThatBreaksOffDoesNotLookWhole(String server) throws Exception {
        RunningSupervisor running = serve(server, 1, """
                def application(environ, start_response):
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    yield b"the first half"
                    raise ValueError("there is no other")
                """);
        String answer = get(running);
        assertThat(answer)
                .containsIgnoringCase("transfer-encoding: chunked")
                .contains("the first half")
                .doesNotContain("0\r\n\r\n");
        await().atMost(Duration.ofSeconds(5))
                .until(() -> running.recorder.lines.stream().anyMatch(line -> line.contains("there is no other")));
    }
}
