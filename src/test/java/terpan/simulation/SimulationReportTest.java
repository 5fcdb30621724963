package terpan.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Keeps docs/simulation.md equal to what the dispatcher does, so that a change of policy shows as a change of figures. With
 * {@code -Dterpan.simulation.write=true} it writes the report anew.
 */
final class SimulationReportTest {
    private static final Path REPORT = Path.of("docs", "simulation.md");

    private record Contender(boolean givesBack, Function<VirtualTime, Front> front) {}

    private static final List<Contender> CONTENDERS = List.of(
            dispatcher("Terpan, exactly one each", 1, false),
            dispatcher("Terpan, window", 32, false),
            dispatcher("Terpan, window and give-back", 32, true),
            direct(DirectFront.Choice.LEAST_CONNECTIONS),
            direct(DirectFront.Choice.ROUND_ROBIN),
            direct(DirectFront.Choice.RANDOM));

    @Test
    void theCommittedReportIsWhatTheDispatcherDoes() throws IOException {
        String report = report();
        if (Boolean.getBoolean("terpan.simulation.write")) {
            Files.writeString(REPORT, report);
        }
        assertThat(report).isEqualTo(Files.readString(REPORT));
    }

    private static String report() {
        StringBuilder report = new StringBuilder("""
                # Simulation of the dispatcher

                Written by a test in virtual time with fixed seeds; a change here is a change of policy. To write it anew:
                `mvn test -Dtest=SimulationReportTest -Dterpan.simulation.write=true`.

                Four workers, each with one request at a time, 30 microseconds away. Times are milliseconds from the client's request to
                its answer. *Exactly one each*: no worker holds more than it works on. *Window*: it may hold up to 32 while that costs
                less than 1 ms. *Give-back*: it returns what has waited for 2 ms behind a handler. *No queue*: what a shared
                socket or a plain proxy does: a request waits in the worker that it was given to.
                """);
        for (Scenario scenario : Scenario.values()) {
            report.append("\n## ")
                    .append(scenario.title)
                    .append("\n\n")
                    .append(scenario.text)
                    .append("\n\n");
            report.append(Results.heading());
            for (Contender contender : CONTENDERS) {
                VirtualTime time = new VirtualTime();
                Front front = contender.front.apply(time);
                Results results = new Results();
                scenario.run(time, front, results, contender.givesBack);
                report.append(results.row(front.name()));
            }
        }
        return report.append(WeightSimulation.report())
                .append(StickySimulation.report())
                .append(CoresSimulation.report())
                .append(BatchSimulation.report())
                .append(ProvingSimulation.report())
                .append(ScalingSimulation.report())
                .toString();
    }

    private static Contender dispatcher(String name, int windowMost, boolean givesBack) {
        return new Contender(givesBack, time -> new DispatcherFront(name, time, windowMost));
    }

    private static Contender direct(DirectFront.Choice choice) {
        return new Contender(false, time -> new DirectFront(time, choice));
    }
}
