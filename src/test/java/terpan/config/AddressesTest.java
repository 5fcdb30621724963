package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressesTest {
    private static final Path BASE = Path.of("/srv/shop");

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8000,127.0.0.1,8000",
        "localhost:80,localhost,80",
        ":8000,0.0.0.0,8000",
        "8000,127.0.0.1,8000",
        "[::1]:8000,::1,8000",
        "[::]:0,::,0",
        "example.org:65535,example.org,65535"
    })
    void tcpAddressesAreRead(String text, String host, int port) {
        assertThat(Addresses.bind(text, BASE))
                .isEqualTo(Parsed.good(new Bind(
                        new Address.Tcp(host, port), Optional.empty(), Optional.empty(), false, false, false)));
    }

    @Test
    void aUnixPathCountsFromTheDirectoryItWasWrittenFor() {
        assertThat(Addresses.bind("unix:run/shop.sock", BASE))
                .isEqualTo(Parsed.good(new Bind(
                        new Address.Unix(Path.of("/srv/shop/run/shop.sock")),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        false,
                        false)));
    }

    @Test
    void aUnixSocketTakesModeAndGroup() {
        assertThat(Addresses.bind("unix:/run/shop.sock,mode=0660,group=www-data", BASE))
                .isEqualTo(Parsed.good(new Bind(
                        new Address.Unix(Path.of("/run/shop.sock")),
                        Optional.of(0660),
                        Optional.of("www-data"),
                        false,
                        false,
                        false)));
    }

    @Test
    void aPathMayHoldACommaBeforeASlash() {
        assertThat(Addresses.bind("unix:/run/a,b/shop.sock", BASE))
                .isEqualTo(Parsed.good(new Bind(
                        new Address.Unix(Path.of("/run/a,b/shop.sock")),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        false,
                        false)));
    }

    @Test
    void aPathOf107BytesIsTheLongest() {
        String longest = "/" + "x".repeat(106);
        assertThat(Addresses.bind("unix:" + longest, BASE)).isInstanceOf(Parsed.Good.class);
        assertThat(message(Addresses.bind("unix:" + longest + "x", BASE)))
                .contains("has 108 bytes, expected at most 107")
                .contains("shorter directory");
    }

    @Test
    void bytesOfAPathCountNotItsLetters() {
        assertThat(message(Addresses.bind("unix:/" + "\u00e4".repeat(60), BASE)))
                .contains("has 121 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "::1:8000|stands in brackets",
                "localhost|expected HOST:PORT",
                "localhost:http|expected HOST:PORT",
                "127.0.0.1:65536|expected 0 to 65,535",
                "/run/shop.sock|did you mean \"unix:/run/shop.sock\"?",
                "unix:|the path is missing",
                "[::g]:80|no IPv6 address",
                "ho st:80|no host name",
                "127.0.0.1:80,mode=0660|for Unix sockets only",
                "unix:/a,mode=0999|expected mode=OCTAL",
                "unix:/a,owner=me|expected mode=OCTAL",
                "unix:/a,group|expected mode=OCTAL"
            })
    void aBadBindSaysWhatWasExpected(String text, String expected) {
        assertThat(message(Addresses.bind(text, BASE))).contains(expected);
    }

    @Test
    void anAttachedWorkerHasTheCapacityOneTheWeightOneAndTheGroupAttachedIfNotSaid() {
        assertThat(Addresses.attach("unix:/run/a.sock", BASE))
                .isEqualTo(Parsed.good(new Attach(new Address.Unix(Path.of("/run/a.sock")), 1, 1, "attached")));
        assertThat(Addresses.attach("app:9000,capacity=16", BASE))
                .isEqualTo(Parsed.good(new Attach(new Address.Tcp("app", 9000), 16, 1, "attached")));
        assertThat(Addresses.attach("app:9000,group=old,weight=3,capacity=2", BASE))
                .isEqualTo(Parsed.good(new Attach(new Address.Tcp("app", 9000), 2, 3, "old")));
        assertThat(Addresses.attach(":9000", BASE))
                .isEqualTo(Parsed.good(new Attach(new Address.Tcp("127.0.0.1", 9000), 1, 1, "attached")));
    }

    @Test
    void anAttachedWorkerMayHaveACheck() {
        assertThat(Addresses.attach("app:9000,check-path=/healthz?full=1,capacity=2", BASE))
                .isEqualTo(Parsed.good(checked("/healthz?full=1", Duration.ofSeconds(5))));
        assertThat(Addresses.attach("app:9000,capacity=2,check-every=500ms,check-path=/", BASE))
                .isEqualTo(Parsed.good(checked("/", Duration.ofMillis(500))));
    }

    private static Attach checked(String path, Duration every) {
        return new Attach(new Address.Tcp("app", 9000), 2, 1, "attached", Optional.of(new Attach.Check(path, every)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unix:/a,check-path=healthz",
                "unix:/a,check-path=/a b",
                "unix:/a,check-path=/a\r\nX: y",
                "unix:/a,check-path=/,check-every=10ms",
                "unix:/a,check-path=/,check-every=5",
                "unix:/a,check-every=5s",
                "unix:/a,capacity=0",
                "unix:/a,capacity=65536",
                "unix:/a,capacity=many",
                "unix:/a,weight=0",
                "unix:/a,weight=101",
                "unix:/a,group=no/name",
                "unix:/a,group=",
                "unix:/a,mode=0660",
                "127.0.0.1:0",
                "nowhere"
            })
    void aBadAttachIsRefused(String text) {
        assertThat(Addresses.attach(text, BASE)).isInstanceOf(Parsed.Bad.class);
    }

    private static String message(Parsed<?> parsed) {
        assertThat(parsed).isInstanceOf(Parsed.Bad.class);
        return ((Parsed.Bad<?>) parsed).message();
    }
}
