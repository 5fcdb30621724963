package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static terpan.http2.FrameClient.all;
import static terpan.http2.FrameClient.data;
import static terpan.http2.FrameClient.hello;
import static terpan.http2.FrameClient.request;
import static terpan.http2.FrameClient.window;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;
import terpan.http2.FrameClient;
import terpan.loop.PretendWire;

/** What clients that speak HTTP/2 may take of windows, time, connections and memory, and how their connections end. */
class Http2BoundsTest extends Http2Clients {
    // Windows

    @Test
    void aSlowStreamHoldsUpNoOther() {
        PretendWire client = waiting(get(1, "/"), get(3, "/"));
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + "a".repeat(30);
        bench.serve(answer);
        assertThat(got(client)).contains("DATA 1 aaaaaaaaaa", "DATA 3 aaaaaaaaaa");
        send(client, window(3, 20));
        assertThat(got(client)).containsExactly("DATA 3 " + "a".repeat(20) + " end");
        assertThat(bench.inFlight()).isZero();
        send(client, window(1, 20));
        assertThat(got(client)).containsExactly("DATA 1 " + "a".repeat(20) + " end");
    }

    @Test
    void answersComeInTheOrderOfTheirUrgency() {
        PretendWire client =
                client(request(1, true, "GET", "/", "priority: u=7"), request(3, true, "GET", "/", "priority: u=0"));
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + EdgeBench.bytes(60_000));
        got(client);
        send(client, window(0, 100_000));
        got(client);
        int urgent = got.indexOf(got.stream()
                .filter(word -> word.startsWith("DATA 3 ") && word.endsWith(" end"))
                .findFirst()
                .orElseThrow());
        int other = got.indexOf(got.stream()
                .filter(word -> word.startsWith("DATA 1 ") && word.endsWith(" end"))
                .findFirst()
                .orElseThrow());
        assertThat(urgent).isLessThan(other);
        assertThat(got.subList(urgent, other)).hasSizeGreaterThan(2);
    }

    @Test
    void aStreamWhoseWindowStaysShutIsCutAndNoOther() {
        limits.sendIdle = Duration.ofSeconds(5);
        begin();
        bench.worker(8);
        PretendWire client = waiting(get(1, "/"), get(3, "/slow"));
        bench.loop.settle();
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + "a".repeat(30));
        assertThat(got(client)).contains("DATA 1 aaaaaaaaaa");
        bench.pass(Duration.ofSeconds(6));
        assertThat(got(client)).containsExactly("RST 1 INTERNAL_ERROR");
        bench.link(1).peerSends(OK);
        assertThat(got(client)).contains("DATA 3 ok end");
    }

    @Test
    void aLargeAnswerWaitsForTheSocketAndComesWhole() {
        PretendWire client = client(window(0, 10_000_000), get(1, "/"));
        send(client, window(1, 10_000_000));
        client.peerTakes(1000);
        String body = EdgeBench.bytes(500_000);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + body);
        assertThat(bench.inFlight()).isZero();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000 && !text.toString().endsWith(" end"); i++) {
            client.peerTakes(7_000);
            text.append(got(client).stream()
                    .filter(word -> word.startsWith("DATA 1 "))
                    .map(word -> word.substring(7))
                    .collect(Collectors.joining()));
        }
        assertThat(text.toString()).isEqualTo(body + " end");
    }

    @Test
    void aStreamThatIsUsedAgainOwesNothingToItsLastClient() {
        PretendWire first = client(get(1, "/"));
        bench.loop.execute(first::peerResets);
        bench.link(0).peerSends(OK);
        bench.loop.settle();
        assertThat(bench.edge.connections()).isZero();
        frames = new FrameClient();
        PretendWire second = client(get(1, "/"));
        bench.serve(OK);
        assertThat(got(second)).contains("DATA 1 ok end");
    }

    @Test
    void aStreamThatIsUsedAgainIsNotLateForItsLastClient() {
        PretendWire client = waiting(get(1, "/"));
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + "a".repeat(30);
        bench.serve(answer);
        send(client, window(1, 20));
        assertThat(got(client)).contains("DATA 1 " + "a".repeat(20) + " end");
        bench.pass(Duration.ofSeconds(64));
        send(client, get(3, "/"));
        bench.serve(answer);
        bench.pass(Duration.ofSeconds(6));
        send(client, window(3, 20));
        assertThat(got(client)).contains("DATA 3 " + "a".repeat(20) + " end");
    }

    @Test
    void aClientThatTakesNothingAtAllIsCut() {
        PretendWire client = client(window(0, 10_000_000), window(0, 1), get(1, "/"));
        client.peerTakes(0);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + EdgeBench.bytes(200_000));
        bench.pass(Duration.ofSeconds(59));
        assertThat(client.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(5));
        assertThat(client.wasReset()).isTrue();
        assertThat(bench.edge.connections()).isZero();
    }

    @Test
    void aClientThatTakesTheLastBytesTooSlowlyIsCut() {
        PretendWire client = client(get(1, "/"));
        client.peerTakes(100);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + EdgeBench.bytes(30_000));
        for (int i = 0; i < 5; i++) {
            bench.pass(Duration.ofSeconds(30));
            client.peerTakes(1);
        }
        assertThat(client.wasReset()).isTrue();
    }

    @Test
    void aConnectionThatIsOverWaitsNotForEverForItsLastBytesToLeave() {
        PretendWire client = client(get(1, "/"));
        bench.serve(OK);
        client.keepsWhatPeerDoesNotTake();
        client.peerTakes(0);
        send(client, data(7, false, "for a stream that never was"));
        assertThat(got(client)).contains("DATA 1 ok end").anyMatch(word -> word.startsWith("GOAWAY 1 "));
        bench.pass(Duration.ofSeconds(55));
        assertThat(client.isOpen()).isTrue();
        bench.pass(Duration.ofSeconds(10));
        assertThat(client.wasReset()).isTrue();
    }

    @Test
    void answersToPingAreNotWhatAClientTakesOfAnAnswer() {
        limits.sendIdle = Duration.ofSeconds(5);
        begin();
        bench.worker(8);
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(client, hello(Integer.MAX_VALUE), get(1, "/"));
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + EdgeBench.bytes(70_000));
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < 40; j++) {
                send(client, FrameClient.frame("PING@0:0102030405060708"));
            }
            bench.pass(SECOND);
        }
        assertThat(got(client))
                .contains("RST 1 INTERNAL_ERROR", "PING ack")
                .noneMatch(word -> word.startsWith("GOAWAY"));
    }

    // Deadlines

    @Test
    void anIdleConnectionEndsInPeace() {
        PretendWire client = client(get(1, "/"));
        bench.serve(OK);
        bench.pass(Duration.ofSeconds(64));
        assertThat(got(client)).noneMatch(word -> word.startsWith("GOAWAY"));
        bench.pass(Duration.ofSeconds(2));
        assertThat(got(client)).containsExactly("GOAWAY 1 NO_ERROR");
        assertThat(client.outputShut()).isTrue();
        bench.pass(Duration.ofSeconds(3));
        assertThat(bench.edge.connections()).isZero();
    }

    @Test
    void aHeadThatDoesNotComeInTimeEndsTheConnection() {
        byte[] head = get(3, "/");
        PretendWire client = client(get(1, "/"), java.util.Arrays.copyOf(head, head.length - 1));
        bench.serve(OK);
        bench.pass(Duration.ofSeconds(31));
        assertThat(got(client)).contains("DATA 1 ok end", "GOAWAY 1 ENHANCE_YOUR_CALM");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void aFrameThatDoesNotComeInTimeEndsTheConnection() {
        byte[] goAway = FrameClient.frame("GOAWAY@0:0000000000000000" + "00".repeat(16_000));
        PretendWire client = client(get(1, "/"), java.util.Arrays.copyOf(goAway, 10));
        assertThat(bench.bounds.memory().held()).isGreaterThan(16_000);
        bench.pass(Duration.ofSeconds(31));
        assertThat(got(client)).contains("GOAWAY 1 ENHANCE_YOUR_CALM");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void whoDoesNotAcknowledgeOurSettingsLosesTheConnection() {
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(client, java.util.Arrays.copyOf(hello(), hello().length - 9), get(1, "/"));
        bench.loop.settle();
        bench.pass(Duration.ofSeconds(31));
        assertThat(got(client)).contains("GOAWAY 1 SETTINGS_TIMEOUT");
    }

    @Test
    void aBodyThatDoesNotComeIsRefusedAloneAndItsRestIsDropped() {
        PretendWire client = client(request(1, false, "POST", "/", "content-length: 100"), data(1, false, "abc"));
        bench.pass(Duration.ofSeconds(31));
        assertThat(got(client))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 408|"))
                .contains("RST 1 NO_ERROR");
        send(client, data(1, false, "more of it"), get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 3 ok end");
    }

    @Test
    void anAnswerThatDoesNotComeIsAPage() {
        PretendWire client = client(get(1, "/"), get(3, "/"));
        bench.loop.settle();
        bench.link(1).peerSends(OK);
        bench.pass(Duration.ofSeconds(61));
        assertThat(got(client)).contains("DATA 3 ok end").anyMatch(word -> word.startsWith("HEADERS 1 :status: 504|"));
    }

    // The end

    @Test
    void aStopServesWhatIsSentMeanwhileAndTellsBothTimes() {
        PretendWire client = client(get(1, "/"));
        bench.loop.settle();
        boolean[] empty = new boolean[1];
        bench.loop.execute(() -> bench.edge.stop(() -> empty[0] = true));
        assertThat(got(client)).containsExactly("GOAWAY 2147483647 NO_ERROR", "PING");
        send(client, get(3, "/"));
        bench.loop.settle();
        send(client, FrameClient.frame("PING.e@0:74657270616e6472"));
        assertThat(got(client)).containsExactly("GOAWAY 3 NO_ERROR");
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 1 ok end", "DATA 3 ok end");
        assertThat(client.outputShut()).isTrue();
        client.peerShutsOutput();
        bench.loop.settle();
        assertThat(empty[0]).isTrue();
    }

    @Test
    void aStopThatWaitsNoLongerTellsEachStream() {
        PretendWire client = client(get(1, "/"), get(3, "/"), get(5, "/"));
        bench.loop.settle();
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        bench.loop.settle();
        int[] cut = new int[1];
        bench.loop.execute(() -> bench.edge.stop(() -> {}));
        bench.loop.execute(() -> cut[0] = bench.edge.stopWaiting());
        assertThat(got(client))
                .contains("RST 1 INTERNAL_ERROR")
                .anyMatch(word -> word.startsWith("HEADERS 3 :status: 503|"))
                .anyMatch(word -> word.startsWith("HEADERS 5 :status: 503|"));
        assertThat(cut[0]).isEqualTo(3);
        assertThat(client.isOpen() && !client.outputShut()).isFalse();
    }

    @Test
    void afterItsShareOfRequestsAConnectionIsToldToGo() {
        limits.keepAliveRequests = 2;
        begin();
        bench.worker(8);
        PretendWire client = client(get(1, "/"), get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("GOAWAY 2147483647 NO_ERROR", "DATA 1 ok end", "DATA 3 ok end");
        bench.pass(SECOND.plusMillis(100));
        assertThat(got(client)).contains("GOAWAY 3 NO_ERROR");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void otherLimitsOfHeadsAreThoseOfAnotherConnection() {
        PretendWire client = client(get(1, "/"));
        bench.serve(OK);
        limits.headMost = 64 * 1024;
        bench.change(limits);
        send(client, get(3, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 3 ok end", "GOAWAY 2147483647 NO_ERROR");
    }

    // What one client may take

    @Test
    void oneConnectionTooManyOfAnAddressIsToldSo() {
        limits.connectionsPerAddress = 1;
        begin();
        bench.worker(8);
        PretendWire first = client(get(1, "/"));
        bench.serve(OK);
        got(first);
        frames = new FrameClient();
        PretendWire second = client(get(1, "/"));
        assertThat(got(second))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 429|"))
                .contains("GOAWAY 1 NO_ERROR");
        assertThat(second.outputShut()).isTrue();
        assertThat(client(get(1, "/")).wasReset()).isTrue();
    }

    @Test
    void manyRequestsThatAreRefusedForTheirHeadsAreAFlood() {
        PretendWire client = client();
        for (int i = 0; i < 201; i++) {
            send(client, get(2 * i + 1, "/#"));
        }
        assertThat(got(client))
                .contains("GOAWAY 401 ENHANCE_YOUR_CALM")
                .anyMatch(word -> word.startsWith("HEADERS 399 :status: 400|"))
                .noneMatch(word -> word.startsWith("HEADERS 401 "));
    }

    @Test
    void theRestOfAnUploadThatWasAnsweredLongAgoIsDropped() {
        PretendWire client = client(request(1, false, "POST", "/", "content-length: 100"));
        bench.pass(Duration.ofSeconds(31));
        for (int i = 1; i <= 300; i++) {
            send(client, get(2 * i + 1, "/"));
            bench.serve(OK);
        }
        send(client, data(1, false, "more of it"), get(603, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 603 ok end").noneMatch(word -> word.startsWith("GOAWAY"));
    }

    @Test
    void aHeadThatIsRefusedHasNoBodyInItsAnswerWhereItIsAHead() {
        PretendWire client = client(request(1, true, "HEAD", "/", "x-long: " + "a".repeat(40_000)));
        assertThat(got(client))
                .anyMatch(word -> word.startsWith("HEADERS 1 :status: 431|") && word.endsWith(" end"))
                .noneMatch(word -> word.startsWith("DATA"));
    }

    @Test
    void oneRequestTooManyAtATimeIsRefusedForLater() {
        limits.streamsPerConnection = 2;
        begin();
        bench.worker(8);
        PretendWire client = client(get(1, "/"), get(3, "/"), get(5, "/"));
        assertThat(got(client)).containsExactly("RST 5 REFUSED_STREAM");
        bench.serve(OK);
        send(client, get(7, "/"));
        bench.serve(OK);
        assertThat(got(client)).contains("DATA 1 ok end", "DATA 3 ok end", "DATA 7 ok end");
    }

    @Test
    void bodiesThatComeAreHeldToTheMemoryThereIs() {
        limits.memory = 1 << 20;
        begin();
        bench.worker(8);
        List<byte[]> all = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> all.add(request(2 * i + 1, false, "POST", "/", "content-length: 1000000")));
        PretendWire client = client(all.toArray(byte[][]::new));
        long refused = got(client).stream()
                .filter(word -> word.contains(" :status: 503|"))
                .count();
        assertThat(refused).isEqualTo(12);
        assertThat(bench.bounds.memory().promised()).isEqualTo(8 * 64 * 1024);
    }

    @Test
    void manyAnswersThatWaitHoldLittleMoreThanTheyAreLong() {
        PretendWire client = bench.client(
                new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
        send(client, hello(0), many(128, "/#"));
        assertThat(got(client).stream().filter(word -> word.contains(" :status: 400|")))
                .hasSize(128);
        assertThat(bench.bounds.memory().held()).isBetween(128L * 8 * 1024, 128L * 10 * 1024);
    }

    @Test
    void whereMemoryIsShortAFewAreToldAndMoreMayComeAgain() {
        limits.memory = 128 * 1024;
        begin();
        bench.worker(8);
        List<Long> told = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            PretendWire client = bench.client(
                    new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000), http2);
            frames = new FrameClient();
            send(client, hello(0), many(128, "/#"));
            List<String> words = got(client);
            assertThat(words).contains("RST 255 REFUSED_STREAM");
            told.add(words.stream().filter(word -> word.startsWith("HEADERS")).count());
        }
        assertThat(told.getFirst()).isGreaterThanOrEqualTo(4);
        assertThat(told.getLast()).as("beyond an eighth more not even that").isZero();
        assertThat(bench.bounds.memory().held()).isLessThan(200 * 1024);
    }

    private static byte[] many(int count, String path) {
        return all(IntStream.range(0, count).mapToObj(i -> get(2 * i + 1, path)).toArray(byte[][]::new));
    }

    @Test
    void theRequestsOfATrustedProxyAreItsClients() {
        limits.trustedProxies = List.of("192.0.2.0/24");
        limits.forwarding = new Settings.Forwarding(
                List.of(Settings.Told.X_FORWARDED_FOR), Settings.Believed.AUTO, false, Optional.of("front"));
        begin();
        bench.worker(8);
        client(
                request(1, true, "GET", "/", "x-forwarded-for: 198.51.100.1"),
                request(3, true, "GET", "/", "x-forwarded-for: 198.51.100.2"));
        bench.serve(OK);
        assertThat(bench.served).anyMatch(text -> text.contains("X-Terpan-Origin: 198.51.100.1 "));
        assertThat(bench.served)
                .anyMatch(text -> text.contains("X-Terpan-Origin: 198.51.100.2 "))
                .allMatch(text -> text.contains("Via: 2.0 front\r\n"));
    }
}
