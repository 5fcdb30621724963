package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.edge.http1.ClientConnection;
import terpan.loop.PretendWire;

/** What one address, and all clients together, may take: connections, requests, memory. */
class BoundsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 8000);

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.worker(4);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
        assertThat(bench.bounds.addresses()).as("addresses counted").isZero();
    }

    private PretendWire from(String address) {
        return bench.client(new InetSocketAddress(address, 40_000), LOCAL);
    }

    @Test
    void oneConnectionTooManyOfAnAddressIsTurnedAwayAndVeryManyAreCut() {
        limits.connectionsPerAddress = 2;
        bench();
        PretendWire first = from("192.0.2.7");
        from("192.0.2.7");
        PretendWire third = from("192.0.2.7");
        assertThat(bench.got(third)).startsWith("HTTP/1.1 429 ").contains("\r\nConnection: close\r\n");
        from("192.0.2.7");
        assertThat(from("192.0.2.7").wasReset()).isTrue();

        PretendWire other = from("192.0.2.8");
        bench.send(other, GET);
        bench.serve(OK);
        assertThat(bench.got(other)).endsWith("ok");

        bench.pass(Duration.ofSeconds(3));
        first.peerResets();
        bench.loop.settle();
        PretendWire next = from("192.0.2.7");
        bench.send(next, GET);
        bench.serve(OK);
        assertThat(bench.got(next)).endsWith("ok");
    }

    @Test
    void anIpv6NetworkOfSixtyFourBitsCountsAsOneAddressAndATrustedProxyAsNone() {
        limits.connectionsPerAddress = 1;
        limits.trustedProxies = List.of("192.0.2.9");
        bench();
        from("2001:db8:1:2::1");
        assertThat(bench.got(from("2001:db8:1:2:ffff::9"))).startsWith("HTTP/1.1 429 ");
        assertThat(bench.got(from("2001:db8:1:3::1"))).isEmpty();
        from("192.0.2.9");
        assertThat(bench.got(from("192.0.2.9"))).isEmpty();
    }

    @Test
    void anAddressThatAsksTooOftenIsToldWhenToComeAgainOnTheSameConnection() {
        limits.requestRate = 2;
        limits.requestBurst = 3;
        bench();
        PretendWire client = from("192.0.2.7");
        bench.send(client, GET.repeat(4));
        bench.serve(OK);
        assertThat(bench.got(client))
                .contains("HTTP/1.1 200 OK")
                .contains("HTTP/1.1 429 Too Many Requests", "\r\nRetry-After: 1\r\n")
                .doesNotContain("Connection: close");
        assertThat(bench.served).hasSize(3);

        PretendWire other = from("192.0.2.8");
        bench.send(other, GET);
        bench.serve(OK);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200 ");

        bench.pass(Duration.ofMillis(600));
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void behindATrustedProxyTheRateIsThatOfTheAddressItNames() {
        limits.requestRate = 1;
        limits.requestBurst = 1;
        limits.trustedProxies = List.of("192.0.2.7");
        bench();
        PretendWire proxy = from("192.0.2.7");
        String one = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n";
        bench.send(proxy, one + one.replace("100.1", "100.2") + one);
        bench.serve(OK);
        assertThat(bench.served).hasSize(2);
        assertThat(bench.got(proxy)).containsOnlyOnce("HTTP/1.1 429 ");
    }

    @Test
    void aRequestWithABodyThatIsRefusedForItsRateEndsTheConnection() {
        limits.requestRate = 1;
        limits.requestBurst = 1;
        bench();
        PretendWire client = from("192.0.2.7");
        String post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        bench.send(client, post + post);
        bench.serve(OK);
        assertThat(bench.got(client)).contains("HTTP/1.1 429 ", "\r\nConnection: close\r\n");
    }

    @Test
    void fullBuffersRefuseNewRequestsPauseBodiesAndLetAllGoOnAfterwards() {
        limits.memory = 70_000;
        bench();
        bench.worker(4);
        PretendWire hog = from("192.0.2.7");
        hog.peerTakes(0);
        bench.send(hog, GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 160000\r\n\r\n" + EdgeBench.bytes(160_000));
        String body = EdgeBench.bytes(300_000);
        PretendWire sender = from("192.0.2.8");
        bench.send(sender, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
        PretendWire[] idlers = new PretendWire[8];
        for (int i = 0; i < idlers.length; i++) {
            idlers[i] = from("192.0.2.9");
            bench.send(idlers[i], "GET / HTTP/1.1\r\n");
        }
        assertThat(bench.bounds.memory().held()).isGreaterThanOrEqualTo(limits.memory);

        PretendWire late = from("192.0.2.10");
        bench.send(late, GET);
        assertThat(bench.got(late))
                .startsWith("HTTP/1.1 503 ")
                .contains("\r\nRetry-After: 1\r\n")
                .doesNotContain("Connection: close");
        bench.send(sender, body);
        assertThat(sender.isReading()).isFalse();

        for (PretendWire idler : idlers) {
            idler.peerResets();
        }
        hog.peerTakes(Integer.MAX_VALUE);
        bench.pass(Duration.ofMillis(100));
        bench.serve(OK);
        assertThat(bench.served.getLast()).endsWith(body);
        assertThat(bench.got(sender)).startsWith("HTTP/1.1 200 ");
        assertThat(bench.got(hog)).hasSizeGreaterThan(160_000);
    }

    @Test
    void whereMemoryIsTightManyFirstBytesAtOnceHoldLittle() {
        limits.memory = 400_000;
        bench();
        int count = 200;
        for (int i = 0; i < count; i++) {
            bench.send(from("192.0.2.7"), "G");
        }
        // A quarter of it in whole buffers, and a small one for each that came then.
        assertThat(bench.bounds.memory().held()).isLessThan(limits.memory / 4 + 20_000 + count * 1_024L);
        bench.pass(Duration.ofSeconds(2));
        PretendWire other = from("192.0.2.8");
        bench.send(other, GET);
        bench.serve(OK);
        assertThat(bench.got(other)).endsWith("ok");
    }

    @Test
    void aHeadThatGrowsWhereThereIsNoMemoryIsRefused() {
        limits.memory = 40_000;
        bench();
        PretendWire[] growing = new PretendWire[10];
        for (int i = 0; i < growing.length; i++) {
            growing[i] = from("192.0.2.7");
            String field = ": " + EdgeBench.bytes(7_000) + "\r\n";
            bench.send(growing[i], "GET / HTTP/1.1\r\nHost: h\r\nA" + field + "B" + field);
        }
        assertThat(growing)
                .anySatisfy(client -> assertThat(bench.got(client))
                        .startsWith("HTTP/1.1 503 ")
                        .contains("no memory to spare for a long head"));
        assertThat(bench.bounds.memory().held()).isLessThan(limits.memory + 20_000);
    }

    @Test
    void anAnswerThatNobodyTakesIsCutWhereOthersNeedTheMemory() {
        limits.memory = 100_000;
        limits.spoolMemory = 64 * 1024;
        bench();
        bench.worker(4);
        PretendWire[] hogs = new PretendWire[6];
        for (int i = 0; i < hogs.length; i++) {
            hogs[i] = from("192.0.2.7");
            hogs[i].peerTakes(0);
            bench.send(hogs[i], GET);
            bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 15000\r\n\r\n" + EdgeBench.bytes(15_000));
            bench.pass(Duration.ofMillis(10));
        }
        assertThat(bench.bounds.memory().scarce()).isTrue();
        bench.pass(Duration.ofMillis(800));
        assertThat(hogs).as("not within a second").noneMatch(PretendWire::wasReset);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.bounds.memory().scarce()).isFalse();
        assertThat(hogs[0].wasReset()).as("the one that waits longest").isTrue();
        assertThat(hogs).as("no more than have to").anyMatch(hog -> !hog.wasReset());
    }

    @Test
    void aHeadThatComesSlowlyHoldsLittleMemory() {
        bench();
        PretendWire client = from("192.0.2.7");
        bench.send(client, "GET /slow HTTP/1.1\r\nHost: h\r\nA: ");
        for (int i = 0; i < 20; i++) {
            bench.pass(Duration.ofMillis(500));
            bench.send(client, "b");
        }
        assertThat(bench.bounds.memory().held()).isLessThan(2_500);
        bench.send(client, "\r\nB: " + EdgeBench.bytes(5_000) + "\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.served.getFirst()).contains("A: " + "b".repeat(20) + "\r\n");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aSmallBodyThatComesSlowlyHoldsItsOwnLengthOnly() {
        bench();
        PretendWire client = from("192.0.2.7");
        bench.send(client, "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n" + EdgeBench.bytes(1_000));
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.bounds.memory().held()).isLessThan(4_000);
        bench.send(client, EdgeBench.bytes(2_000) + GET);
        bench.serve(OK);
        assertThat(bench.served.getFirst()).endsWith(EdgeBench.bytes(1_000) + EdgeBench.bytes(2_000));
        assertThat(bench.served).hasSize(2);
    }

    @Test
    void whenThereAreAsManyConnectionsAsAllowedTheLongestIdleOnesMakeRoom() {
        limits.connections = 3;
        bench();
        ConnectionAdmission admission = new ConnectionAdmission(
                List.of(bench.edge), bench.bounds, false, Optional.empty(), ClientConnection::new);
        PretendWire oldest = from("192.0.2.1");
        bench.send(oldest, GET);
        bench.serve(OK);
        bench.pass(Duration.ofSeconds(2));
        PretendWire atWork = from("192.0.2.2");
        bench.send(atWork, GET);
        PretendWire young = from("192.0.2.3");
        bench.pass(Duration.ofMillis(500));
        assertThat(admission.mayAccept()).isFalse();
        bench.loop.settle();
        assertThat(oldest.isOpen()).isFalse();
        assertThat(atWork.isOpen()).isTrue();
        assertThat(young.isOpen()).isTrue();
        assertThat(admission.mayAccept()).isTrue();
    }

    @Test
    void aConnectionThatHasCarriedItsShareIsClosedWithAnAnswer() {
        limits.keepAliveRequests = 3;
        bench();
        PretendWire client = from("192.0.2.7");
        bench.send(client, GET.repeat(5));
        bench.serve(OK);
        assertThat(bench.served).hasSize(3);
        assertThat(bench.got(client)).containsOnlyOnce("Connection: close").endsWith("ok");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void anAnswerThatTakesTooLongAsAWholeIsRefusedOrCut() {
        limits.answerMost = Duration.ofSeconds(90);
        bench();
        PretendWire silent = bench.client(GET);
        PretendWire dripping = bench.client(GET);
        bench.loop.settle();
        bench.link(0).sent();
        bench.link(1).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        for (int i = 0; i < 8; i++) {
            bench.pass(Duration.ofSeconds(10));
            bench.link(0).peerSends("HTTP/1.1 103 Early Hints\r\n\r\n");
            bench.link(1).peerSends("x");
            bench.loop.settle();
        }
        assertThat(dripping.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(15));
        assertThat(bench.got(silent)).startsWith("HTTP/1.1 504 ");
        assertThat(dripping.wasReset()).isTrue();
    }

    @Test
    void aClientThatTakesItsAnswerTooSlowlyIsCutThoughItIsNeverIdle() {
        bench();
        PretendWire client = bench.client();
        client.peerTakes(0);
        bench.send(client, GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + EdgeBench.bytes(100_000));
        for (int i = 0; i < 13; i++) {
            bench.pass(Duration.ofSeconds(5));
            client.peerTakes(32);
            bench.loop.settle();
        }
        assertThat(client.wasReset()).isTrue();
    }

    @Test
    void aSteadyClientIsNotCutThoughTheSystemAsksForMoreSeldom() {
        limits.spoolMost = 16 << 20;
        bench();
        PretendWire client = bench.client();
        client.peerTakes(0);
        client.writableFrom(4 << 20);
        bench.send(client, GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + EdgeBench.bytes(5_000_000));
        int got = 0;
        for (int i = 0; i < 240; i++) {
            bench.pass(Duration.ofSeconds(1));
            client.peerTakes(20_000);
            got += bench.got(client).length();
        }
        assertThat(client.wasReset()).isFalse();
        assertThat(got).isGreaterThan(900_000);
        bench.pass(Duration.ofSeconds(125));
        assertThat(client.wasReset()).isTrue();
    }

    @Test
    void whatFollowsARequestIsReadAheadOnlyToABound() {
        bench();
        PretendWire client = bench.client(GET);
        for (int i = 0; i < 20 && client.isReading(); i++) {
            bench.send(client, EdgeBench.bytes(8_000));
        }
        assertThat(client.isReading()).isFalse();
        assertThat(bench.bounds.memory().held()).isBetween(64L * 1024, 96L * 1024);
        client.peerResets();
    }

    @Test
    void whatWasReadAheadIsAnsweredInItsTurn() {
        bench();
        PretendWire client = bench.client("POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nthe first");
        String next = "GET /next HTTP/1.1\r\nHost: h\r\nA: " + EdgeBench.bytes(7_000) + "\r\n\r\n";
        for (int i = 0; i < 8; i++) {
            bench.send(client, next);
        }
        bench.serve(OK);
        assertThat(bench.served).hasSize(9);
        assertThat(bench.served.getFirst()).endsWith("the first");
        assertThat(bench.served.getLast()).startsWith("GET /next ");
    }
}
