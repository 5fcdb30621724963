package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import terpan.config.AccessAtom;
import terpan.config.AccessFormat;
import terpan.config.AccessRule;
import terpan.config.LogMasks;

final class FormatEncoderTest {
    private static final LogMasks MASKS = new LogMasks(List.of("token", "*secret*", "pass*"), List.of("cookie"));

    @Test
    void valuesStandWhereTheFormatHasThem() {
        AccessEntry entry = AccessEntries.entry("/a?b=1", "http://x/", "curl 8");
        entry.head.pathStart = entry.head.targetStart;
        entry.head.pathEnd = entry.head.targetStart + 2;
        entry.head.queryStart = entry.head.pathEnd + 1;
        entry.head.queryEnd = entry.head.targetEnd;
        String pid = Long.toString(ProcessHandle.current().pid());
        assertThat(encoded(entry, value(AccessAtom.CLIENT), text(" "), value(AccessAtom.STATUS), text("|")))
                .isEqualTo("203.0.113.7 200|\n");
        assertThat(joined(
                        entry,
                        AccessAtom.TIME_BRACKETS,
                        AccessAtom.TIME_LOCAL,
                        AccessAtom.TIME_ISO,
                        AccessAtom.TIME_SECONDS))
                .isEqualTo(
                        "[22/Nov/2026:18:06:29 +0100],22/Nov/2026:18:06:29 +0100,2026-11-22T17:06:29.123Z,1795367189.123");
        assertThat(joined(
                        entry,
                        AccessAtom.METHOD,
                        AccessAtom.TARGET,
                        AccessAtom.PATH,
                        AccessAtom.QUERY,
                        AccessAtom.VERSION))
                .isEqualTo("GET,/a?b=1,/a,b=1,HTTP/1.1");
        assertThat(joined(
                        entry,
                        AccessAtom.TOTAL,
                        AccessAtom.TOTAL_SECONDS,
                        AccessAtom.TOTAL_MILLIS,
                        AccessAtom.TOTAL_MICROS))
                .isEqualTo("0.012345,0,12,12345");
        assertThat(joined(
                        entry,
                        AccessAtom.QUEUE,
                        AccessAtom.WORKER_TIME,
                        AccessAtom.WORKER,
                        AccessAtom.GROUP,
                        AccessAtom.ROUTE,
                        AccessAtom.ID))
                .isEqualTo("0.000001,0.012000,w1,quick,GET\\x20/a,4f2a9c01");
        assertThat(joined(entry, AccessAtom.TRACE)).isEqualTo("-");
        entry.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".getBytes(US_ASCII);
        assertThat(joined(entry, AccessAtom.TRACE)).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(joined(entry, AccessAtom.HYPHEN, AccessAtom.USER, AccessAtom.CUT, AccessAtom.HOST))
                .isEqualTo("-,-,-,-");
        assertThat(joined(
                        entry,
                        AccessAtom.SENT,
                        AccessAtom.SENT_OR_HYPHEN,
                        AccessAtom.RECEIVED,
                        AccessAtom.PID,
                        AccessAtom.PID_BRACKETS))
                .isEqualTo("5120,5120,17," + pid + ",<" + pid + ">");
        assertThat(joined(entry, AccessAtom.REFERER, AccessAtom.AGENT)).isEqualTo("http://x/,curl\\x208");
        assertThat(encoded(
                        entry,
                        text("\""),
                        new AccessFormat.Value(AccessAtom.AGENT, true),
                        text("\" \""),
                        new AccessFormat.Value(AccessAtom.REQUEST, true),
                        text("\"")))
                .isEqualTo("\"curl 8\" \"GET /a?b=1 HTTP/1.1\"\n");
        entry.sentBytes = 0;
        assertThat(joined(entry, AccessAtom.SENT, AccessAtom.SENT_OR_HYPHEN)).isEqualTo("0,-");
    }

    @Test
    void whatIsNotKnownIsAHyphen() {
        AccessEntry entry = new AccessEntry();
        entry.queueNanos = -1;
        entry.workerNanos = -1;
        assertThat(joined(
                        entry,
                        AccessAtom.CLIENT,
                        AccessAtom.REQUEST,
                        AccessAtom.METHOD,
                        AccessAtom.TARGET,
                        AccessAtom.PATH,
                        AccessAtom.QUERY,
                        AccessAtom.HOST,
                        AccessAtom.QUEUE,
                        AccessAtom.WORKER_TIME,
                        AccessAtom.ID))
                .isEqualTo("-,-,-,-,-,-,-,-,-,-");
    }

    @Test
    void fieldsAreFoundByNameAndMasked() {
        AccessEntry entry = AccessEntries.entry("/", "http://x/?q=1&TOKEN=abc", "curl");
        assertThat(encoded(
                        entry,
                        new AccessFormat.Field("user-agent", false),
                        text(" "),
                        new AccessFormat.Field("accept", false)))
                .isEqualTo("curl -\n");
        assertThat(joined(entry, AccessAtom.REFERER)).isEqualTo("http://x/?q=1&TOKEN=***");
        LogMasks agent = new LogMasks(List.of(), List.of("user-*"));
        AccessFormat format = new AccessFormat("", List.of(new AccessFormat.Field("user-agent", false)));
        assertThat(AccessEntries.encoded(new FormatEncoder(format, agent, ZoneId.of("UTC"), QueryMask.NONE), entry))
                .isEqualTo("***\n");
    }

