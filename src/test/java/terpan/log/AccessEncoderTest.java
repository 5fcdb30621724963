package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class AccessEncoderTest {
    private final AccessEncoder combined = new CombinedEncoder(ZoneId.of("Europe/Paris"), QueryMask.NONE);
    private final AccessEncoder json = new JsonAccessEncoder(QueryMask.NONE);

    @Test
    void combinedIsApachesFormatWithOurFieldsBehindIt() {
        assertThat(encoded(combined, entry("/a?b=1", "http://x/", "curl/8")))
                .isEqualTo(
                        "203.0.113.7 - - [22/Nov/2026:18:06:29 +0100] \"GET /a?b=1 HTTP/1.1\" 200 5120 \"http://x/\""
                                + " \"curl/8\" in=17 queue=0.000001s worker=w1 group=quick time=0.012000s total=0.012345s id=4f2a9c01\n");
    }

    @Test
    void jsonIsOneObjectALine() {
        assertThat(encoded(json, entry("/a?b=1", "http://x/", "curl/8")))
                .isEqualTo("{\"time\":\"2026-11-22T17:06:29.123Z\",\"client\":\"203.0.113.7\",\"user\":null,"
                        + "\"method\":\"GET\",\"target\":\"/a?b=1\",\"version\":\"HTTP/1.1\",\"status\":200,"
                        + "\"sent\":5120,\"received\":17,\"referer\":\"http://x/\",\"agent\":\"curl/8\","
                        + "\"queue\":0.000001,\"worker\":\"w1\",\"group\":\"quick\",\"route\":\"GET /a\",\"worker_time\":0.012000,\"total\":0.012345,"
                        + "\"id\":\"4f2a9c01\",\"cut\":null}\n");
    }

    @Test
    void theVersionIsTheClients() {
        AccessEntry entry = entry("/", "-", "-");
        entry.head.version = 20;
        assertThat(encoded(combined, entry)).contains("\"GET / HTTP/2.0\" 200");
        assertThat(encoded(json, entry)).contains("\"version\":\"HTTP/2.0\"");
        entry.head.version = 10;
        assertThat(encoded(combined, entry)).contains("\"GET / HTTP/1.0\" 200");
        assertThat(encoded(json, entry)).contains("\"version\":\"HTTP/1.0\"");
    }

    @Test
    void whoCutAnAnswerStandsBehindEverythingElse() {
        AccessEntry entry = entry("/", "-", "-");
        entry.cut = Cut.CLIENT;
        assertThat(encoded(combined, entry)).endsWith(" id=4f2a9c01 cut=client\n");
        assertThat(encoded(json, entry)).endsWith(",\"id\":\"4f2a9c01\",\"cut\":\"client\"}\n");
    }

    @Test
    void theTraceStandsBehindTheIdWhereThereIsOne() {
        AccessEntry entry = entry("/", "http://x/", "curl/8");
        entry.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".getBytes(US_ASCII);
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(encoded(combined, entry)).endsWith(" id=4f2a9c01 trace=" + trace + "\n");
        assertThat(encoded(json, entry)).endsWith(",\"id\":\"4f2a9c01\",\"trace\":\"" + trace + "\",\"cut\":null}\n");
        assertThat(encoded(new LogfmtEncoder(QueryMask.NONE), entry))
                .endsWith(" id=\"4f2a9c01\" trace=\"" + trace + "\"\n");
    }

    @Test
    void whatIsNotKnownIsAHyphenOrNull() {
        AccessEntry entry = new AccessEntry();
        entry.queueNanos = -1;
        entry.workerNanos = -1;
        assertThat(encoded(new CombinedEncoder(ZoneOffset.UTC, QueryMask.NONE), entry))
                .isEqualTo(
                        "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 000 0 \"-\" \"-\" in=0 queue=- worker=- group=- time=-"
                                + " total=0.000000s id=-\n");
        assertThat(encoded(json, entry))
                .contains("\"client\":null,\"user\":null,\"method\":null,\"target\":null,")
                .contains(
                        "\"queue\":null,\"worker\":null,\"group\":null,\"route\":null,\"worker_time\":null,\"total\":0.000000,\"id\":null,\"cut\":null}");
    }

    @Test
    void noByteFromOutsideCanForgeALineOrAField() {
        for (int value = 0; value < 256; value++) {
            if (value > ' ' && value < 0x7f && value != '"' && value != '\\') {
                continue;
            }
            String odd = "a" + (char) value + "b";
            AccessEntry entry = entry("/" + odd, odd, odd);
            entry.user = new byte[] {'u', (byte) value, 'v'};
            assertThat(encoded(combined, entry))
                    .as("byte %d", value)
                    .matches("[ -~]+\n")
                    .matches(COMBINED_LINE);
            assertThat(encoded(json, entry))
                    .as("byte %d", value)
                    .matches("[ -~]+\n")
                    .matches(JSON_LINE);
        }
    }

    @Test
    void escapesAreThoseOfTheFormat() {
        AccessEntry entry = entry("/\"\\\n\u00e9", "-", "-");
        assertThat(encoded(combined, entry)).contains("\"GET /\\\"\\\\\\x0a\\xe9 HTTP/1.1\"");
        assertThat(encoded(json, entry)).contains("\"target\":\"/\\\"\\\\\\u000a\\u00e9\"");
    }

    @Test
    void theLongestLineFitsWhateverComes() {
        String long1 = "\u0001".repeat(40_000);
        AccessEntry entry = entry("/" + long1, long1, long1);
        entry.client = long1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        entry.user = entry.client;
        entry.worker = entry.client;
        entry.id = entry.client;
        entry.idEnd = entry.client.length;
        entry.head.methodEnd = 1;
        entry.head.methodStart = 0;
        entry.sentBytes = Long.MAX_VALUE;
        entry.receivedBytes = Long.MAX_VALUE;
        entry.totalNanos = Long.MAX_VALUE;
        assertThat(encoded(combined, entry))
                .hasSizeLessThan(AccessEncoder.LINE_MOST)
                .contains("\\x01...");
        assertThat(encoded(json, entry))
                .hasSizeLessThan(AccessEncoder.LINE_MOST)
                .contains("\\u0001...");
    }

    private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*\"";
    private static final String COMBINED_LINE = "\\S+ - \\S+ \\[[^\\]]+\\] " + QUOTED + " \\d{3} \\d+ " + QUOTED + " "
            + QUOTED + " in=\\d+ queue=\\S+ worker=\\S+ group=\\S+ time=\\S+ total=\\S+ id=\\S+\n";
    private static final String JSON_LINE = "\\{(?:\"[a-z_]+\":(?:" + QUOTED + "|null|[0-9.]+),?){19}\\}\n";

    private static AccessEntry entry(String target, String referer, String agent) {
        return AccessEntries.entry(target, referer, agent);
    }

    private static String encoded(AccessEncoder encoder, AccessEntry entry) {
        return AccessEntries.encoded(encoder, entry);
    }
}
