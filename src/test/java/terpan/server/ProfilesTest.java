package terpan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.config.Settings;
import terpan.config.Where;

final class ProfilesTest {
    private static ServerProfile profile(String server, int threads, Map<String, String> options) {
        return Profiles.profile(new Settings.Server(server, options), threads);
    }

    @ParameterizedTest
    @MethodSource("terpan.server.Profiles#kinds")
    void everyServerHasALauncherOfItsName(ServerKind kind) {
        assertThat(getClass().getResource("/python/terpan_worker/servers/" + kind.name() + ".py"))
                .isNotNull();
    }

    @ParameterizedTest
    @MethodSource("terpan.server.Profiles#kinds")
    void everyProfileKeepsItsBounds(ServerKind kind) {
        for (int threads : new int[] {1, 2, 40}) {
            ServerProfile profile = kind.profile(threads, Map.of());
            assertThat(profile.name()).isEqualTo(kind.name());
            assertThat(profile.threads()).isEqualTo(threads);
            assertThat(profile.capacity()).isBetween(1, Math.max(threads, 1000));
            assertThat(profile.headMost()).isGreaterThanOrEqualTo(32 * 1024);
            assertThat(profile.fieldsMost()).isGreaterThanOrEqualTo(90);
            assertThat(profile.keepIdle().isNegative()).isFalse();
            if (profile.protocol() == Protocol.HTTP) {
                assertThat(profile.connectionsMost()).isGreaterThanOrEqualTo(profile.capacity());
            }
        }
    }

    @Test
    void gunicornKeepsNoConnectionWithOneThread() {
        assertThat(profile("gunicorn", 1, Map.of()).keepIdle()).isZero();
        assertThat(profile("gunicorn", 4, Map.of()).keepIdle()).isEqualTo(Duration.ofSeconds(28));
        assertThat(profile("gunicorn", 1, Map.of("worker_class", "gthread")).keepIdle())
                .isPositive();
    }

    @Test
    void anEventLoopIsBusyWithFewerThanThreadsAre() {
        assertThat(profile("eventlet", 1, Map.of()).busyWith()).isEqualTo(4);
        assertThat(Profiles.asgiProfile(new Settings.Server("uvicorn", Map.of()), 1)
                        .busyWith())
                .isEqualTo(4);
        assertThat(profile("cherrypy", 10, Map.of()).busyWith()).isEqualTo(4);
        assertThat(profile("cheroot", 10, Map.of()).busyWith()).isEqualTo(12);
        assertThat(profile("bjoern", 1, Map.of()).busyWith()).isEqualTo(12);
    }

    @Test
    void theFrontLetsAConnectionGoBeforeTheServerDoes() {
        assertThat(profile("waitress", 0, Map.of("channel-timeout", "30")).keepIdle())
                .isEqualTo(Duration.ofSeconds(28));
        assertThat(profile("waitress", 0, Map.of("channel-timeout", "1")).keepIdle())
                .isZero();
    }

    @Test
    void anAsgiApplicationIsGivenAsManyRequestsAsItsLoopMayHave() {
        for (String server : Profiles.asgiNames()) {
            Settings.Server plain = new Settings.Server(server, Map.of());
            assertThat(Profiles.profile(plain, 3).capacity()).isEqualTo(3);
            assertThat(Profiles.asgiProfile(plain, 3).capacity()).isEqualTo(256);
            ServerProfile narrow = Profiles.asgiProfile(new Settings.Server(server, Map.of("concurrency", "20")), 0);
            assertThat(narrow.capacity()).isEqualTo(20);
            assertThat(narrow.connectionsMost()).isGreaterThanOrEqualTo(20);
        }
    }

    @Test
    void anInterfaceThatTheServerDoesNotSpeakIsRefusedWithTheServersThatDo() {
        Settings.Server waitress = new Settings.Server("waitress", Map.of());
        assertThat(Profiles.interfaceProblems(waitress, Settings.Interface.ASGI))
                .singleElement()
                .asString()
                .contains("'waitress' does not run ASGI", "uvicorn, hypercorn, granian");
        assertThat(Profiles.interfaceProblems(waitress, Settings.Interface.AUTO))
                .isEmpty();
        assertThat(Profiles.interfaceProblems(new Settings.Server("uvicorn", Map.of()), Settings.Interface.ASGI))
                .isEmpty();
    }

    @Test
    void onlyServersThatMindNothingGetADeeperWindow() {
        assertThat(Profiles.kinds())
                .filteredOn(kind -> kind.profile(1, Map.of()).mayDeepen())
                .extracting(ServerKind::name)
                .containsExactly("builtin", "gunicorn", "uwsgi", "meinheld", "bjoern", "tornado");
        assertThat(List.of("tornado", "gunicorn", "uwsgi"))
                .noneMatch(name -> profile(name, 2, Map.of()).mayDeepen());
    }

    @Test
    void aConnectionNeverWaitsForOneOfSeveralThreads() {
        assertThat(List.of("gunicorn", "uwsgi"))
                .allMatch(name -> profile(name, 2, Map.of()).connectionsMost() == 2);
    }

