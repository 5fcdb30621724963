package terpan.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.loop.BufferPool;
import terpan.loop.PretendLoop;
import terpan.metrics.Metrics;

/** BoringSSL's engine without sockets, with BoringSSL's own client before it: what is freed when, tickets, who computes where. */
final class BoringEngineTest {
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    private static final CertificateTable EC =
            new CertificateTable(List.of(TestCertificates.read(TestCertificates.EC)));
    private static final CertificateTable RSA =
            new CertificateTable(List.of(TestCertificates.read(TestCertificates.RSA)));
    private static final CertificateTable BOTH = new CertificateTable(
            List.of(TestCertificates.read(TestCertificates.RSA), TestCertificates.read(TestCertificates.EC)));

    private static final Duration TURN = Duration.ofMillis(500);

    private final PretendLoop loop = new PretendLoop();
    private final LoopTls first = loopTls();
    private final LoopTls second = loopTls();
    private BoringEngines engines = engines(EC, rules(List.of(), false));

    private LoopTls loopTls() {
        ServerTls none = new ServerTls(
                List.of(TestCertificates.read(TestCertificates.EC)),
                new TlsRules(TlsLibrary.JDK, List.of("TLSv1.3"), SUITES, List.of(), false, false),
                Duration.ofSeconds(1),
                Runnable::run);
        return new LoopTls(loop, new BufferPool(), new Metrics(1).loop(0), none);
    }

    private static TlsRules rules(List<java.security.cert.X509Certificate> authorities, boolean required) {
        return new TlsRules(TlsLibrary.BORINGSSL, List.of("TLSv1.3", "TLSv1.2"), SUITES, authorities, required, false);
    }

    private BoringEngines engines(CertificateTable table, TlsRules rules) {
        return new BoringEngines(
                table, rules, List.of("h2", "http/1.1"), new TicketKeys(new SecureRandom(), TURN, loop.now()));
    }

    private EngineEnd end(LoopTls on) {
        TlsEngine engine = engines.engine(on);
        assertThat(engine).isNotNull();
        return new EngineEnd(java.util.Objects.requireNonNull(engine));
    }

    private EngineEnd end() {
        return end(first);
    }

    @AfterEach
    void isOver() {
        engines.close();
    }

    private void exchanged(NativePeer.Kind kind, LoopTls on, boolean resumed) throws SSLException {
        try (NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end(on);
            end.exchange(peer);
            assertThat(peer.isOpen()).isTrue();
            assertThat(end.isOpen()).isTrue();
            peer.says("ping");
            end.exchange(peer);
            assertThat(end.text()).isEqualTo("ping");
            peer.receives(end.says("pong"));
            assertThat(peer.text()).isEqualTo("pong");
            assertThat(peer.resumed()).isEqualTo(resumed);
            end.engine.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sessionsAreResumedOnAnyLoopAndTheirKeysTurn(boolean newest) throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(newest)) {
            exchanged(kind, first, false);
            exchanged(kind, second, true);
            engines.change(RSA);
            exchanged(kind, first, true);
            engines.change(new TlsRules(
                    TlsLibrary.BORINGSSL,
                    List.of("TLSv1.3", "TLSv1.2"),
                    SUITES.subList(0, 4),
                    List.of(),
                    false,
                    false));
            exchanged(kind, second, true);
        }
        for (int turns = 1; turns <= 3; turns++) {
            try (NativePeer.Kind kind = new NativePeer.Kind(newest)) {
                engines.change(EC);
                exchanged(kind, first, false);
                for (int turn = 0; turn < turns; turn++) {
                    loop.pass(TURN.toMillis());
                    end().engine.close(); // it turns the keys
                }
                exchanged(kind, second, turns < 3);
            }
        }
    }

