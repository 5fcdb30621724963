package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import terpan.link.Origin;
import terpan.loop.PretendLoop;

/** What a real Python loads from the batches that the link writes. */
final class NativeEnvironTest {
    private final PretendLoop loop = new PretendLoop();
    private final NativeLink link =
            new NativeLink(loop, UnixDomainSocketAddress.of("w.sock"), 1, Runnable::run, 7, how -> {
                throw new AssertionError(how);
            });

    private List<byte[]> batches() {
        loop.settle();
        List<byte[]> batches = new ArrayList<>();
        for (WorkerFrames.Frame frame :
                WorkerFrames.frames(loop.connected().getLast().sentBytes())) {
            if (frame.kind() == 0) {
                batches.add(frame.bytes());
            }
        }
        return batches;
    }

    private RealPython.Request loaded(String head) throws Exception {
        link.forward(new RecordedCall(head, PiecewiseBody.none()));
        return RealPython.load(batches()).getFirst();
    }

    @Test
    void aRequestBecomesItsEnviron() throws Exception {
        RealPython.Request request = loaded("""
                GET /caf%C3%A9/x?a=%20b HTTP/1.1
                Host: example.org:81
                Accept: */*
                content-TYPE: text/plain
                X-Odd_Name: no
                X-My-Field: yes
                Connection: keep-alive, x-hop
                X-Hop: no
                X-Forwarded-For: 203.0.113.9
                Forwarded: for=203.0.113.9

                """.replace("\n", "\r\n"));
        assertThat(request.body()).isEqualTo("None");
        assertThat(request.environ())
                .isEqualTo(new TreeMap<>(Map.ofEntries(
                        Map.entry("REQUEST_METHOD", "GET"),
                        Map.entry("PATH_INFO", "/caf\u00c3\u00a9/x"),
                        Map.entry("QUERY_STRING", "a=%20b"),
                        Map.entry("SERVER_PROTOCOL", "HTTP/1.1"),
                        Map.entry("REMOTE_ADDR", "192.0.2.7"),
                        Map.entry("REMOTE_PORT", "51812"),
                        Map.entry("SERVER_NAME", "192.0.2.1"),
                        Map.entry("SERVER_PORT", "8080"),
                        Map.entry("wsgi.url_scheme", "http"),
                        Map.entry("CONTENT_TYPE", "text/plain"),
                        Map.entry("HTTP_HOST", "example.org:81"),
                        Map.entry("HTTP_ACCEPT", "*/*"),
                        Map.entry("HTTP_X_MY_FIELD", "yes"),
                        Map.entry("HTTP_X_FORWARDED_FOR", "192.0.2.7"),
                        Map.entry("HTTP_X_FORWARDED_PROTO", "http"),
                        Map.entry("HTTP_X_FORWARDED_HOST", "example.org:81"))));
    }

    @Test
    void aClientOnAUnixSocketHasAnEmptyAddressAndNoPort() throws Exception {
        RecordedCall call = RecordedCall.get("/");
        call.origin = new Origin("", "", "https", "", "");
        link.forward(call);
        assertThat(RealPython.load(batches()).getFirst().environ())
                .containsEntry("REMOTE_ADDR", "")
                .containsEntry("SERVER_NAME", "localhost")
                .containsEntry("SERVER_PORT", "443")
                .containsEntry("HTTP_X_FORWARDED_PROTO", "https")
                .doesNotContainKeys("REMOTE_PORT", "HTTP_X_FORWARDED_FOR", "QUERY_STRING", "CONTENT_LENGTH");
    }

    @Test
    void theVersionIsTheClients() throws Exception {
        assertThat(loaded("GET / HTTP/1.0\r\n\r\n").environ())
                .containsEntry("SERVER_PROTOCOL", "HTTP/1.0")
                .doesNotContainKey("HTTP_HOST");
        RecordedCall call = RecordedCall.get("/");
        call.head().version = 20;
        link.forward(call);
        assertThat(RealPython.load(batches()).getFirst().environ()).containsEntry("SERVER_PROTOCOL", "HTTP/2.0");
    }

