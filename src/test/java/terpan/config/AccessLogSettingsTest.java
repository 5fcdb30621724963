package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccessLogSettingsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void load() throws IOException {
        loading = new Loading(directory);
    }

    @Test
    void aFormatHasANameOrAtomsOfNginxAndGunicorn() throws IOException {
        assertThat(format("logfmt")).isEqualTo(AccessFormat.LOGFMT);
        assertThat(format("$status 100%% \\\"${request}\\\" %(h)s %({X-Trace}i)s $http_accept_language $$"))
                .isEqualTo(new AccessFormat(
                        "",
                        List.of(
                                new AccessFormat.Value(AccessAtom.STATUS, false),
                                new AccessFormat.Text(" 100% \""),
                                new AccessFormat.Value(AccessAtom.REQUEST, true),
                                new AccessFormat.Text("\" "),
                                new AccessFormat.Value(AccessAtom.CLIENT, false),
                                new AccessFormat.Text(" "),
                                new AccessFormat.Field("x-trace", false),
                                new AccessFormat.Text(" "),
                                new AccessFormat.Field("accept-language", false),
                                new AccessFormat.Text(" $"))));
    }

    @Test
    void everyAtomIsReadByBothOfItsNames() throws IOException {
        for (AccessAtom atom : AccessAtom.values()) {
            if (!atom.variable().isEmpty()) {
                assertThat(format("$" + atom.variable()).parts()).containsExactly(new AccessFormat.Value(atom, false));
            }
            if (!atom.letter().isEmpty()) {
                assertThat(format("%(" + atom.letter() + ")s").parts())
                        .containsExactly(new AccessFormat.Value(atom, false));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "combind|expected combined, json, logfmt, or text with atoms of nginx ($status) or Gunicorn (%(s)s), as docs/logging.md lists them; did you mean \"combined\"?",
                "$statsu|\"$statsu\" is no atom, did you mean \"$status\"?; expected combined, json",
                "$nothing_like_it %(Z)s|\"$nothing_like_it\" is no atom, and \"%(Z)s\" is no atom",
                "$sent_http_etag|which has the fields of requests alone",
                "%({etag}o)s|which has the fields of requests alone",
                "$status 5%|a single \"%\" is no atom, expected \"%%\" for the sign itself",
                "$status $|a single \"$\" is no atom, expected \"$$\" for the sign itself",
                "$status\\n|it has a control character",
            })
    void aFormatThatIsNotUnderstoodIsExplained(String format, String problem) throws IOException {
        assertThat(loading.toml("[log]\naccess-format = \"" + format + "\"\n").problems())
                .singleElement()
                .asString()
                .startsWith("terpan.toml:2:1: log.access-format is ")
                .contains(problem);
    }

    @Test
    void allMistakesAreToldAtOnce() throws IOException {
        assertThat(loading.toml(
                                "[log]\naccess-format = \"$x\"\naccess-rules = [\"health off\", \"/a 200% \"]\nslow = \"1\"\nmask-query = [\"a b\"]\n")
                        .problems())
                .hasSize(5);
    }

    @Test
    void rulesHavePathStatusAndShare() throws IOException {
        loading.toml(
                "[log]\naccess-rules = [\"/health off\", \"5xx on\", \"/static/* 200-399 0.5%\", \"* 404 10%\"]\n");
        assertThat(loading.settings().log().accessRules())
                .containsExactly(
                        new AccessRule("/health", false, 0, 599, 0),
                        new AccessRule("", true, 500, 599, AccessRule.ALL),
                        new AccessRule("/static/", true, 200, 399, 500),
                        new AccessRule("", true, 404, 404, 10_000));
    }

    @ParameterizedTest
    @CsvSource({"off", "/health", "health off", "/a 600 off", "/a 2xx", "/a 100.001%", "/a*b off", "/a 200 off now"})
    void aRuleThatIsNotUnderstoodIsExplained(String rule) throws IOException {
        assertThat(loading.toml("[log]\naccess-rules = [\"" + rule + "\"]\n").problems())
                .singleElement()
                .asString()
                .contains("log.access-rules is \"" + rule + "\"")
                .contains("expected a path (/health, /static/*, or * for any)");
    }

    @Test
    void secretsAreMaskedUnlessOneSaysOtherwise() throws IOException {
        assertThat(loading.settings().log().masks().query()).contains("access_token");
        assertThat(loading.settings().log().masks().hidesField("Cookie")).isTrue();
        loading.toml("[log]\nmask-query = []\nmask-fields = [\"X-*\"]\nslow = \"1s\"\n");
        assertThat(loading.settings().log().masks().query()).isEmpty();
        assertThat(loading.settings().log().masks().hidesField("cookie")).isFalse();
        assertThat(loading.settings().log().masks().hidesField("x-key")).isTrue();
        assertThat(loading.settings().log().slow()).contains(Duration.ofSeconds(1));
    }

    private AccessFormat format(String text) throws IOException {
        return loading.toml("[log]\naccess-format = \"" + text + "\"\n")
                .settings()
                .log()
                .accessFormat();
    }
}
