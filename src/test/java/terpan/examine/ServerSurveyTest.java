package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import terpan.server.Profiles;
import terpan.server.ServerKind;
import terpan.worker.PythonFacts;

final class ServerSurveyTest {
    private static ServerSurvey.Offer offer(String server, Map<String, String> told) {
        ServerKind kind = Profiles.find(server).orElseThrow();
        return ServerSurvey.offer(kind, new PythonFacts(Path.of("/bin/python3"), told));
    }

    @Test
    void whatIsInstalledIsToldWithItsVersion() {
        ServerSurvey.Offer offer = offer("waitress", Map.of("distribution:waitress", "3.0.2"));
        assertThat(offer.isThere()).isTrue();
        assertThat(offer.version()).contains("3.0.2");
        assertThat(offer.install()).isEmpty();
    }

    @Test
    void whatIsMissingIsToldWithTheCommandThatInstallsIt() {
        ServerSurvey.Offer offer = offer("waitress", Map.of());
        assertThat(offer.isThere()).isFalse();
        assertThat(offer.missing()).containsExactly("waitress");
        assertThat(offer.install()).isEqualTo("pip install waitress");
    }

    @Test
    void aVersionThatIsKnownToBreakIsNotThere() {
        ServerSurvey.Offer offer = offer(
                "cherrypy", Map.of("distribution:cherrypy", "18.10.0", "distribution:six", "1.17", "python", "3.11.2"));
        assertThat(offer.isThere()).isFalse();
        assertThat(offer.missing()).isEmpty();
        assertThat(offer.faults()).singleElement().asString().contains("cherrypy==8.9.1");
    }

    @Test
    void theBuiltInServerIsAlwaysThere() {
        assertThat(offer("builtin", Map.of()).isThere()).isTrue();
    }

    @Test
    void capacitiesAreToldInWords() {
        assertThat(offer("waitress", Map.of()).capacity()).isEqualTo("its threads (4 unless set)");
        assertThat(Profiles.kinds())
                .allSatisfy(kind -> assertThat(ServerSurvey.capacity(kind))
                        .matches("one|up to \\d+|its threads \\(\\d+ unless set\\)"));
    }
}
