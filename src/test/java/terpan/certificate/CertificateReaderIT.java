package terpan.certificate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form in which OpenSSL writes keys is read, and what is wrong with files is told in words. */
final class CertificateReaderIT {
    private static final String PHRASE = "correct horse, battery staple äöü";

    @TempDir
    private Path folder;

    private Path phrase;

    @BeforeEach
    void writePhrase() throws IOException {
        phrase = Files.writeString(folder.resolve("phrase"), PHRASE + "\nthe second line is not it\n");
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void openssl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    /** Makes key.pem of a kind, and cert.pem. */
    private void make(String kind) throws Exception {
        switch (kind) {
            case "RSA" ->
                openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem");
            case "ED25519" -> openssl("genpkey", "-algorithm", "ED25519", "-out", "key.pem");
            default ->
                openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + kind, "-out", "key.pem");
        }
        openssl(
                "req",
                "-x509",
                "-key",
                "key.pem",
                "-out",
                "cert.pem",
                "-days",
                "30",
                "-subj",
                "/O=Shop/CN=Shop.Example",
                "-addext",
                "subjectAltName=DNS:Shop.Example,DNS:*.shop.example,IP:192.0.2.1");
    }

    private CertificateReader.Found read(String certificate, String key, boolean withPhrase) {
        return CertificateReader.read(new CertificateFiles(
                file(certificate),
                Optional.of(key).filter(name -> !name.isEmpty()).map(this::file),
                withPhrase ? Optional.of(phrase) : Optional.empty()));
    }

    private static ServerCertificate good(CertificateReader.Found found) {
        assertThat(found).isInstanceOf(CertificateReader.Good.class);
        return ((CertificateReader.Good) found).certificate();
    }

    private static String bad(CertificateReader.Found found) {
        assertThat(found).isInstanceOf(CertificateReader.Bad.class);
        List<Mistake> mistakes = ((CertificateReader.Bad) found).mistakes();
        assertThat(mistakes).hasSize(1);
        return mistakes.getFirst().part() + " " + mistakes.getFirst().what();
    }

    @ParameterizedTest
    @CsvSource({"RSA, RSA", "P-256, EC", "P-384, EC", "P-521, EC", "ED25519, EdDSA"})
    void aCertificateIsReadWithItsKeyBesideOrInIt(String kind, String algorithm) throws Exception {
        make(kind);
        ServerCertificate beside = good(read("cert.pem", "key.pem", false));
        assertThat(beside.key().getAlgorithm()).isEqualTo(algorithm);
        assertThat(beside.names()).containsExactly("shop.example", "*.shop.example");
        Files.writeString(file("both.pem"), Files.readString(file("key.pem")) + Files.readString(file("cert.pem")));
        assertThat(good(read("both.pem", "", false)).chain()).hasSize(1);
        Files.writeString(file("chain.pem"), Files.readString(file("cert.pem")).repeat(2));
        assertThat(good(read("chain.pem", "key.pem", false)).chain()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, rsa -traditional",
        "RSA, rsa -traditional -aes128",
        "RSA, rsa -traditional -aes192",
        "RSA, rsa -traditional -aes256",
        "RSA, rsa -traditional -des3",
        "P-256, ec",
        "P-384, ec -aes256",
        "P-521, ec -des3",
        "RSA, pkcs8 -topk8 -nocrypt",
        "RSA, pkcs8 -topk8 -v2 aes-256-cbc",
        "P-256, pkcs8 -topk8 -v2 aes-128-cbc",
        "P-256, pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512",
        "ED25519, pkcs8 -topk8 -v2 aes-256-cbc",
        "P-256, pkcs8 -topk8 -v1 PBE-SHA1-3DES",
    })
    void everyFormOfAKeyIsRead(String kind, String command) throws Exception {
        make(kind);
        List<String> all = new ArrayList<>(List.of(command.split(" ")));
        boolean encrypted = command.matches(".*(-aes|-des|-v1|-v2).*");
        all.addAll(List.of("-in", "key.pem", "-out", "form.pem"));
        if (command.contains("-v1")) {
            Files.writeString(phrase, "of ASCII alone, as that scheme has it"); // RFC 7292, appendix B.1, by the JDK
        }
        if (encrypted) {
            all.addAll(List.of("-passout", "file:phrase"));
        }
        openssl(all.toArray(String[]::new));
        assertThat(good(read("cert.pem", "form.pem", encrypted)).names()).contains("shop.example");
        if (encrypted) {
            assertThat(bad(read("cert.pem", "form.pem", false)))
                    .startsWith("KEY whose private key is encrypted, expected passphrase-file");
            Files.writeString(phrase, "another phrase");
            assertThat(bad(read("cert.pem", "form.pem", true)))
                    .isEqualTo("KEY whose private key the pass phrase does not open");
        }
    }

