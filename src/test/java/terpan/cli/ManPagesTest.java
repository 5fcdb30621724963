package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import terpan.config.Declarations;
import terpan.daemon.ExitCode;

final class ManPagesTest {
    private static final Map<String, String> PAGES = ManPages.pages();

    @Test
    void everyCommandHasAPageWithItsExamples() {
        for (Command command : Command.values()) {
            assertThat(PAGES.get("terpan.1")).contains("\\fBterpan\\-" + command.word() + "(1)\\fR");
            assertThat(PAGES.get("terpan-" + command.word() + ".1"))
                    .contains(command.examples().lines().toList().getFirst().replace("-", "\\-"));
        }
    }

    @Test
    void everySettingStandsInThePagesOfItsFileAndOfServe() {
        assertThat(Declarations.all()).allSatisfy(setting -> {
            assertThat(PAGES.get("terpan.toml.5"))
                    .contains("\n\\fB" + setting.key().replace("-", "\\-") + "\\fR\n");
            assertThat(PAGES.get("terpan-serve.1")).contains(setting.flag().replace("-", "\\-"));
        });
    }

    @Test
    void everyExitCodeIsTold() {
        for (ExitCode code : ExitCode.values()) {
            assertThat(PAGES.get("terpan.1")).contains("\\fB" + code.code() + "\\fR\n");
        }
    }

    @Test
    void noLineIsTakenForAMacroThatIsNone() {
        assertThat(PAGES.values())
                .allSatisfy(page -> assertThat(
                                page.lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
                        .allMatch(line -> line.matches("\\.(TH|SH|SS|TP|B|nf|fi)( .*)?")));
    }
}
