package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.tls.TestCertificates;

/** Which certificates are had from an authority, and what a person is told of mistakes. */
final class AcmeSettingsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory).variable("HOME", directory.toString());
    }

    private Loading names(String bind, String... more) throws IOException {
        return loading.toml("""
                bind = [%s]
                [tls.acme]
                names = ["Shop.example", "www.shop.example", "shop.example"]
                agree-to-terms = true
                %s
                """.formatted(bind, String.join("\n", more)));
    }

    private Acme acme(Loading of) {
        return of.settings().tls().acme().orElseThrow();
    }

    @Test
    void namesAloneAreAskedForOfLetsEncrypt() throws IOException {
        Acme acme = acme(names("\"0.0.0.0:443,tls\"", "email = \"ops@shop.example\""));
        assertThat(acme.names()).containsExactly("shop.example", "www.shop.example");
        assertThat(acme.email()).contains("ops@shop.example");
        assertThat(acme.authority()).isEqualTo(URI.create("https://acme-v02.api.letsencrypt.org/directory"));
        assertThat(acme.directory()).isEqualTo(directory.resolve(".local/state/terpan/acme"));
        assertThat(acme.folder().getFileName()).hasToString("acme-v02.api.letsencrypt.org-directory");
        assertThat(acme.trust()).isEmpty();
        assertThat(loading.settings().tls().isSpoken()).isTrue();
        assertThat(loading.settings().tls().certificates()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'\"0.0.0.0:443,tls\"', '', TLS_ALPN_01",
        "'\"0.0.0.0:443,tls\", \"0.0.0.0:80\"', '', HTTP_01",
        "'\"0.0.0.0:443,tls\", \"0.0.0.0:8000\"', '', TLS_ALPN_01",
        "'\"0.0.0.0:443,tls\", \"0.0.0.0:8000\"', http-01, HTTP_01",
        "'\"0.0.0.0:443,tls\", \"0.0.0.0:80\"', tls-alpn-01, TLS_ALPN_01",
    })
    void howNamesAreProvedFollowsFromTheListeners(String bind, String said, Acme.Challenge taken) throws IOException {
        String line = said.isEmpty() ? "" : "challenge = \"" + said + "\"";
        assertThat(acme(names(bind, line)).challenge()).isEqualTo(taken);
    }

    @Test
    void stagingAndOtherAuthoritiesHaveFoldersOfTheirOwn() throws IOException {
        Acme staging = acme(names("\"443,tls\"", "staging = true"));
        assertThat(staging.authority()).hasToString("https://acme-staging-v02.api.letsencrypt.org/directory");
        Files.copy(TestCertificates.EC, directory.resolve("root.pem"));
        Files.writeString(directory.resolve("mac"), "abc-DEF_9\n");
        Acme own = acme(names(
                "\"443,tls\"",
                "directory-url = \"https://ca.corp:8443/acme/dir?x=1\"",
                "trust = \"root.pem\"",
                "directory = \"kept\"",
                "external-account = \"kid\"",
                "external-key-file = \"mac\""));
        assertThat(own.trust()).contains(directory.resolve("root.pem"));
        assertThat(own.folder()).isEqualTo(directory.resolve("kept/ca.corp-8443-acme-dir"));
        assertThat(own.external()).contains(new Acme.External("kid", directory.resolve("mac")));
    }

    @Test
    void theServicesDirectoryCountsBeforeTheUsers() throws IOException {
        Loading ofService = names("\"443,tls\"")
                .variable("STATE_DIRECTORY", directory.resolve("state").toString());
        assertThat(acme(ofService).directory()).isEqualTo(directory.resolve("state/acme"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*.shop.example | tls.acme.names is \"*.shop.example\", which an authority gives for a proof by DNS",
                "192.0.2.7 | which is an address, expected a host's name in ASCII",
                "2001:db8::1 | which is an address",
                "shöp.example | expected a host's name in ASCII",
                "localhost | expected a host's name",
                "a..b | expected a host's name",
                "-a.example | expected a host's name",
            })
    void aNameThatCanNotBeAskedForIsTold(String name, String told) throws IOException {
        loading.toml("bind = [\"443,tls\"]\n[tls.acme]\nagree-to-terms = true\nnames = [\"" + name + "\"]\n");
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .startsWith("terpan.toml:4:")
                .contains(told);
    }

    @Test
    void whatDoesNotGoTogetherIsToldAllAtOnce() throws IOException {
        Files.writeString(directory.resolve("file"), "");
        loading.toml("""
                bind = ["443,tls"]
                [tls]
                verify = "off"
                [tls.acme]
                names = ["shop.example"]
                staging = true
                directory-url = "https://ca.corp/"
                challenge = "http-01"
                directory = "file/kept"
                trust = "none.pem"
                external-account = "kid"
                """);
        assertThat(loading.problems())
                .extracting(String::valueOf)
                .anySatisfy(told -> assertThat(told).contains("tls.acme.agree-to-terms is not, expected true"))
                .anySatisfy(told -> assertThat(told).contains("tls.acme.staging is set beside tls.acme.directory-url"))
                .anySatisfy(told -> assertThat(told).contains("no listener speaks plain HTTP"))
                .anySatisfy(
                        told -> assertThat(told).contains("file/kept, where nothing can be kept", "is no directory"))
                .anySatisfy(told -> assertThat(told).contains("none.pem, which does not exist"))
                .anySatisfy(told -> assertThat(told).contains("belong together, expected both"))
                .hasSize(6);
    }

    @Test
    void settingsWithoutNamesOrTlsWithoutAListenerSayNothing() throws IOException {
        loading.toml("[tls.acme]\nemail = \"a@b\"\n");
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .contains("tls.acme.email is set, but tls.acme.names is not");
        loading.toml("bind = [\"80\"]\n[tls.acme]\nagree-to-terms = true\nnames = [\"a.example\"]\n");
        assertThat(loading.problems()).singleElement().asString().contains("no listener speaks TLS");
    }

    @Test
    void anAuthorityShowsNoCertificateWhereAllHaveToShowOne() throws IOException {
        Files.copy(TestCertificates.EC, directory.resolve("ec.pem"));
        String verify =
                "[tls]\nverify = \"require\"\nclient-authorities = \"ec.pem\"\n[tls.acme]\nagree-to-terms = true\nnames = [\"a.example\"]\n";
        loading.toml("bind = [\"443,tls\"]\n" + verify);
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .contains("an authority that comes for tls-alpn-01 shows no certificate");
        loading.toml("bind = [\"443,tls\", \"8000\"]\n" + verify);
        assertThat(acme(loading).challenge()).isEqualTo(Acme.Challenge.HTTP_01);
    }
}
