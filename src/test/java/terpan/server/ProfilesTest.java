package terpan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.config.Settings;

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
        assertThat(profile("cherrypy", 10, Map.of()).busyWith()).isEqualTo(6);
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
    void aServerOfGreenletsIsGivenAsManyRequestsAsItsPoolHolds() {
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
    }

    @Test
    void aServerWhoseConnectionsHoldThreadsGetsNoMoreOfThem() {
        assertThat(profile("cherrypy", 0, Map.of()).connectionsMost()).isEqualTo(10);
        assertThat(profile("cherrypy", 3, Map.of()).connectionsMost()).isEqualTo(3);
    }
}