    @Test
    void aKeyWithItsCurveInABlockOfItsOwnIsRead() throws Exception {
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "key.pem");
        openssl("req", "-x509", "-key", "key.pem", "-out", "cert.pem", "-days", "30", "-subj", "/CN=only.example");
        assertThat(good(read("cert.pem", "key.pem", false)).names()).containsExactly("only.example");
    }

    @Test
    void aKeyOfAnotherCertificateIsTold() throws Exception {
        make("RSA");
        Files.move(file("cert.pem"), file("other.pem"));
        make("P-256");
        assertThat(bad(read("other.pem", "key.pem", false)))
                .isEqualTo("KEY which does not belong to the certificate in " + file("other.pem"));
        Files.writeString(
                file("wrong-order.pem"), Files.readString(file("other.pem")) + Files.readString(file("cert.pem")));
        assertThat(bad(read("wrong-order.pem", "key.pem", false)))
                .startsWith("CERTIFICATE whose certificate number 2 is the one that the key belongs to");
    }

    @Test
    void everythingThatIsWrongIsToldAtOnce() {
        CertificateReader.Found found = CertificateReader.read(
                new CertificateFiles(file("none"), Optional.of(file("neither")), Optional.of(file("nor this"))));
        assertThat(((CertificateReader.Bad) found).mistakes())
                .extracting(Mistake::part)
                .containsExactly(Mistake.Part.CERTIFICATE, Mistake.Part.KEY, Mistake.Part.PASSPHRASE);
    }

    @Test
    void whatIsNoCertificateOrKeyIsTold() throws Exception {
        make("P-256");
        openssl("x509", "-in", "cert.pem", "-outform", "der", "-out", "cert.der");
        openssl("pkey", "-in", "key.pem", "-outform", "der", "-out", "key.der");
        assertThat(bad(read("cert.der", "key.pem", false))).contains("openssl x509 -inform der");
        assertThat(bad(read("cert.pem", "key.der", false))).contains("openssl pkey -inform der");
        assertThat(bad(read("cert.pem", "", false))).startsWith("CERTIFICATE which holds no private key, expected one");
        assertThat(bad(read("key.pem", "key.pem", false))).startsWith("CERTIFICATE which holds no certificate");
        assertThat(bad(read("cert.pem", "cert.pem", false))).startsWith("KEY which holds no private key");
        Files.writeString(file("phrase"), "\n");
        openssl("pkcs8", "-topk8", "-in", "key.pem", "-out", "encrypted.pem", "-passout", "pass:x");
        assertThat(bad(read("cert.pem", "encrypted.pem", true))).startsWith("PASSPHRASE whose first line is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-----BEGIN", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n", "0"})
    void aBrokenCertificateIsNoCrash(String text) throws Exception {
        make("P-256");
        Files.writeString(file("broken.pem"), text);
        assertThat(bad(read("broken.pem", "key.pem", false))).startsWith("CERTIFICATE ");
    }
}
