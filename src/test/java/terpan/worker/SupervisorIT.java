package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.config.Settings;

/** Workers that serve, crash, are replaced and end: real Pythons, real servers, real signals. */
@Timeout(60)
final class SupervisorIT {
    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    /** Each server: its threads, and what it truly works on at once. */
    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of("waitress", 4, 4),
                Arguments.of("gunicorn", 1, 1),
                Arguments.of("gunicorn", 4, 4),
                Arguments.of("gevent", 1, 1000),
                Arguments.of("eventlet", 1, 1000),
                Arguments.of("meinheld", 1, 1),
                Arguments.of("bjoern", 1, 1),
                Arguments.of("cheroot", 4, 4),
                Arguments.of("cherrypy", 4, 4),
                Arguments.of("tornado", 1, 1),
                Arguments.of("tornado", 4, 4),
                Arguments.of("twisted", 4, 4),
                Arguments.of("uwsgi", 1, 1),
                Arguments.of("uwsgi", 4, 4),
                Arguments.of("uvicorn", 4, 4),
                Arguments.of("hypercorn", 4, 4),
                Arguments.of("granian", 4, 4));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyServerShowsTheApplicationTheSameRequest(String server, int threads, int capacity) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        rig.options.count = 2;
        rig.options.prefix = "/shop";
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        WorkerInfo worker = running.recorder.ready.getFirst();
        assertThat(WorkerRig.get(worker.address(), "/shop/list", "192.0.2.7 4711 https shop.example 443 -"))
                .startsWith("HTTP/1.1 200")
                .contains(
                        "REMOTE_ADDR='192.0.2.7'",
                        "REMOTE_PORT='4711'",
                        "wsgi.url_scheme='https'",
                        "SERVER_NAME='shop.example'",
                        "SERVER_PORT='443'",
                        "SCRIPT_NAME='/shop'",
                        "PATH_INFO='/list'",
                        "wsgi.multiprocess=True",
                        "HTTP_X_TERPAN_ORIGIN=None",
                        "orders=False");
        assertThat(WorkerRig.get(worker.address(), "/shop", "- - http - - -"))
                .contains("REMOTE_ADDR=''", "REMOTE_PORT=None", "SERVER_NAME='localhost'", "PATH_INFO=''");
        assertThat(worker.profile().capacity()).isEqualTo(capacity);
        WorkerSnapshot snapshot = running.supervisor.snapshots().getFirst();
        assertThat(snapshot.server()).startsWith(server + " ");
        assertThat(snapshot.python()).matches("3\\.\\d+\\.\\d+");
        assertThat(snapshot.state()).isEqualTo(WorkerState.READY);
    }

    @Test
    void socketsAreOpenToTheirOwnerAlone() throws Exception {
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        for (Path socket : List.of(running.directory.controlSocket(), rig.run().resolve("w1.1"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aLoopbackPortIsTheOtherWay() throws Exception {
        rig.options.socket = Settings.SocketMode.TCP;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        WorkerInfo ready = running.recorder.ready.getFirst();
        String origin = "- - http - - -";
        assertThat(ready.secret()).hasSizeGreaterThanOrEqualTo(32);
        assertThat(WorkerRig.get(ready.address(), "/", origin + "\r\nX-Terpan-Secret: " + ready.secret()))
                .startsWith("HTTP/1.1 200");
        assertThat(WorkerRig.get(ready.address(), "/", origin)).startsWith("HTTP/1.1 403");
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aKilledWorkerIsReplacedAtOnce(String server, int threads, int capacity) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        WorkerInfo first = running.recorder.ready.getFirst();
        assertThat(running.supervisor.isAlive(first.pid())).isTrue();
        WorkerRig.kill(first.pid());
        WorkerRig.awaitReady(running, 2);
        assertThat(running.supervisor.isAlive(first.pid())).isFalse();
        assertThat(running.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.CRASHED, 128 + 9));
        WorkerInfo second = running.recorder.ready.getLast();
        assertThat(second.name()).isEqualTo(first.name());
        assertThat(second.address()).isNotEqualTo(first.address());
        assertThat(WorkerRig.get(second.address(), "/", "- - http - - -")).startsWith("HTTP/1.1 200");
        assertThat(running.supervisor.snapshots().getFirst().restarts()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(2))
                .until(() -> !Files.exists(rig.run().resolve("w1.1")));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void stopDrainsAndThenEndsThePoliteWay(String server, int threads, int capacity) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        running.recorder.idleAtOnce = false;
        WorkerRig.awaitReady(running, 1);
        SocketAddress address = running.recorder.ready.getFirst().address();
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return WorkerRig.get(address, "/slow", "- - http - - -");
                    } catch (IOException error) {
                        return error.toString();
                    }
                },
                Thread::startVirtualThread);
        CompletableFuture<Void> ended = running.supervisor.stop(Duration.ofSeconds(10));
        await().until(() -> running.recorder.draining.size() == 1);
        assertThat(answer.get(10, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
        assertThat(ended).isNotDone();
        running.recorder.idles.getFirst().run();
        ended.get(5, TimeUnit.SECONDS);
        assertThat(running.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.STOPPED, 0));
        assertThat(running.recorder.expected).containsExactly(false);
    }

    @Test
    void aRestartHasTheNewProcessReadyBeforeTheOldOneDrains() throws Exception {
        rig.options.count = 2;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        running.recorder.idleAtOnce = false;
        Order order =
                running.supervisor.restart(List.of("waitress-1", "waitress-2")).orElseThrow();
        WorkerRig.awaitReady(running, 3);
        await().until(() -> running.recorder.draining.size() == 1);
        assertThat(running.recorder.exits).isEmpty();
        assertThat(running.recorder.draining.getFirst().name()).isEqualTo("waitress-1");
        assertThat(running.supervisor.snapshots())
                .extracting(worker -> worker.name() + " " + worker.state())
                .containsExactly("waitress-1 DRAINING", "waitress-1 READY", "waitress-2 READY");
        assertThat(order.progress().state()).isEqualTo(Order.State.RUNNING);
        running.recorder.idles.getFirst().run();
        await().until(() -> running.recorder.draining.size() == 2);
        running.recorder.idles.getLast().run();
        await().until(() -> order.progress().state() == Order.State.DONE);
        assertThat(running.recorder.exits)
                .containsExactly(new ExitInfo(ExitInfo.Cause.STOPPED, 0), new ExitInfo(ExitInfo.Cause.STOPPED, 0));
        assertThat(running.recorder.startedAgainAfter).containsExactly(ExitInfo.Cause.STOPPED, ExitInfo.Cause.STOPPED);
        assertThat(running.supervisor.snapshots())
                .allSatisfy(worker -> assertThat(worker.restarts()).isEqualTo(1))
                .hasSize(2);
    }

    @Test
    void codeThatDoesNotImportLeavesTheOldWorkersServing() throws Exception {
        rig.options.count = 2;
        RunningSupervisor running = rig.start("""
                import os
                if os.path.exists("broken"):
                    raise RuntimeError("a mistake in the code")
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        Files.createFile(rig.applications().resolve("broken"));
        Order order =
                running.supervisor.restart(List.of("waitress-1", "waitress-2")).orElseThrow();
        await().until(() -> order.progress().state() == Order.State.FAILED);
        assertThat(order.progress().failure()).contains("does not import", "RuntimeError: a mistake in the code");
        assertThat(order.progress().steps().getLast()).contains("waitress-1", "the old one serves on");
        assertThat(running.recorder.draining).isEmpty();
        assertThat(running.recorder.exits).isEmpty();
        assertThat(running.supervisor.snapshots())
                .hasSize(2)
                .allSatisfy(worker -> assertThat(worker.state()).isEqualTo(WorkerState.READY));
        Files.delete(rig.applications().resolve("broken"));
        Order again =
                running.supervisor.restart(List.of("waitress-1", "waitress-2")).orElseThrow();
        await().until(() -> again.progress().state() == Order.State.DONE);
        WorkerRig.awaitReady(running, 4);
    }

    @Test
    void aStopEndsWhatARestartHasBegun() throws Exception {
        RunningSupervisor running = rig.start("""
                import os, time
                if os.path.exists("slow"):
                    time.sleep(600)
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        Files.createFile(rig.applications().resolve("slow"));
        Order order = running.supervisor.restart(List.of("waitress-1")).orElseThrow();
        Order second = running.supervisor.restart(List.of("waitress-1")).orElseThrow();
        await().until(() -> running.supervisor.snapshots().size() == 2);
        running.supervisor.stop(Duration.ZERO).get(20, TimeUnit.SECONDS);
        assertThat(order.progress().failure()).isEqualTo("Terpan is stopping");
        assertThat(second.progress().failure()).isEqualTo("Terpan is stopping");
    }

    @Test
    void whatTheLoadAsksForIsForTheGenerationThatWasReadAndWaitsForNoDrain() throws Exception {
        rig.options.count = 2;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        assertThat(running.supervisor.census()).contains(new Census(1, false, Map.of("waitress", 2), Map.of()));
        running.recorder.idleAtOnce = false;
        Order restart = running.supervisor.restart(List.of("waitress-1")).orElseThrow();
        await().until(() -> running.recorder.draining.size() == 1);
        assertThat(running.supervisor.census())
                .as("who takes another's place is nobody more")
                .contains(new Census(1, false, Map.of("waitress", 2), Map.of("waitress", 1)));
        running.recorder.idles.getFirst().run();
        await().until(() -> restart.progress().state() == Order.State.DONE);
        Scale past = running.supervisor.scale("waitress", 4, 7, "requests wait").orElseThrow();
        await().until(() -> past.progress().state() == Order.State.FAILED);
        assertThat(past.progress().failure()).isEqualTo("another generation serves by now");
        assertThat(past.hasStartFailed()).isFalse();
        Scale less = running.supervisor.scale("waitress", 1, 1, "it is quiet").orElseThrow();
        await().until(() -> less.progress().state() == Order.State.DONE);
        assertThat(running.recorder.draining.getLast().name()).isEqualTo("waitress-2");
        assertThat(running.supervisor.census())
                .contains(new Census(1, false, Map.of("waitress", 1), Map.of("waitress", 1)));
        Scale more = running.supervisor.scale("waitress", 2, 1, "requests wait").orElseThrow();
        await().until(() -> more.progress().state() == Order.State.DONE);
        assertThat(running.supervisor.snapshots())
                .as("the one before it has requests still")
                .extracting(worker -> worker.name() + " " + worker.state())
                .containsExactly("waitress-1 READY", "waitress-2 DRAINING", "waitress-3 READY");
        running.recorder.idles.getLast().run();
        await().until(() -> running.supervisor.snapshots().size() == 2);
    }

    @Test
    void aWorkerInACrashLoopIsReplacedByOneThatStarts() throws Exception {
        RunningSupervisor running = rig.start("""
                import os
                if os.path.exists("broken"):
                    raise RuntimeError("a mistake in the code")
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        Files.createFile(rig.applications().resolve("broken"));
        WorkerRig.kill(running.recorder.ready.getFirst().pid());
        await().until(() -> running.supervisor.snapshots().getFirst().failure().contains("a mistake in the code"));
        Order failed = running.supervisor.restart(List.of("waitress-1")).orElseThrow();
        await().until(() -> failed.progress().state() == Order.State.FAILED);
        Files.delete(rig.applications().resolve("broken"));
        Order done = running.supervisor.restart(List.of("waitress-1")).orElseThrow();
        await().until(() -> done.progress().state() == Order.State.DONE);
        assertThat(running.supervisor.snapshots()).singleElement().satisfies(worker -> {
            assertThat(worker.state()).isEqualTo(WorkerState.READY);
            assertThat(worker.failure()).isEmpty();
        });
    }

    @Test
    void aWorkerThatIgnoresItsSignalIsKilledWithItsChildren() throws Exception {
        rig.options.stopTimeout = Duration.ofMillis(300);
        RunningSupervisor running = rig.start("""
                import os, signal, subprocess, sys, threading
                child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"])

                def application(environ, start_response):
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)

                signal_, signal.signal = signal.signal, lambda *a: signal_(signal.SIGTERM, signal.SIG_IGN)
                """);
        WorkerRig.awaitReady(running, 1);
        assertThat(WorkerRig.workersOf(rig.run())).hasSize(1);
        long pid = running.recorder.ready.getFirst().pid();
        List<ProcessHandle> children =
                ProcessHandle.of(pid).orElseThrow().children().toList();
        assertThat(children).hasSize(1);
        running.supervisor.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
        assertThat(running.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.KILLED, 128 + 9));
        await().atMost(Duration.ofSeconds(2))
                .until(() -> !WorkerRig.isRunning(children.getFirst().pid()));
    }

    @Test
    void aWorkerThatCrashesAgainAndAgainIsInACrashLoopAndNeverGivenUp() throws Exception {
        rig.options.count = 2;
        RunningSupervisor running = rig.start("""
                import os
                if os.path.exists("broken"):
                    print("the last words", flush=True)
                    os._exit(3)
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 2);
        Files.createFile(rig.applications().resolve("broken"));
        running.recorder.ready.forEach(worker -> WorkerRig.kill(worker.pid()));
        await().atMost(Duration.ofSeconds(20)).until(() -> running.recorder.expected.contains(false));
        assertThat(running.supervisor.snapshots())
                .allSatisfy(worker -> assertThat(worker.restarts()).isGreaterThan(2))
                .anySatisfy(worker -> assertThat(worker.reason()).contains("crash loop"));
        assertThat(running.recorder.startedAgainAfter)
                .startsWith(ExitInfo.Cause.CRASHED)
                .contains(ExitInfo.Cause.NOT_STARTED);
        assertThat(Collections.frequency(running.recorder.startedAgainAfter, ExitInfo.Cause.CRASHED))
                .as("each of the two once")
                .isEqualTo(2);
        assertThat(running.recorder.lines).contains("waitress-1: the last words", "waitress-2: the last words");
        assertThat(running.recorder.failures).isEmpty();
        Files.delete(rig.applications().resolve("broken"));
        WorkerRig.awaitReady(running, 4);
        assertThat(running.recorder.expected.getLast()).isTrue();
    }

    @Test
    void theReadinessPathHasToBeAnsweredBelow500() throws Exception {
        rig.options.readinessPath = Optional.of("/warm");
        RunningSupervisor running = rig.start("""
                asked = []

                def application(environ, start_response):
                    asked.append(environ["PATH_INFO"])
                    start_response("503 Warming" if len(asked) < 3 else "204 No Content", [])
                    print("asked", len(asked), environ["PATH_INFO"])
                    return [b""]
                """);
        WorkerRig.awaitReady(running, 1);
        assertThat(running.recorder.lines).contains("waitress-1: asked 3 /warm");
    }

    @Test
    void aGuardThatEndsIsReplacedAndKnowsTheWorkers() throws Exception {
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        long guard = guardOf(ProcessHandle.current());
        WorkerRig.kill(guard);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> guardOf(ProcessHandle.current()) != guard && guardOf(ProcessHandle.current()) != 0);
        assertThat(running.recorder.exits).isEmpty();
    }

    private static long guardOf(ProcessHandle parent) {
        return parent.children()
                .filter(child -> child.info().commandLine().orElse("").contains("guard.py"))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElse(0);
    }

    @Test
    void rootGivesItsWorkersToAnotherUserBeforeTheImport() throws Exception {
        Assumptions.assumeTrue(Owner.current() == 0, "only root can become another user");
        rig.options.user = Optional.of("nobody");
        rig.options.python = "/usr/bin/python3";
        rig.options.server = "builtin";
        Files.setPosixFilePermissions(rig.applications(), PosixFilePermissions.fromString("rwxr-xr-x"));
        RunningSupervisor running =
                rig.start("import os\nprint('user', os.getuid(), os.geteuid())\n" + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        await().atMost(Duration.ofSeconds(2))
                .until(() -> running.recorder.lines.contains("builtin-1: user 65534 65534"));
    }

    @Test
    void whatOutlivesAWorkerWithItsOutputOpenKeepsNoThread() throws Exception {
        rig.options.server = "builtin";
        rig.options.group = Optional.of("outlived");
        RunningSupervisor running = rig.start("""
                import subprocess
                daemon = subprocess.Popen(["sleep", "7200"], start_new_session=True, env={})
                print("daemon", daemon.pid, flush=True)
                """ + WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        String told = "outlived-1: daemon ";
        await().atMost(Duration.ofSeconds(60))
                .until(() -> running.recorder.lines.stream().anyMatch(line -> line.startsWith(told)));
        running.supervisor.stopNow().get(60, TimeUnit.SECONDS);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().equals("terpan-output-outlived-1")));
        } finally {
            running.recorder.lines.stream()
                    .filter(line -> line.startsWith(told))
                    .forEach(line -> WorkerRig.kill(Long.parseLong(line.substring(told.length()))));
        }
    }

    @Test
    void theBuiltInWorkerBecomesReadyAndEndsPolitely() throws Exception {
        rig.options.server = "builtin";
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        running.supervisor.stop(Duration.ofSeconds(1)).get(10, TimeUnit.SECONDS);
        assertThat(running.recorder.exits).containsExactly(new ExitInfo(ExitInfo.Cause.STOPPED, 0));
        assertThat(running.recorder.startedAgainAfter).isEmpty();
    }
}
