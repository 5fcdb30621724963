package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.server.Profiles;

/** Requests count by the routes of real frameworks, whatever server runs them, and nobody but their launcher can say which. */
@Timeout(120)
final class RouteLabelsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Path FRAMEWORKS =
            Program.APPLICATIONS.resolve("../../python/apps").normalize();

    /** With how each writes a variable part of a path. */
    private static final List<List<String>> WSGI = List.of(
            List.of("bottle_app", "<name>"),
            List.of("flask_app", "<name>"),
            List.of("falcon_app", "{name}"),
            List.of("django_site.wsgi:application", "<name>"));

    private static final List<List<String>> ASGI = List.of(
            List.of("starlette_app", "{name}"),
            List.of("fastapi_app", "{name}"),
            List.of("django_site.asgi:application", "<name>"));

    @TempDir
    private Path folder;

    /** Every framework behind the built-in worker, Gunicorn and Uvicorn, and every other server with one of them. */
    static Stream<Arguments> served() {
        Stream<Arguments> wsgi = Profiles.names().stream()
                .flatMap(server -> (List.of("builtin", "gunicorn").contains(server) ? WSGI : WSGI.subList(1, 2))
                        .stream().map(one -> Arguments.of(server, one.getFirst(), one.getLast())));
        Stream<Arguments> asgi = Profiles.asgiNames().stream()
                .flatMap(server -> (server.equals("uvicorn") ? ASGI : ASGI.subList(0, 1))
                        .stream().map(one -> Arguments.of(server, one.getFirst(), one.getLast())));
        return Stream.concat(wsgi, asgi);
    }

    private RunningTerpan serve(Path place, String application, String server, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(application, "--server", server, "--workers", "1"));
        arguments.addAll(List.of(
                "--chdir", place.toString(), "--python", Program.python().toString()));
        arguments.addAll(List.of(more));
        Map<String, String> environment =
                Map.of("DATABASE", folder.resolve("database").toString(), "PYTHONDONTWRITEBYTECODE", "1");
        return RunningTerpan.start(environment, arguments);
    }

    private static void counts(RunningTerpan terpan, String route, int requests) {
        String name = "terpan_route_requests_total{route=\"GET " + route + "\"}";
        await(route).atMost(SOON).until(() -> terpan.metric(name) == requests);
    }

    private static String own(String target, String... values) {
        StringBuilder query = new StringBuilder(target).append("?");
        for (String value : values) {
            query.append("value=")
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .append('&');
        }
        return query.toString();
    }

    /** Asks, and sees to it that nothing of ours comes along. */
    private static Answer ask(Connection connection, String target) throws IOException {
        Answer answer = connection.get(target);
        assertThat(answer.fields())
                .noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("x-terpan"));
        return answer;
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("served")
    void theFrameworksRouteIsTheLabel(String server, String application, String variable) throws Exception {
        try (RunningTerpan terpan = serve(FRAMEWORKS, application, server, "--prefix", "/shop")) {
            try (Connection connection = terpan.connect()) {
                assertThat(ask(connection, "/shop/echo/ada?q=x").status()).isEqualTo(200);
                assertThat(ask(connection, "/shop/echo/b%C3%B6b?q=y").status()).isEqualTo(200);
                assertThat(ask(connection, "/shop/download?bytes=100000").status())
                        .isEqualTo(200);
                assertThat(ask(connection, "/shop/nowhere/17").status()).isEqualTo(404);
                assertThat(ask(connection, "/shop/echo/ada?q=z").status()).isEqualTo(200);
            }
            counts(terpan, "/shop/echo/" + variable, 3);
            counts(terpan, "/shop/download", 1);
            counts(terpan, "/shop/nowhere/{}", 1);
            assertThat(terpan.metric("terpan_route_fields_refused_total")).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin", "gunicorn"})
    void whoeverLooksSeesTheSameRoute(String server) throws Exception {
        Path until = folder.resolve("until");
        String[] logs = {"--access-log", "--access-log-format", "json", "--log-slow", "50ms"};
        try (RunningTerpan terpan = serve(Program.APPLICATIONS, "routed:app", server, logs);
                Connection connection = terpan.connect();
                Connection other = terpan.connect()) {
            assertThat(ask(connection, "/report/7").body()).isEqualTo("7");
            String route = "GET /report/<int:number>";
            counts(terpan, "/report/<int:number>", 1);
            terpan.awaitLine("request was slow");
            assertThat(terpan.errors()).anyMatch(line -> line.contains("route=\"" + route + "\""));
            await().atMost(SOON)
                    .until(() ->
                            terpan.output().stream().anyMatch(line -> line.contains("\"route\":\"" + route + "\"")));
            String slow = terpan.command("slow").out();
            assertThat(slow).contains("  " + route + "\n");
            Matcher id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(String.join("\n", terpan.output()));
            assertThat(id.find()).isTrue();
            assertThat(terpan.command("explain", id.group(1)).out()).contains(route);
            await().atMost(SOON).until(() -> terpan.ask("/status").contains(route));

            other.send("GET /stream/7?until=" + until + " HTTP/1.1\r\nHost: x\r\n\r\n");
            String open = "terpan_route_requests_open{route=\"GET /stream/<int:number>\",state=\"working\"}";
            await().atMost(SOON).until(() -> terpan.metric(open) == 1);
            Files.writeString(until, "");
            assertThat(other.read().body()).isEqualTo("begundone");
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin", "gunicorn"})
    void anApplicationThatSaysItselfWhatItsRouteIsIsNotBelieved(String server) throws Exception {
        try (RunningTerpan terpan = serve(Program.APPLICATIONS, "routed:app", server);
                Connection connection = terpan.connect()) {
            assertThat(ask(connection, own("/own/1", "/mine")).status()).isEqualTo(200);
            assertThat(ask(connection, own("/own/2", "0123456789abcdef /mine", "x".repeat(5_000)))
                            .status())
                    .isEqualTo(200);
            assertThat(ask(connection, own("/own/3", "\u00fc", "")).status()).isEqualTo(200);
            counts(terpan, "/own/<int:number>", 3);
            assertThat(terpan.ask("/metrics")).doesNotContain("mine");
            assertThat(terpan.metric("terpan_route_fields_refused_total")).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin, unrouted:app", "gunicorn, unrouted:app", "uvicorn, unrouted:asynchronous"})
    void whereNoFrameworkIsFoundNobodySaysIt(String server, String application) throws Exception {
        try (RunningTerpan terpan = serve(Program.APPLICATIONS, application, server);
                Connection connection = terpan.connect()) {
            assertThat(ask(connection, own("/a/1", "/mine")).body()).isEqualTo("x");
            assertThat(ask(connection, "/a/2").body()).isEqualTo("x");
            counts(terpan, "/a/{}", 2);
            assertThat(terpan.metric("terpan_route_fields_refused_total")).isEqualTo(1);
        }
    }

    @Test
    void routesAreBoundedInNumber() throws Exception {
        try (RunningTerpan terpan = serve(Program.APPLICATIONS, "routed:app", "builtin", "--loops", "1");
                Connection connection = terpan.connect()) {
            for (int i = 0; i < 250; i++) {
                ask(connection, "/many/" + i + "/1");
            }
            counts(terpan, "/many/0/<int:number>", 1);
            counts(terpan, "/many/199/<int:number>", 1);
            await().atMost(SOON).until(() -> terpan.metric("terpan_route_requests_total{route=\"other\"}") == 50);
            assertThat(terpan.ask("/metrics").lines().filter(line -> line.startsWith("terpan_route_requests_total{")))
                    .hasSize(201);
        }
    }

    @Test
    void aPersonsOwnShapesCountFirst() throws Exception {
        String[] shapes = {"--route-shape", "/report/*", "--route-shape", "/many/**"};
        try (RunningTerpan terpan = serve(Program.APPLICATIONS, "routed:app", "builtin", shapes);
                Connection connection = terpan.connect()) {
            ask(connection, "/report/1");
            ask(connection, "/many/1/1");
            ask(connection, "/many/no");
            ask(connection, "/own/1");
            counts(terpan, "/report/*", 1);
            counts(terpan, "/many/**", 2);
            counts(terpan, "/own/<int:number>", 1);
        }
    }
}