    @Test
    void secretsInQueriesAreHiddenInEveryFormatHoweverTheyAreWritten() {
        QueryMask mask = new QueryMask(MASKS.query());
        String open = "/a?token=" + "abc" + "&x=1&%74o%4ben=abc&my_Secret_key=abc;password=abc&pass=abc&token";
        String hidden = "/a?token=***&x=1&%74o%4ben=***&my_Secret_key=***;password=***&pass=***&token";
        AccessEntry entry = AccessEntries.entry(open, "http://x" + open, "-");
        for (AccessEncoder encoder : List.of(
                new CombinedEncoder(ZoneId.of("UTC"), mask), new JsonAccessEncoder(mask), new LogfmtEncoder(mask))) {
            assertThat(AccessEntries.encoded(encoder, entry))
                    .contains(hidden)
                    .contains("http://x" + hidden)
                    .doesNotContain("abc");
        }
        byte[] target = open.getBytes(US_ASCII);
        assertThat(new String(mask.masked(target, 0, target.length), US_ASCII)).isEqualTo(hidden);
        assertThat(new String(mask.masked(target, 0, 2), US_ASCII)).isEqualTo("/a");
    }

    @Test
    void aMaskHidesNothingElse() {
        QueryMask mask = new QueryMask(MASKS.query());
        for (String url :
                List.of("/token=abc", "/a?tokens=abc", "/a?x=token", "/a?token=", "/a?", "/a?%7", "/a?tok%en=1")) {
            byte[] bytes = url.getBytes(US_ASCII);
            assertThat(new String(mask.masked(bytes, 0, bytes.length), US_ASCII))
                    .isEqualTo(url);
        }
    }

    @Test
    void noByteFromOutsideCanForgeALineOrAPart() {
        AccessFormat.Part[] parts = {
            new AccessFormat.Value(AccessAtom.TARGET, false), text(" \""),
            new AccessFormat.Value(AccessAtom.AGENT, true), text("\" "),
            new AccessFormat.Field("referer", false)
        };
        for (int value = 0; value < 256; value++) {
            String odd = "a" + (char) value + "b";
            assertThat(encoded(AccessEntries.entry("/" + odd, odd, odd), parts))
                    .as("byte %d", value)
                    .matches("/\\S+ \"(?:[^\"\\\\]|\\\\.)*\" \\S+\n")
                    .matches("[ -~]+\n");
            assertThat(AccessEntries.encoded(
                            new LogfmtEncoder(QueryMask.NONE), AccessEntries.entry("/" + odd, odd, odd)))
                    .as("byte %d", value)
                    .matches("(?:[a-z_]+=(?:\"(?:[^\"\\\\]|\\\\.)*\"|[^\" ]+)[ \n])+");
        }
    }

    @Test
    void theLongestLineFitsWhateverTheFormatAsksFor() {
        String longest = "\u0001".repeat(40_000);
        AccessEntry entry = AccessEntries.entry("/" + longest, longest, longest);
        AccessFormat.Part[] many = Stream.of(
                        AccessAtom.TARGET, AccessAtom.REFERER, AccessAtom.AGENT, AccessAtom.REQUEST)
                .flatMap(atom -> Stream.generate(() -> value(atom)).limit(20))
                .toArray(AccessFormat.Part[]::new);
        assertThat(encoded(entry, many))
                .hasSizeLessThan(AccessEncoder.LINE_MOST)
                .endsWith("\n");
        assertThat(AccessEntries.encoded(new LogfmtEncoder(QueryMask.NONE), entry))
                .hasSizeLessThan(AccessEncoder.LINE_MOST)
                .contains("\\u0001...");
    }

    @Test
    void theFirstRuleThatFitsSaysWhetherARequestIsShown() {
        AccessChoice choice = new AccessChoice(
                List.of(
                        new AccessRule("/health", false, 200, 299, 0),
                        new AccessRule("/static/", true, 0, 599, 25_000),
                        new AccessRule("", true, 400, 499, 0)),
                42);
        assertThat(choice.wants(entry("/health", 200))).isFalse();
        assertThat(choice.wants(entry("/health", 503))).isTrue();
        assertThat(choice.wants(entry("/healthy", 200))).isTrue();
        assertThat(choice.wants(entry("/", 404))).isFalse();
        assertThat(choice.wants(entry("/", 0))).isTrue();
        long shown = Stream.generate(() -> entry("/static/a.css", 200))
                .limit(10_000)
                .filter(choice::wants)
                .count();
        assertThat(shown).isBetween(2_300L, 2_700L);
    }

    private static AccessEntry entry(String path, int status) {
        AccessEntry entry = AccessEntries.entry(path, "-", "-");
        entry.head.pathStart = entry.head.targetStart;
        entry.head.pathEnd = entry.head.targetEnd;
        entry.status = status;
        return entry;
    }

    private static AccessFormat.Part value(AccessAtom atom) {
        return new AccessFormat.Value(atom, false);
    }

    private static AccessFormat.Part text(String text) {
        return new AccessFormat.Text(text);
    }

    private static String joined(AccessEntry entry, AccessAtom... atoms) {
        AccessFormat.Part[] parts = Arrays.stream(atoms)
                .flatMap(atom -> Stream.of(text(","), value(atom)))
                .skip(1)
                .toArray(AccessFormat.Part[]::new);
        return encoded(entry, parts).strip();
    }

    private static String encoded(AccessEntry entry, AccessFormat.Part... parts) {
        AccessFormat format = new AccessFormat("", List.of(parts));
        QueryMask mask = new QueryMask(MASKS.query());
        return AccessEntries.encoded(new FormatEncoder(format, MASKS, ZoneId.of("Europe/Paris"), mask), entry);
    }
}