    @Test
    void repeatedFieldsAreMerged() throws Exception {
        assertThat(loaded("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nCookie: b=1\r\nx-a: 2\r\nCOOKIE: c=2\r\nX-A:\r\n\r\n")
                        .environ())
                .containsEntry("HTTP_X_A", "1, 2, ")
                .containsEntry("HTTP_COOKIE", "b=1; c=2");
    }

    @Test
    void anAbsoluteTargetWithoutAPathMeansTheRoot() throws Exception {
        assertThat(loaded("GET http://b.example?q HTTP/1.1\r\nHost: a\r\n\r\n").environ())
                .containsEntry("PATH_INFO", "/")
                .containsEntry("QUERY_STRING", "q")
                .containsEntry("HTTP_HOST", "b.example");
    }

    @Test
    void bodiesAreNoneBytesOrALength() throws Exception {
        String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";
        link.forward(new RecordedCall(post + "0\r\n\r\n", PiecewiseBody.none()));
        link.forward(new RecordedCall(post + "5\r\n\r\n", PiecewiseBody.of("hello".getBytes(ISO_8859_1))));
        link.forward(new RecordedCall(post + "70000\r\n\r\n", PiecewiseBody.of(new byte[70_000])));
        link.forward(new RecordedCall(post + "5\r\n\r\n", PiecewiseBody.coming(5_000_000_000L)));
        link.forward(new RecordedCall(post + "5\r\n\r\n", PiecewiseBody.coming(-1)));
        List<RealPython.Request> requests = RealPython.load(batches());
        assertThat(requests)
                .extracting(RealPython.Request::body)
                .containsExactly("None", "bytes:hello", "70000", "5000000000", "-1");
        assertThat(requests)
                .extracting(request -> request.environ().getOrDefault("CONTENT_LENGTH", "-"))
                .containsExactly("0", "5", "70000", "5000000000", "-");
    }

    @Test
    void anyHeadsInAnyBatchesComeBackTheSame() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Map<String, String>> expected = new ArrayList<>();
        List<byte[]> batches = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            Map<String, String> fields = new TreeMap<>();
            link.forward(new RecordedCall(randomHead(random, fields), PiecewiseBody.none()));
            expected.add(fields);
            if (random.nextInt(12) == 0) {
                batches.addAll(batches());
            }
        }
        batches.addAll(batches());
        List<RealPython.Request> requests = RealPython.load(batches);
        assertThat(requests).as("seed " + seed).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            Map<String, String> environ = new TreeMap<>(requests.get(i).environ());
            environ.keySet().removeIf(key -> !key.startsWith("HTTP_Z") && !key.equals("PATH_INFO"));
            assertThat(environ).as("seed " + seed + ", request " + i).isEqualTo(expected.get(i));
        }
    }

    /** Writes what Python shall see into the map. */
    private static String randomHead(Random random, Map<String, String> fields) {
        String path = "/" + random.nextInt(3);
        fields.put("PATH_INFO", path);
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: a\r\n");
        for (int count = random.nextInt(10); count > 0; count--) {
            String name = "Z-" + Integer.toString(random.nextInt(random.nextBoolean() ? 4 : 2_000), 36);
            StringBuilder value = new StringBuilder();
            int length = random.nextInt(20) == 0 ? 200 + random.nextInt(200) : random.nextInt(4);
            while (value.length() < length) {
                value.append((char) (random.nextInt(30) == 0 ? 0xa1 + random.nextInt(0x5f) : '0' + random.nextInt(3)));
            }
            String key = "HTTP_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
            fields.merge(key, value.toString(), (first, second) -> first + ", " + second);
            head.append(random.nextBoolean() ? name : name.toLowerCase(Locale.ROOT))
                    .append(": ")
                    .append(value)
                    .append("\r\n");
        }
        return head.append("\r\n").toString();
    }
}