    @Test
    void anOptionThatWouldBreakOurPromisesIsRefusedWithItsReason() {
        assertThat(Profiles.problems(
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
        assertThat(Profiles.problems(new Settings.Server("gunicorn", Map.of("keep-alive", "5")), 0))
                .singleElement()
                .asString()
                .endsWith("; did you mean 'keepalive'?");
        assertThat(Profiles.problems(new Settings.Server("gunicorn", Map.of("binds", "x")), 0))
                .singleElement()
                .asString()
                .contains("; did you mean 'bind', which is refused: the launcher binds");
    }

    @Test
    void anOptionInBothSpellingsIsRefusedForNobodyKnowsWhichIsMeant() {
        assertThat(Profiles.problems(new Settings.Server("gevent", Map.of("pool-size", "10", "pool_size", "20")), 0))
                .singleElement()
                .asString()
                .contains("'pool-size' of gevent is given twice");
    }

    @Test
    void anUnknownServerIsAnsweredWithTheKnownOnes() {
        assertThat(Profiles.problems(new Settings.Server("unicorn", Map.of()), 0))
                .singleElement()
                .asString()
                .contains("'unicorn' is unknown", "builtin, waitress, gunicorn");
    }

    @Test
    void anOptionIsGivenWhatItCanBe() {
        assertThat(Profiles.problems(new Settings.Server("gevent", Map.of("patch", "maybe", "pool-size", "0")), 0))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .isEqualTo("server option 'patch' of gevent is 'maybe': expected true or false"),
                        second -> assertThat(second).contains("'pool-size' of gevent is '0'", "from 1 on"));
        assertThat(Profiles.problems(
                        new Settings.Server(
                                "waitress", Map.of("channel-timeout", "soon", "outbuf-overflow", "16777216")),
                        0))
                .singleElement()
                .asString()
                .contains("'channel-timeout' of waitress is 'soon': expected a whole number");
        assertThat(Profiles.problems(new Settings.Server("uvicorn", Map.of("http", "h2", "loop", "uvloop")), 0))
                .singleElement()
                .asString()
                .contains("'http' of uvicorn is 'h2': expected one of auto, h11, httptools");
        assertThat(Profiles.problems(
                        new Settings.Server("eventlet", Map.of("keepalive", "2.5", "minimum-chunk-size", "1")), 1))
                .isEmpty();
    }

    @Test
    void aServerOfGreenletsIsNotGivenThreads() {
        assertThat(Profiles.problems(new Settings.Server("gevent", Map.of()), 4))
                .containsExactly("workers.threads is 4: a worker of gevent has one, set the server option 'pool-size' "
                        + "instead");
        assertThat(profile("gevent", 0, Map.of("pool-size", "20")).capacity()).isEqualTo(20);
        assertThat(profile("eventlet", 0, Map.of()).capacity()).isEqualTo(1000);
        assertThat(profile("eventlet", 0, Map.of("keepalive", "30.5")).keepIdle())
                .isEqualTo(Duration.ofSeconds(28));
    }

    @Test
    void gunicornsClassesAreWhatTheyAreAlone() {
        ServerProfile gevent = profile("gunicorn", 0, Map.of("worker-class", "gevent", "worker-connections", "50"));
        assertThat(gevent.capacity()).isEqualTo(50);
        assertThat(gevent.connectionsMost()).isEqualTo(50);
        assertThat(gevent.mayDeepen()).isFalse();
        ServerProfile meinheld = profile("gunicorn", 0, Map.of("worker-class", "meinheld"));
        assertThat(meinheld.capacity()).isEqualTo(1);
        assertThat(meinheld.mayDeepen()).isTrue();
        assertThat(meinheld.keepIdle()).isEqualTo(Duration.ofSeconds(28));
        assertThat(Profiles.problems(new Settings.Server("gunicorn", Map.of("worker-class", "eventlet")), 0))
                .singleElement()
                .asString()
                .contains("sync, gthread, gevent, meinheld");
    }

    @Test
    void aServerWhoseConnectionsHoldThreadsGetsNoMoreOfThem() {
        assertThat(profile("cherrypy", 0, Map.of()).connectionsMost()).isEqualTo(10);
        assertThat(profile("cherrypy", 3, Map.of()).connectionsMost()).isEqualTo(3);
    }

    @Test
    void howWorkersAreReachedHasToSuitTheServer() {
        assertThat(Profiles.problems(group("waitress", Settings.SocketMode.SHARED)))
                .isEmpty();
        assertThat(Profiles.problems(group("gunicorn", Settings.SocketMode.TCP)))
                .isEmpty();
        assertThat(Profiles.problems(group("builtin", Settings.SocketMode.PRIVATE)))
                .isEmpty();
        assertThat(Profiles.problems(group("builtin", Settings.SocketMode.SHARED)))
                .singleElement()
                .asString()
                .startsWith("workers.socket is \"shared\", but each built-in worker");
        assertThat(Profiles.problems(group("builtin", Settings.SocketMode.TCP)))
                .singleElement()
                .asString()
                .startsWith("workers.socket is \"tcp\", but every user");
        for (ServerKind kind : Profiles.kinds()) {
            boolean shares = Profiles.profile(new Settings.Server(kind.name(), Map.of()), 0)
                    .sharesSocket();
            assertThat(Profiles.problems(group(kind.name(), Settings.SocketMode.SHARED))
                            .isEmpty())
                    .as(kind.name())
                    .isEqualTo(shares);
        }
    }

    private static Settings.WorkerGroup group(String server, Settings.SocketMode socket) {
        Duration second = Duration.ofSeconds(1);
        Settings.Workers workers = new Settings.Workers(2, 0, second, second, second, second, second, Optional.empty());
        return new Settings.WorkerGroup(
                server, new Settings.Server(server, Map.of()), workers, 1, socket, new Where.Together());
    }
}
