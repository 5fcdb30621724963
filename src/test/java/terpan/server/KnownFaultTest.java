package terpan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class KnownFaultTest {
    private static List<String> faults(String server, String version, String python) {
        return KnownFault.ALL.stream()
                .filter(fault -> fault.server().equals(server) && fault.applies(version, python))
                .map(fault -> (fault.fatal() ? "fatal: " : "worse: ") + fault.reason())
                .toList();
    }

    @Test
    void versionsAreComparedByTheirNumbers() {
        assertThat(KnownFault.Version.of("3.11.2+").numbers()).containsExactly(3, 11, 2);
        assertThat(KnownFault.Version.of("20.0.0rc1")).isGreaterThan(KnownFault.Version.of("9.9"));
        assertThat(KnownFault.Version.of("2.1")).isEqualByComparingTo(KnownFault.Version.of("2.1.0"));
    }

    @Test
    void whatIsKnownToBreakIsNamed() {
        assertThat(faults("meinheld", "1.0.2", "3.13.1"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("fatal: ");
        assertThat(faults("meinheld", "1.0.2", "3.12.9")).isEmpty();
        assertThat(faults("cherrypy", "18.10.0", "3.11.2")).hasSize(1);
        assertThat(faults("cherrypy", "8.9.1", "3.11.2")).isEmpty();
        assertThat(faults("gunicorn", "19.10.0", "3.11.2")).hasSize(1);
        assertThat(faults("gunicorn", "27.0.1", "3.11.2")).isEmpty();
        assertThat(faults("waitress", "1.1.0", "3.11.2")).hasSize(2);
        assertThat(faults("granian", "2.8.7", "3.11.2")).isEmpty();
        assertThat(faults("granian", "3.0.0", "3.11.2")).first().asString().startsWith("worse: ");
    }
}
