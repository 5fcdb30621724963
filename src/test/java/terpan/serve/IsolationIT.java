package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application does to its own process does not reach the code that serves it. */
@Timeout(120)
final class IsolationIT {
    private static final String PATCHED = """

            import threading, time

            def application(environ, start_response):
                time.sleep(0.01)
                with threading.Lock():
                    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
                return [b"hi\\n"]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String server, String application) throws IOException {
        Path own = Files.createTempDirectory(folder, "app");
        return serve(server, own, application);
    }

    private static RunningTerpan serve(String server, Path own, String application) throws IOException {
        Files.writeString(own.resolve("shop.py"), application);
        List<String> arguments = new ArrayList<>(List.of("shop", "--chdir", own.toString()));
        arguments.addAll(List.of("--python", Program.python().toString(), "--workers", "1", "--server"));
        arguments.addAll(List.of(server.split(" ", -1)));
        return RunningTerpan.start(Map.of(), arguments);
    }

    /** Some at once, so that every thread of the worker has one. */
    private static void assertAnswers(RunningTerpan terpan, String expected) throws Exception {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> get(terpan), Thread::startVirtualThread));
        }
        for (CompletableFuture<Answer> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo(expected);
        }
    }

    private static Answer get(RunningTerpan terpan) {
        try {
            return terpan.get("/");
        } catch (IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(
            strings = {
                "builtin",
                "builtin --threads 4",
                "waitress --threads 4",
                "gunicorn",
                "gunicorn --threads 4",
                "cheroot --threads 4",
                "cherrypy --threads 4",
                "twisted --threads 4",
                "uwsgi --threads 4",
                "tornado --threads 4",
                "uvicorn --threads 4",
                "hypercorn --threads 4",
                "granian --threads 4",
                "gevent",
                "bjoern",
                "meinheld"
            })
    void anApplicationThatReplacesTheStandardLibraryForGeventIsAnswered(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, "from gevent import monkey; monkey.patch_all()" + PATCHED)) {
            assertAnswers(terpan, "hi\n");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(
            strings = {
                "builtin",
                "builtin --threads 4",
                "waitress --threads 4",
                "gunicorn --threads 4",
                "cheroot --threads 4",
                "cherrypy --threads 4",
                "twisted --threads 4",
                "uwsgi --threads 4",
                "granian --threads 4",
                "eventlet"
            })
    void oneThatReplacesItForEventletIsAnsweredToo(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, "import eventlet; eventlet.monkey_patch()" + PATCHED)) {
            assertAnswers(terpan, "hi\n");
        }
    }

    /** uWSGI's own code imports by the path before any of ours runs (docs/servers.md). */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(
            strings = {
                "builtin",
                "builtin --threads 4",
                "waitress --threads 4",
                "gunicorn --threads 4",
                "cheroot --threads 4",
                "cherrypy --threads 4",
                "twisted --threads 4",
                "tornado --threads 4",
                "uvicorn --threads 4",
                "hypercorn --threads 4",
                "granian --threads 4",
                "gevent",
                "eventlet",
                "bjoern",
                "meinheld"
            })
    void modulesCalledLikeTheStandardLibrarysAreSeenByTheApplicationAlone(String server) throws Exception {
        Path own = Files.createTempDirectory(folder, "app");
        for (String name : List.of("struct", "threading", "socket", "random", "select", "logging", "tempfile", "re")) {
            Files.writeString(own.resolve(name + ".py"), "raise RuntimeError('the application has its own')\n");
        }
        for (String name : List.of("calendar", "queue")) {
            Files.writeString(own.resolve(name + ".py"), "OWN = 'own " + name + "'\n");
        }
        try (RunningTerpan terpan = serve(server, own, """
                import calendar, queue

                def application(environ, start_response):
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return [f"{calendar.OWN}, {queue.OWN}".encode()]
                """)) {
            assertAnswers(terpan, "own calendar, own queue");
        }
    }

    /** Of the library's own sockets the connection to the front was one. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"builtin", "builtin --threads 4"})
    void aTimeoutForAllSocketsIsNotThatOfTheLink(String server) throws Exception {
        try (RunningTerpan terpan = serve(server, """
                import socket, time
                socket.setdefaulttimeout(0.05)

                def application(environ, start_response):
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    for _ in range(3):
                        yield b"piece "
                        time.sleep(0.2)
                """)) {
            assertAnswers(terpan, "piece piece piece ");
        }
    }
}
