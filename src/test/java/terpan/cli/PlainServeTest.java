package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import terpan.config.Declarations;
import terpan.config.Setting;

final class PlainServeTest {
    static final List<List<String>> PLAIN_LINES = List.of(
            List.of("serve"),
            List.of("serve", "app.py"),
            List.of("serve", "shop:make()"),
            List.of("serve", "--install", "examples/guestbook"),
            List.of("serve", "--config", "a.toml", "app.py"),
            List.of("serve", "app.py", "--config=a b=c.toml"),
            List.of("serve", "--workers", "3", "app.py", "--bind", ":80", "--bind=unix:/a,mode=0660", "--threads=2"),
            List.of("serve", "--env", "A=1", "--env=B=2=3", "--env", "A=5", "--env=C=\"quoted\"", "shop"),
            List.of("serve", "--env=D=${HOME}", "--env", "E=a,b c|d\\n", "--prefix", "/%n"),
            List.of("serve", "--access-log", "--no-development", "app.py", "--no-abort-on-half-close"),
            List.of("serve", "-w", "3", "-b", ":80", "-b=8000", "--bind", "[::1]:0", "-c", "other.toml", "shop"),
            List.of("serve", "-w=3", "-c=other.toml"),
            List.of("serve", "--workers", "many", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy=::1"));

    static final List<List<String>> ODD_LINES = List.of(
            List.of(),
            List.of("version"),
            List.of("check", "app.py"),
            List.of("--help"),
            List.of("serve", "--help"),
            List.of("serve", "-h"),
            List.of("serve", "app.py", "other.py"),
            List.of("serve", "--", "app.py"),
            List.of("serve", "-w3"),
            List.of("serve", "-w", "1", "--workers", "2"),
            List.of("serve", "-c", "a", "--config", "b"),
            List.of("serve", "--work", "3"),
            List.of("serve", "--wrokers", "3"),
            List.of("serve", "--workers"),
            List.of("serve", "--workers="),
            List.of("serve", "--workers", ""),
            List.of("serve", "--workers", "-1"),
            List.of("serve", "--workers=-1"),
            List.of("serve", "--workers", "--install"),
            List.of("serve", "--workers", "1", "--workers", "2"),
            List.of("serve", "--config", "a", "--config", "b"),
            List.of("serve", "--install", "--install"),
            List.of("serve", "--install=true"),
            List.of("serve", "--no-install"),
            List.of("serve", "--access-log=false"),
            List.of("serve", "--access-log", "--no-access-log"),
            List.of("serve", "--no-workers", "1"),
            List.of("serve", "--APP", "app.py"),
            List.of("serve", "APP=app.py", "app.py"),
            List.of("serve", "@arguments"),
            List.of("serve", "--workers", "@arguments"),
            List.of("serve", "'app.py'"),
            List.of("serve", ""));

    @ParameterizedTest
    @FieldSource("PLAIN_LINES")
    void aPlainLineIsReadAsByPicocli(List<String> line) {
        assertThat(PlainServe.read(line)).contains(byPicocli(line));
    }

    @ParameterizedTest
    @FieldSource("ODD_LINES")
    void anOddLineIsLeftToPicocli(List<String> line) {
        assertThat(PlainServe.read(line)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyFlag")
    void everyFlagIsReadAsByPicocliInBothSpellings(Setting<?> setting) {
        for (List<String> line : spellings(setting)) {
            assertThat(PlainServe.read(line)).contains(byPicocli(line));
        }
    }

    private static Stream<Setting<?>> everyFlag() {
        return Declarations.all().stream().filter(setting -> !setting.isArgument());
    }

    private static List<List<String>> spellings(Setting<?> setting) {
        String flag = setting.flag();
        if (setting.isSwitch()) {
            return List.of(List.of("serve", flag), List.of("serve", flag.replaceFirst("--", "--no-"), "app.py"));
        }
        List<String> apart = List.of("serve", flag, "A=1", "app.py");
        List<String> joined = List.of("serve", flag + "=A=1");
        return setting.shape() == Setting.Shape.ONE
                ? List.of(apart, joined)
                : List.of(apart, joined, List.of("serve", flag, "A=1", flag + "=B=2", flag, "A=1"));
    }

    private static ServeLine byPicocli(List<String> line) {
        CommandLine whole = new CommandLine(CommandSpecs.root(List.of(Command.SERVE)));
        return ParsedCommand.line(whole.parseArgs(line.toArray(String[]::new)).subcommand());
    }
}
