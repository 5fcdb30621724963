package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code terpan top} and {@code terpan status --watch} on a real terminal, over a Terpan with real workers. */
@Timeout(180)
final class TopIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int COLUMNS = 120;
    private static final String ALTERNATE_AND_CURSOR = "#{alternate_on} #{cursor_flag}";

    @TempDir
    private Path folder;

    private final UnreadRequests open = new UnreadRequests();
    private RunningTerpan terpan;
    private Path goOn;
    private boolean serves = true;

    @BeforeEach
    void serve() throws Exception {
        goOn = folder.resolve("go-on");
        Files.copy(Program.APPLICATIONS.resolve("watched.py"), folder.resolve("shop.py"));
        Program.launcher(folder, "terpan");
        terpan = RunningTerpan.startIn(RunningTerpan.newRunDirectory(), environment(), arguments());
    }

    private Map<String, String> environment() {
        return Map.of("GO_ON", goOn.toString());
    }

    private List<String> arguments() {
        return List.of(
                "shop:app",
                "--chdir",
                folder.toString(),
                "--python",
                Program.python().toString(),
                "--workers",
                "4",
                "--queue-size",
                "3");
    }

    @AfterEach
    void stop() throws IOException {
        Files.writeString(goOn, "");
        open.close();
        if (serves) {
            await().atMost(SOON).untilAsserted(() -> terpan.assertQuiet());
        }
        terpan.close();
    }

    private String command(String arguments) {
        return "./terpan " + arguments + " --run-directory " + terpan.runDirectory();
    }

    @Test
    void aPersonFindsTheStuckRequestItsStackAndReloads() throws Exception {
        open.ask(terpan, "/report/4711");
        try (Tmux terminal = Tmux.open(folder, 130, 30)) {
            terminal.line("echo before; " + command("top") + "; echo ended $?; stty -a");
            terminal.await("GET /report/{}");
            terminal.await("1 of 4 busy");
            terminal.await("0 of 3 taken");
            terminal.await("slow");
            assertThat(terminal.value(ALTERNATE_AND_CURSOR)).isEqualTo("1 0");
            assertThat(terminal.screen()).contains("127.0.0.1").contains("? help  q quit");
            terminal.press("a");
            terminal.await("its worker first", screen -> below(screen, "AGE*").contains("GET /report/{}"));
            terminal.press("Home");
            terminal.await("it is selected", screen -> below(screen, "AGE*").startsWith("> builtin-"));
            terminal.press("s");
            terminal.await("wait_until_it_may_go_on");
            terminal.press("Escape");
            terminal.await("WORKER");
            terminal.press("?");
            terminal.await("another worker");
            terminal.press("q");
            terminal.await("WORKER");
            terminal.press("r");
            terminal.await("Reload settings and code?");
            terminal.press("n");
            terminal.await("nothing is reloaded");
            Files.writeString(goOn, "");
            terminal.press("r", "y");
            terminal.await("the last reload, to generation 2: done");
            terminal.press("q");
            terminal.await("ended 0");
            terminal.await(" icanon");
            assertThat(terminal.screen()).contains("before").contains(" echo ").doesNotContain("-icanon");
            assertThat(terminal.value(ALTERNATE_AND_CURSOR)).isEqualTo("0 1");
        }
    }

    /** The line below the one with this. */
    private static String below(String screen, String part) {
        List<String> lines = screen.lines().toList();
        for (int i = 0; i < lines.size() - 1; i++) {
            if (lines.get(i).contains(part)) {
                return lines.get(i + 1);
            }
        }
        return "";
    }

    @Test
    void itFollowsTheSizeOfTheTerminal() throws Exception {
        open.ask(terpan, "/report/4711");
        try (Tmux terminal = Tmux.open(folder, 130, 30)) {
            terminal.line(command("top"));
            terminal.await("MEMORY");
            terminal.resize(60, 16);
            terminal.await("narrow", screen -> !screen.contains("MEMORY") && screen.contains("GET /report/{}"));
            assertThat(terminal.screen().stripTrailing().lines().toList())
                    .hasSize(16)
                    .last()
                    .asString()
                    .startsWith("? help");
            terminal.resize(30, 6);
            terminal.await("tiny", screen -> screen.stripTrailing().lines().count() == 6);
            terminal.resize(160, 40);
            terminal.await("MEMORY");
            terminal.press("q");
            terminal.await("back", screen -> !screen.contains("MEMORY"));
        }
    }

    @Test
    void howeverItEndsTheTerminalIsAsItWas() throws Exception {
        try (Tmux terminal = Tmux.open(folder, 100, 30)) {
            for (String signal : List.of("TERM", "HUP", "INT")) {
                terminal.line("clear; " + command("top") + "; echo ended $?; stty -a");
                terminal.await("WORKER");
                long pid = Processes.withEnvironment("TMUX=").stream()
                        .filter(one -> Processes.commandLine(one)
                                .contains("terpan.cli.Main top --run-directory " + terpan.runDirectory()))
                        .findFirst()
                        .orElseThrow();
                Processes.kill(pid, signal);
                terminal.await("ended 1");
                terminal.await(" icanon");
                assertThat(terminal.value(ALTERNATE_AND_CURSOR)).isEqualTo("0 1");
            }
            terminal.line("clear; " + command("top") + "; echo ended $?; stty -a");
            terminal.await("WORKER");
            terminal.press("C-c");
            terminal.await("ended 130");
            terminal.await(" icanon");
        }
    }

    @Test
    void aLostConnectionIsSaidAndItComesBack() throws Exception {
        try (Tmux terminal = Tmux.open(folder, 130, 30)) {
            terminal.line(command("top"));
            terminal.await("WORKER");
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            serves = false;
            terminal.await("Connection lost: no answer from");
            terpan.expectLeftovers();
            Path run = terpan.runDirectory();
            terpan.close();
            terpan = RunningTerpan.startIn(run, environment(), arguments());
            serves = true;
            terminal.await("back", screen -> !screen.contains("Connection lost") && screen.contains("builtin-4"));
            terminal.press("q");
            terminal.await("back", screen -> !screen.contains("WORKER"));
        }
    }

    @Test
    void coloursAreForThoseWhoWantThem() throws Exception {
        try (Tmux terminal = Tmux.open(folder, 130, 30, "NO_COLOR=1")) {
            terminal.line(command("top") + "; echo first $?");
            terminal.await("WORKER");
            assertThat(terminal.styled()).contains("\u001b[7m").doesNotContainPattern("\u001b\\[[0-9;]*3[0-7]m");
            terminal.press("q");
            terminal.await("first 0");
            terminal.line("unset NO_COLOR; clear; " + command("top") + "; echo second $?");
            terminal.await("WORKER");
            assertThat(terminal.styled()).containsPattern("\u001b\\[[0-9;]*32m");
            terminal.press("q");
            terminal.await("second 0");
            terminal.line("clear; TERM=dumb " + command("top") + "; echo ended $?");
            terminal.await("ended 0");
            assertThat(terminal.value(ALTERNATE_AND_CURSOR)).isEqualTo("0 1");
        }
    }

    @Test
    void elsewhereItIsPlainAndEnds() throws Exception {
        open.ask(terpan, "/report/4711");
        await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
        Program.Ended once = terpan.command("top");
        assertThat(once.code()).as(once.err()).isZero();
        assertThat(once.out()).contains("GET /report/{}").contains("AGE*").doesNotContain("\u001b");
        Program.Ended twice = terpan.command("top", "--interval", "1", "--count", "2");
        assertThat(twice.out().lines().filter(line -> line.contains("WORKER"))).hasSize(2);
        assertThat(terpan.command("top", "nobody").code()).isEqualTo(9);
        assertThat(terpan.command("top", "--count", "0").code()).isEqualTo(2);
    }

    @Test
    void aStatusIsWatched() throws Exception {
        try (Tmux terminal = Tmux.open(folder, 130, 30)) {
            terminal.line(command("status --watch --interval 1") + "; echo ended $?");
            terminal.await("4 of 4 workers are ready, nobody waits too long");
            open.ask(terpan, "/report/4711");
            terminal.await("GET /report/{}: 1 with workers");
            terminal.resize(60, 10);
            terminal.await("lines more");
            terminal.press("q");
            terminal.await("ended 0");
        }
    }

    /** With -Dterpan.pictures=FOLDER it is for the documentation. */
    @Test
    void aPictureIsTaken() throws Exception {
        Path to = Path.of(System.getProperty("terpan.pictures", folder.toString()));
        for (int i = 0; i < 4; i++) {
            open.ask(terpan, "/report/" + i);
        }
        await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 4);
        open.ask(terpan, "/users/1");
        open.ask(terpan, "/users/2");
        await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == 2);
        try (Tmux terminal = Tmux.open(folder, COLUMNS, 24)) {
            terminal.line("clear; " + command("top"));
            terminal.await("all are stuck", screen -> screen.split(" stuck ", -1).length == 7);
            terminal.press("a", "Down");
            terminal.await("AGE*");
            Files.writeString(
                    to.resolve("top.svg"),
                    TerminalPicture.draw(
                            terminal.styled().replace(folder.toString(), "/srv/shop"),
                            COLUMNS,
                            "terpan top in a terminal"));
            terminal.press("q");
            terminal.await("back", screen -> !screen.contains("WORKER"));
        }
        assertThat(Files.readString(to.resolve("top.svg")))
                .contains("GET /report/{}")
                .endsWith("</svg>\n");
    }
}
