package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceSettingsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void load() throws IOException {
        loading = new Loading(directory);
    }

    private Path fields(String text, String mode) throws IOException {
        Path file = Files.writeString(directory.resolve("fields"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void nothingIsToldUnlessOneSaysWhere() throws IOException {
        assertThat(loading.settings().traces()).isEqualTo(TraceSettings.NONE);
        loading.toml(
                "[traces]\nendpoint = \"https://collector.example:4318/otlp\"\nshare = \"0.5%\"\nservice-name = \"shop front\"\n");
        TraceSettings traces = loading.settings().traces();
        assertThat(traces.collector()).contains(URI.create("https://collector.example:4318/otlp"));
        assertThat(traces.share()).isEqualTo(500);
        assertThat(traces.serviceName()).isEqualTo("shop front");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:4318",
                "grpc://127.0.0.1:4317",
                "http://",
                "http:///v1",
                "http://user:secret@collector",
                "http://collector?x=1",
                "http://collector#x",
                "http://collector:99999",
                "http://collector:0",
                "http://a b"
            })
    void anEndpointIsAnAddressOfHttp(String endpoint) throws IOException {
        assertThat(loading.toml("[traces]\nendpoint = \"" + endpoint + "\"\n").problems())
                .singleElement()
                .asString()
                .startsWith("terpan.toml:2:1: traces.endpoint is ")
                .contains("expected an address such as http://127.0.0.1:4318");
    }

    @ParameterizedTest
    @CsvSource({"0%, 0", "100%, 100000", "100.000%, 100000", "10%, 10000", "0.001%, 1"})
    void aShareIsOfAll(String share, int expected) throws IOException {
        assertThat(loading.toml("[traces]\nshare = \"" + share + "\"\n")
                        .settings()
                        .traces()
                        .share())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"101%", "100.001%", "10", "-1%", "on", "1.2345%", "%"})
    void aShareThatIsNoneIsExplained(String share) throws IOException {
        assertThat(loading.toml("[traces]\nshare = \"" + share + "\"\n").problems())
                .singleElement()
                .asString()
                .contains("traces.share is", "expected a share from 0% to 100%");
    }

    @Test
    void fieldsStandInAFileThatOnlyItsOwnerReads() throws IOException {
        Path file = fields("Authorization: Bearer a b\n\n  x-team:7 \n", "rw-------");
        assertThat(TraceFields.read(file).fields())
                .containsExactly(
                        new TraceFields.Field("Authorization", "Bearer a b"), new TraceFields.Field("x-team", "7"));
        assertThat(loading.toml("[traces]\nfields-file = \"fields\"\n")
                        .settings()
                        .traces()
                        .fieldsFile())
                .contains(file);
        assertThat(TraceFields.read(file).toString()).doesNotContain("Bearer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Authorization: secret|rw-r--r--|expected mode 0600",
                "Authorization secret|rw-------|whose line 1 is no field",
                "a: b\\nHost: secret|rw-------|whose line 2 is no field",
                "a:|rw-------|whose line 1 is no field",
                "Content-Length: 1|rw-------|whose line 1 is no field"
            })
    void aFileThatCanNotBeUsedIsExplainedWithoutItsSecrets(String text, String mode, String problem)
            throws IOException {
        fields(text.replace("\\n", "\n"), mode);
        assertThat(loading.toml("[traces]\nfields-file = \"fields\"\n").problems())
                .singleElement()
                .asString()
                .contains("traces.fields-file is", problem)
                .doesNotContain("secret");
    }

    @Test
    void aFileThatIsNotThereOrTooLargeIsExplained() throws IOException {
        loading.toml("[traces]\nfields-file = \"fields\"\n");
        assertThat(loading.problems()).singleElement().asString().contains("which can not be read");
        fields("a: b\n".repeat(20_000), "rw-------");
        assertThat(loading.problems()).singleElement().asString().contains("larger than 64 KiB");
        fields("a: b\n".repeat(33), "rw-------");
        assertThat(loading.problems()).singleElement().asString().contains("more than 32 fields");
    }
}
