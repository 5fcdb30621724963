package terpan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.config.ServerCheck;
import terpan.config.ServerCheck.Mistake;
import terpan.config.Settings;

final class ProfileCheckTest {
    private static List<String> mistakes(Settings.Server server, int threads) {
        return ProfileCheck.mistakes(server, threads).stream()
                .map(Mistake::message)
                .toList();
    }

    private static List<String> mistakes(Settings.WorkerGroup group) {
        return mistakes(group, Settings.Interface.AUTO);
    }

    private static List<String> mistakes(Settings.WorkerGroup group, Settings.Interface callable) {
        return new ProfileCheck()
                .mistakes(group, callable).stream().map(Mistake::message).toList();
    }

    private static Settings.WorkerGroup group(String server, Settings.SocketMode socket) {
        return group(server, Map.of(), socket);
    }

    private static Settings.WorkerGroup group(String server, Map<String, String> options, Settings.SocketMode socket) {
        return group(server, options, socket, false);
    }

    private static Settings.WorkerGroup group(
            String server, Map<String, String> options, Settings.SocketMode socket, boolean preload) {
        Duration second = Duration.ofSeconds(1);
        Settings.Workers workers = new Settings.Workers(
                2,
                0,
                second,
                second,
                second,
                second,
                second,
                second,
                Optional.empty(),
                preload,
                Settings.Recycling.NEVER,
                Optional.empty());
        return new Settings.WorkerGroup(server, new Settings.Server(server, options), workers, 1, socket);
    }

    @Test
    void anInterfaceThatTheServerDoesNotSpeakIsRefusedWithTheServersThatDo() {
        Settings.WorkerGroup waitress = group("waitress", Settings.SocketMode.PRIVATE);
        assertThat(mistakes(waitress, Settings.Interface.ASGI))
                .singleElement()
                .asString()
                .contains("'waitress' does not run ASGI", "uvicorn, hypercorn, granian");
        assertThat(mistakes(waitress, Settings.Interface.AUTO)).isEmpty();
        assertThat(mistakes(group("uvicorn", Settings.SocketMode.PRIVATE), Settings.Interface.ASGI))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("terpan.server.Profiles#kinds")
    void everyServerRefusesWithAReasonWhatIsTerpansToDo(ServerKind kind) {
        for (String option : List.of("bind", "daemon", "daemonize", "pidfile", "processes", "threads", "workers")) {
            assertThat(mistakes(new Settings.Server(kind.name(), Map.of(option, "1")), 0))
                    .singleElement()
                    .asString()
                    .startsWith("server option '" + option + "' is refused for " + kind.name() + ": ");
        }
    }

    @ParameterizedTest
    @MethodSource("terpan.server.Profiles#kinds")
    void everyServerCanBePreloadedOrSaysWhyNot(ServerKind kind) {
        List<Mistake> mistakes = new ProfileCheck()
                .mistakes(group(kind.name(), Map.of(), Settings.SocketMode.PRIVATE, true), Settings.Interface.AUTO);
        assertThat(mistakes).hasSize(kind.name().equals("uwsgi") ? 1 : 0);
        assertThat(mistakes).allSatisfy(mistake -> {
            assertThat(mistake.part()).isEqualTo(ServerCheck.Part.PRELOAD);
            assertThat(mistake.message())
                    .isEqualTo(
                            "workers.preload is true, but a worker of uwsgi is a program of its own, with a Python of its own that"
                                    + " imports the application anew; set it to false, or name another server");
        });
    }

    @Test
    void aMistakeSaysWhatItIsAbout() {
        assertThat(ProfileCheck.mistakes(new Settings.Server("gevent", Map.of("pool_size", "0", "bind", "x")), 4))
                .extracting(Mistake::part, Mistake::option)
                .containsExactly(
                        tuple(ServerCheck.Part.OPTION, "bind"),
                        tuple(ServerCheck.Part.OPTION, "pool_size"),
                        tuple(ServerCheck.Part.THREADS, ""));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "gevent, , set the server option 'pool-size' instead",
                "eventlet, , set the server option 'pool-size' instead",
                "meinheld, , set 'workers.count' instead",
                "bjoern, , set 'workers.count' instead",
                "gunicorn, gevent, with the class gevent: set the server option 'worker-connections' instead",
                "gunicorn, meinheld, with the class meinheld: set 'workers.count' instead"
            })
    void aWorkerOfOneThreadIsNotGivenMore(String server, String workerClass, String instead) {
        Map<String, String> options = workerClass == null ? Map.of() : Map.of("worker-class", workerClass);
        assertThat(mistakes(new Settings.Server(server, options), 4))
                .containsExactly("workers.threads is 4: a worker of " + server + " has one, " + instead);
        assertThat(mistakes(new Settings.Server(server, options), 1)).isEmpty();
    }

    @Test
    void gunicornsThreadedClassIsGivenThreads() {
        assertThat(mistakes(new Settings.Server("gunicorn", Map.of("worker-class", "gthread")), 4))
                .isEmpty();
    }

