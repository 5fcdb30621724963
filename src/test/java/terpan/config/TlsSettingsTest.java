package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.certificate.CertificateFiles;
import terpan.tls.TestCertificates;

/** Which listeners speak TLS, with which certificates, and what a person is told of wrong ones. */
final class TlsSettingsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory);
        Files.copy(TestCertificates.EC, directory.resolve("ec.pem"));
        Files.copy(TestCertificates.RSA, directory.resolve("rsa.pem"));
    }

    private CertificateFiles files(String certificate) {
        return new CertificateFiles(directory.resolve(certificate), Optional.empty(), Optional.empty());
    }

    private Loading secure() {
        return loading.flag(Declarations.BIND, "0.0.0.0:443,tls");
    }

    @ParameterizedTest
    @CsvSource({
        "443|tls, true, false, false",
        "443|tls|proxy-protocol, true, true, false",
        "443|proxy-protocol|tls, true, true, false",
        "443|h2c, false, false, true",
        "443|h2c|proxy-protocol, false, true, true",
        "unix:/run/a|tls, true, false, false",
        "unix:/run/a|tls|mode=0600, true, false, false",
        "unix:/run/a|h2c|mode=0600, false, false, true",
        "unix:/run/a|proxy-protocol|mode=0600, false, true, false",
        "unix:/run/a|mode=0600|tls, true, false, false",
        "unix:/run/x|tls/a, false, false, false",
    })
    void anAddressSaysWhatItsClientsSpeak(String text, boolean tls, boolean proxyProtocol, boolean h2c) {
        Bind bind = Addresses.bind(text.replace('|', ','), Path.of("/"))
                .orTell(bad -> {
                    throw new AssertionError(bad);
                })
                .orElseThrow();
        assertThat(bind.tls()).isEqualTo(tls);
        assertThat(bind.proxyProtocol()).isEqualTo(proxyProtocol);
        assertThat(bind.h2c()).isEqualTo(h2c);
    }

    @Test
    void overTlsThereIsNoH2c() {
        List<String> told = new ArrayList<>();
        Addresses.bind("443,tls,h2c", Path.of("/")).orTell(told::add);
        assertThat(told).singleElement().asString().contains("expected one of tls and h2c");
    }

    @Test
    void oneCertificateIsNamedByFlagsOrInTheFile() throws IOException {
        Settings.Tls byFlag = secure().flag(TlsDeclarations.CERTIFICATE, "ec.pem")
                .flag(TlsDeclarations.KEY, "ec.pem")
                .settings()
                .tls();
        assertThat(byFlag.certificates())
                .containsExactly(new CertificateFiles(
                        directory.resolve("ec.pem"), Optional.of(directory.resolve("ec.pem")), Optional.empty()));
        assertThat(byFlag.handshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        loading.without(TlsDeclarations.CERTIFICATE).without(TlsDeclarations.KEY);
        assertThat(loading.toml("[tls]\ncertificate = \"rsa.pem\"\n")
                        .settings()
                        .tls()
                        .certificates())
                .containsExactly(files("rsa.pem"));
    }

    @Test
    void severalStandInAListWhichAFlagReplaces() throws IOException {
        secure().toml("[tls]\ncertificates = [{certificate = \"ec.pem\"}, {certificate = \"rsa.pem\"}]\n");
        assertThat(loading.settings().tls().certificates()).containsExactly(files("ec.pem"), files("rsa.pem"));
        loading.flag(TlsDeclarations.CERTIFICATE, "rsa.pem");
        assertThat(loading.settings().tls().certificates()).containsExactly(files("rsa.pem"));
    }

    @Test
    void tlsWithoutACertificateAndACertificateWithoutTlsAreTold() throws IOException {
        assertThat(secure().problems())
                .containsExactly(
                        "--bind: bind has 0.0.0.0:443,tls, but there is no certificate,"
                                + " expected tls.certificate and tls.key (--tls-certificate FILE --tls-key FILE),"
                                + " tls.acme.names for certificates from an authority, or --tls-development on your own machine");
        loading.flag(Declarations.BIND, "443");
        assertThat(loading.flag(TlsDeclarations.CERTIFICATE, "ec.pem").problems())
                .singleElement()
                .asString()
                .startsWith("--tls-certificate: there is a certificate, but no listener speaks TLS, expected tls");
        loading.without(TlsDeclarations.CERTIFICATE);
        assertThat(loading.flag(TlsDeclarations.KEY, "ec.pem").problems())
                .containsExactly("--tls-key: tls.key is set, but tls.certificate is not, expected both");
    }

    @Test
    void everyWrongFileIsToldWithItsPlace() throws IOException {
        Files.writeString(directory.resolve("empty.pem"), "");
        secure().toml("""
                [tls]
                certificates = [
                  {certificate = "ec.pem", key = "rsa.pem"},
                  {certificate = "none.pem"},
                  {key = "ec.pem"},
                  {certificate = "ec.pem", key = "empty.pem", phrase = "x"},
                ]
                handshake-timeout = "1h"
                """);
        assertThat(loading.problems())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .startsWith("terpan.toml:3:")
                                .contains("tls.certificates key is " + directory + "/rsa.pem, which does not belong"),
                        line -> assertThat(line)
                                .startsWith("terpan.toml:4:")
                                .endsWith("tls.certificates certificate is " + directory
                                        + "/none.pem, which does not exist"),
                        line -> assertThat(line)
                                .startsWith("terpan.toml:5:")
                                .contains("this table of tls.certificates has no certificate"),
                        line -> assertThat(line)
                                .startsWith("terpan.toml:6:")
                                .contains("key is " + directory + "/empty.pem, which holds no private key"),
                        line -> assertThat(line)
                                .startsWith("terpan.toml:6:")
                                .contains("tls.certificates phrase is no known setting"),
                        line -> assertThat(line)
                                .startsWith("terpan.toml:8:")
                                .contains("tls.handshake-timeout is \"1h\", expected a time from 10ms to 5m"));
    }

    @Test
    void whatIsNoListOfTablesIsTold() throws IOException {
        for (String value : List.of("\"ec.pem\"", "[\"ec.pem\"]", "[]", "{certificate = \"ec.pem\"}")) {
            assertThat(loading.toml("[tls]\ncertificates = " + value + "\n").problems())
                    .as(value)
                    .singleElement()
                    .asString()
                    .contains("expected a list of tables, such as");
        }
        secure().toml("[tls]\ncertificate = \"ec.pem\"\ncertificates = [{certificate = \"rsa.pem\"}]\n");
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .contains("tls.certificate stands beside tls.certificates, expected one of them");
    }

    @Test
    void versionsAndSuitesAreNamedAsOtherServersNameThem() {
        Settings.Tls usual =
                secure().flag(TlsDeclarations.DEVELOPMENT, "true").settings().tls();
        assertThat(usual.versions()).containsExactly("TLSv1.3", "TLSv1.2");
        assertThat(usual.suites()).hasSize(9);
        Settings.Tls named = loading.flag(
                        TlsDeclarations.SUITES, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")
                .flag(TlsDeclarations.MINIMUM, "1.3")
                .settings()
                .tls();
        assertThat(named.versions()).containsExactly("TLSv1.3");
        assertThat(named.suites())
                .containsExactly(
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                        "TLS_AES_128_GCM_SHA256",
                        "TLS_AES_256_GCM_SHA384",
                        "TLS_CHACHA20_POLY1305_SHA256");
        loading.flag(TlsDeclarations.MINIMUM, "1.1")
                .flag(TlsDeclarations.SUITES, "RC4-SHA", "ECDHE-RSA-AES128-GCM-SHA265");
        assertThat(loading.problems())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("tls.minimum-version is \"1.1\", expected 1.2 or 1.3"),
                        line -> assertThat(line).contains("tls.suites is \"RC4-SHA\", expected a suite's name"),
                        line -> assertThat(line).endsWith("did you mean \"ECDHE-RSA-AES128-GCM-SHA256\"?"));
    }

    @Test
    void whatBoringSslCanNotDoIsRefusedWhereItIsAskedForAloneAndKnownOtherwise() {
        secure().flag(TlsDeclarations.DEVELOPMENT, "true");
        assertThat(loading.settings().tls().engine()).isEqualTo(Settings.TlsEngine.AUTO);
        assertThat(loading.settings().tls().notByBoringSsl()).isEmpty();
        loading.flag(TlsDeclarations.SUITES, "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256");
        assertThat(loading.settings().tls().notByBoringSsl())
                .hasValue("BoringSSL does not know TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256");
        loading.flag(TlsDeclarations.ENGINE, "boringssl");
        assertThat(loading.problems())
                .containsExactly("--tls-suite: tls.engine is boringssl, and of tls.suites BoringSSL does not know"
                        + " TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, expected tls.engine = \"jdk\"");
        loading.flag(TlsDeclarations.SUITES, "TLS_AES_256_GCM_SHA384");
        assertThat(loading.problems()).singleElement().asString().contains("always speaks all suites of TLS 1.3");
        loading.flag(TlsDeclarations.ENGINE, "jdk");
        assertThat(loading.settings().tls().engine()).isEqualTo(Settings.TlsEngine.JDK);
    }

    @Test
    void aCertificateForDevelopmentStandsAlone() {
        assertThat(secure().flag(TlsDeclarations.DEVELOPMENT, "true")
                        .flag(TlsDeclarations.CERTIFICATE, "ec.pem")
                        .problems())
                .containsExactly(
                        "--tls-development: tls.development is set beside a certificate, expected one of them");
        loading.without(TlsDeclarations.CERTIFICATE).flag(Declarations.BIND, "443");
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .startsWith("--tls-development: there is a certificate, but no listener speaks TLS");
    }

    @Test
    void requestsAreSentToThePortOfTheFirstListenerWithTls() {
        loading.flag(Declarations.BIND, "80", "8443,tls", "443,tls").flag(TlsDeclarations.DEVELOPMENT, "true");
        assertThat(loading.settings().tls().redirectPort()).isEmpty();
        loading.flag(TlsDeclarations.REDIRECT, "true")
                .flag(TlsDeclarations.HSTS, "max-age=31536000; includeSubDomains");
        assertThat(loading.settings().tls().redirectPort()).hasValue(8443);
        assertThat(loading.settings().tls().hsts()).contains("max-age=31536000; includeSubDomains");
        assertThat(loading.flag(Declarations.BIND, "80", "unix:/run/a,tls")
                        .settings()
                        .tls()
                        .redirectPort())
                .hasValue(443);
        loading.without(TlsDeclarations.DEVELOPMENT)
                .flag(Declarations.BIND, "80")
                .flag(TlsDeclarations.HSTS, "1y");
        assertThat(loading.problems())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .startsWith("--tls-redirect: tls.redirect is set, but no listener speaks TLS"),
                        line -> assertThat(line)
                                .startsWith("--tls-hsts: tls.hsts is \"1y\", expected max-age=SECONDS"));
    }

    @Test
    void clientsAreAskedWhereTheirAuthoritiesAreKnown() throws IOException {
        secure().flag(TlsDeclarations.DEVELOPMENT, "true").flag(TlsDeclarations.AUTHORITIES, "ec.pem");
        assertThat(loading.problems())
                .singleElement()
                .asString()
                .startsWith("--tls-client-authorities: tls.client-authorities is set, but clients are not asked");
        Settings.Tls asked =
                loading.flag(TlsDeclarations.VERIFY, "require").settings().tls();
        assertThat(asked.verify()).isEqualTo(Verify.REQUIRE);
        assertThat(asked.clientAuthorities()).contains(directory.resolve("ec.pem"));
        Files.writeString(directory.resolve("empty.pem"), "");
        assertThat(loading.flag(TlsDeclarations.AUTHORITIES, "empty.pem").problems())
                .containsExactly("--tls-client-authorities: tls.client-authorities is " + directory
                        + "/empty.pem, which holds no certificate, expected PEM with -----BEGIN CERTIFICATE-----");
        assertThat(loading.without(TlsDeclarations.AUTHORITIES).problems())
                .singleElement()
                .asString()
                .startsWith("--tls-verify: tls.verify is set, but tls.client-authorities is not");
    }
}