    @Test
    void sessionsAreNotResumedWhereClientsHaveToShowAnother() throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true)) {
            exchanged(kind, first, false);
            engines.change(
                    rules(List.of(TestCertificates.read(TestCertificates.RSA).own()), false));
            exchanged(kind, first, false);
            exchanged(kind, first, true);
            engines.change(
                    rules(List.of(TestCertificates.read(TestCertificates.RSA).own()), true));
            try (NativePeer peer = new NativePeer(kind, "localhost")) {
                EngineEnd end = end();
                assertThatThrownBy(() -> {
                            end.exchange(peer);
                            end.exchange(peer);
                        })
                        .isInstanceOf(SSLException.class);
                peer.receives(end.sends());
                assertThat(peer.failed()).isTrue();
                end.engine.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"h2, http/1.1, h2", "http/1.1, h2, h2", "http/1.1, spdy, http/1.1"})
    void theServersFirstProtocolThatIsOfferedIsAgreedOn(String one, String other, String agreed) throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true, one, other);
                NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end();
            end.exchange(peer);
            assertThat(peer.protocol()).isEqualTo(agreed);
            assertThat(end.engine.protocol()).isEqualTo(agreed);
            end.engine.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoOffersNoneOfOursIsRefusedBeforeAnythingElseIsSaid(boolean newest) throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(newest, "spdy");
                NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end();
            assertThatThrownBy(() -> end.receives(peer.sends())).isInstanceOf(SSLException.class);
            assertThat(end.sends()).containsExactly(21, 3, 3, 0, 2, 2, 120);
            end.engine.close();
        }
    }

    @Test
    void aKeyThatTakesLongIsComputedWithApartFromTheLoop() throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true)) {
            for (CertificateTable table : List.of(EC, RSA, BOTH)) {
                engines.change(table);
                kind.forget();
                try (NativePeer peer = new NativePeer(kind, "localhost")) {
                    TlsEngine engine = end().engine;
                    ByteBuffer in = ByteBuffer.wrap(peer.sends());
                    engine.unwrap(in, ByteBuffer.allocate(Records.MOST));
                    assertThat(engine.next()).isEqualTo(table == EC ? TlsEngine.Next.OUTPUT : TlsEngine.Next.TASK);
                    engine.close();
                }
            }
        }
    }

    @Test
    void aKeyThatBelongsToAnotherCertificateIsRefusedAndTold() {
        var ec = TestCertificates.read(TestCertificates.EC);
        var rsa = TestCertificates.read(TestCertificates.RSA);
        assertThat(BoringSsl.refuses(List.of(ec, rsa))).isEmpty();
        assertThat(BoringSsl.refuses(
                        List.of(ec, new terpan.certificate.ServerCertificate(ec.files(), ec.chain(), rsa.key()))))
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith("BoringSSL does not take the certificate localhost: ")
                        .contains("KEY_TYPE_MISMATCH"));
    }

    /** Those that settings know as not BoringSSL's, and one that is: so the list is checked. */
    @ParameterizedTest
    @CsvSource({
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, false",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, false",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, true",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, true",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, true",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, true",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, true",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, true",
    })
    void oldSuitesAreThereBesideThoseThatBoringSslDoesNotKnow(String suite, boolean known) {
        TlsRules rules =
                new TlsRules(TlsLibrary.BORINGSSL, List.of("TLSv1.2"), List.of(suite), List.of(), false, false);
        if (known) {
            engines.change(rules);
        } else {
            assertThatThrownBy(() -> engines.change(rules)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** Stops a handshake after so many steps of both ends, wherever that is. */
    private void stopsAfter(int steps, NativePeer.Kind kind) throws SSLException {
        try (NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end();
            for (int step = 0; step < steps; step++) {
                switch (step % 4) {
                    case 0 -> end.receives(peer.sends());
                    case 1 -> peer.receives(end.sends());
                    case 2 -> end.receives(peer.sends());
                    default -> {
                        if (peer.isOpen()) {
                            peer.says("ping");
                        }
                    }
                }
            }
            end.engine.close();
            end.engine.close();
            assertThatThrownBy(() -> end.engine.next()).hasMessage("the connection is freed");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itMayBeFreedInEveryStateOnceAndIsNotUsedAnyMore(boolean newest) throws Exception {
        for (CertificateTable table : List.of(EC, RSA)) {
            engines.change(table);
            for (boolean asked : List.of(false, true)) {
                engines.change(rules(
                        asked
                                ? List.of(TestCertificates.read(TestCertificates.RSA)
                                        .own())
                                : List.of(),
                        false));
                try (NativePeer.Kind kind = new NativePeer.Kind(newest, "h2")) {
                    for (int steps = 0; steps < 12; steps++) {
                        stopsAfter(steps, kind);
                    }
                }
            }
        }
    }

    @Test
    void aConnectionGoesOnWhoseRulesAndCertificatesAreReplacedUnderIt() throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true)) {
            for (int steps = 0; steps < 4; steps++) {
                kind.forget();
                try (NativePeer peer = new NativePeer(kind, "localhost")) {
                    EngineEnd end = end();
                    for (int step = 0; step < steps; step++) {
                        if (step % 2 == 0) {
                            end.receives(peer.sends());
                        } else {
                            peer.receives(end.sends());
                        }
                    }
                    engines.change(rules(List.of(), false));
                    engines.change(EC);
                    end.exchange(peer);
                    peer.says("ping");
                    end.exchange(peer);
                    assertThat(end.text()).isEqualTo("ping");
                    end.engine.close();
                }
            }
        }
    }

    @Test
    void whatIsClosedMakesNoneAndThoseThatAreThereGoOn() throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true);
                NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end();
            BoringEngines before = engines;
            before.close();
            engines = engines(EC, rules(List.of(), false));
            assertThat(before.engine(first)).isNull();
            end.exchange(peer);
            peer.says("ping");
            end.exchange(peer);
            assertThat(end.text()).isEqualTo("ping");
            end.engine.close();
            assertThat(before.engine(first)).isNull();
        }
    }

    @Test
    void whatIsCountedIsFreedOnceByTheLast() {
        int[] freed = new int[1];
        Counted counted = new Counted() {
            @Override
            void free() {
                freed[0]++;
            }
        };
        assertThat(counted.take()).isTrue();
        counted.giveBack();
        assertThat(freed[0]).isZero();
        counted.giveBack();
        assertThat(freed[0]).isOne();
        assertThat(counted.take()).isFalse();
        assertThatThrownBy(counted::giveBack).isInstanceOf(IllegalStateException.class);
        assertThat(freed[0]).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFlightThatIsLongerThanWhatMayWaitComesInParts(boolean newest) throws Exception {
        var ec = TestCertificates.read(TestCertificates.EC);
        // A chain as long as nobody has one: it is shown as it is, whether or not it is one.
        List<java.security.cert.X509Certificate> chain = new java.util.ArrayList<>(List.of(ec.own()));
        chain.addAll(java.util.Collections.nCopies(
                60, TestCertificates.read(TestCertificates.RSA).own()));
        engines.change(new CertificateTable(
                List.of(new terpan.certificate.ServerCertificate(ec.files(), List.copyOf(chain), ec.key()))));
        try (NativePeer.Kind kind = new NativePeer.Kind(newest)) {
            exchanged(kind, first, false);
        }
    }

    @Test
    void manyBytesPassBothWays() throws Exception {
        try (NativePeer.Kind kind = new NativePeer.Kind(true);
                NativePeer peer = new NativePeer(kind, "localhost")) {
            EngineEnd end = end();
            end.exchange(peer);
            byte[] large = new byte[100_000];
            Arrays.fill(large, (byte) 'x');
            String text = new String(large, java.nio.charset.StandardCharsets.ISO_8859_1);
            peer.receives(end.says(text));
            assertThat(peer.text()).isEqualTo(text);
            for (int i = 0; i < 10; i++) {
                peer.says(text.substring(0, 10_000));
                end.exchange(peer);
            }
            assertThat(end.text()).isEqualTo(text);
            peer.closes();
            end.exchange(peer);
            assertThat(end.ended()).isTrue();
            end.engine.closeOutput();
            peer.receives(end.sends());
            assertThat(peer.ended()).isTrue();
            assertThat(end.engine.outputClosed()).isTrue();
            end.engine.close();
        }
    }
}