    @Test
    void gunicornsClassIsOneOfThoseThatAreKnown() {
        assertThat(mistakes(new Settings.Server("gunicorn", Map.of("worker-class", "eventlet")), 0))
                .singleElement()
                .asString()
                .contains("sync, gthread, gevent, meinheld");
        assertThat(mistakes(new Settings.Server("gunicorn", Map.of("worker-class", "gevnt")), 0))
                .singleElement()
                .asString()
                .endsWith("; did you mean 'gevent'?");
    }

    @Test
    void aSocketThatDoesNotSuitIsToldBesideAWrongOption() {
        assertThat(mistakes(group("uwsgi", Map.of("fooo", "1"), Settings.SocketMode.SHARED)))
                .satisfiesExactly(
                        option -> assertThat(option).contains("'fooo' is unknown"),
                        socket -> assertThat(socket).startsWith("workers.socket is \"shared\", but"));
    }

    @Test
    void anOptionThatWouldBreakOurPromisesIsRefusedWithItsReason() {
        assertThat(mistakes(
                        new Settings.Server(
                                "gunicorn",
                                Map.of("bind", "x", "keepalive", "5", "preload_app", "true", "nonsense", "1")),
                        0))
                .satisfiesExactly(
                        first -> assertThat(first).contains("'bind' is refused for gunicorn", "private socket"),
                        second -> assertThat(second).contains("'nonsense' is unknown for gunicorn", "keepalive"),
                        third -> assertThat(third).contains("'preload_app' is refused"));
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearestAndWhetherThatOneIsRefused() {
        assertThat(mistakes(new Settings.Server("gunicorn", Map.of("keep-alive", "5")), 0))
                .singleElement()
                .asString()
                .endsWith("; did you mean 'keepalive'?");
        assertThat(mistakes(new Settings.Server("gunicorn", Map.of("binds", "x")), 0))
                .singleElement()
                .asString()
                .contains("; did you mean 'bind', which is refused: the launcher binds");
    }

    @Test
    void anOptionInBothSpellingsIsRefusedForNobodyKnowsWhichIsMeant() {
        assertThat(mistakes(new Settings.Server("gevent", Map.of("pool-size", "10", "pool_size", "20")), 0))
                .singleElement()
                .asString()
                .contains("'pool-size' of gevent is given twice");
    }

    @Test
    void anUnknownServerIsAnsweredWithTheKnownOnes() {
        assertThat(mistakes(new Settings.Server("unicorn", Map.of()), 0))
                .singleElement()
                .asString()
                .contains("'unicorn' is unknown", "builtin, waitress, gunicorn");
    }

    @Test
    void anOptionIsGivenWhatItCanBe() {
        assertThat(mistakes(new Settings.Server("gevent", Map.of("patch", "maybe", "pool-size", "0")), 0))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .isEqualTo("server option 'patch' of gevent is 'maybe': expected true or false"),
                        second -> assertThat(second).contains("'pool-size' of gevent is '0'", "from 1 on"));
        assertThat(mistakes(
                        new Settings.Server(
                                "waitress", Map.of("channel-timeout", "soon", "outbuf-overflow", "16777216")),
                        0))
                .singleElement()
                .asString()
                .contains("'channel-timeout' of waitress is 'soon': expected a whole number");
        assertThat(mistakes(new Settings.Server("uvicorn", Map.of("http", "h2", "loop", "uvloop")), 0))
                .singleElement()
                .asString()
                .contains("'http' of uvicorn is 'h2': expected one of auto, h11, httptools");
        assertThat(mistakes(new Settings.Server("eventlet", Map.of("keepalive", "2.5", "minimum-chunk-size", "1")), 1))
                .isEmpty();
    }

    @Test
    void howWorkersAreReachedHasToSuitTheServer() {
        assertThat(mistakes(group("waitress", Settings.SocketMode.SHARED))).isEmpty();
        assertThat(mistakes(group("gunicorn", Settings.SocketMode.TCP))).isEmpty();
        assertThat(mistakes(group("builtin", Settings.SocketMode.PRIVATE))).isEmpty();
        assertThat(mistakes(group("builtin", Settings.SocketMode.SHARED)))
                .singleElement()
                .asString()
                .startsWith("workers.socket is \"shared\", but each built-in worker");
        assertThat(mistakes(group("builtin", Settings.SocketMode.TCP)))
                .singleElement()
                .asString()
                .startsWith("workers.socket is \"tcp\", but every user");
        for (ServerKind kind : Profiles.kinds()) {
            boolean shares = Profiles.profile(new Settings.Server(kind.name(), Map.of()), 0)
                    .sharesSocket();
            assertThat(mistakes(group(kind.name(), Settings.SocketMode.SHARED)).isEmpty())
                    .as(kind.name())
                    .isEqualTo(shares);
        }
    }
}
