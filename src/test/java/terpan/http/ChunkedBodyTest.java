package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.http.Rows.Row;

/** The truth table of chunked bodies, each whole, cut once at every byte (the longest at many), and byte by byte. */
class ChunkedBodyTest {
    /** Every byte of all but the longest. */
    private static final int CUTS_MOST = 1000;

    /** What came of it: a refusal's name, "more" or "ok", the body so far, and what is left over. */
    record Outcome(String name, String body, String rest) {}

    static List<Row> bodies() {
        return Rows.read("chunked-bodies.txt");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void bodiesAreReadAsTheTableSays(Row row) {
        Outcome outcome = decode(new ChunkDecoder(), row.bytes(), row.bytes().length, row.bytes().length);
        assertThat(outcome.name()).as("%s: %s", row, outcome).isEqualTo(row.outcome());
        if (outcome.name().equals("ok")) {
            assertThat(row.wanted()).contains("body=" + outcome.body(), "rest=" + outcome.rest());
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void bodiesCutAnywhereAreReadAlike(Row row) {
        ChunkDecoder decoder = new ChunkDecoder();
        Outcome whole = decode(decoder, row.bytes(), row.bytes().length, row.bytes().length);
        decoder.reset();
        assertThat(decode(decoder, row.bytes(), 1, 1)).isEqualTo(whole);
        for (int cut = 1; cut < row.bytes().length; cut += 1 + row.bytes().length / CUTS_MOST) {
            decoder.reset();
            assertThat(decode(decoder, row.bytes(), cut, row.bytes().length))
                    .as("cut at %d", cut)
                    .isEqualTo(whole);
        }
    }

    @Test
    void extensionsAreBoundedOverTheWholeBody() {
        String chunk = "1;" + "a".repeat(1000) + "\r\nx\r\n";
        byte[] good = (chunk.repeat(16) + "0\r\n\r\n").getBytes(ISO_8859_1);
        assertThat(decode(new ChunkDecoder(), good, good.length, good.length).name())
                .isEqualTo("ok");
        byte[] bad = (chunk.repeat(17) + "0\r\n\r\n").getBytes(ISO_8859_1);
        assertThat(decode(new ChunkDecoder(), bad, bad.length, bad.length).name())
                .isEqualTo("CHUNK_EXTENSIONS_TOO_LARGE");
    }

    @Test
    void theTrailerSectionIsBounded() {
        byte[] bad = ("0\r\n" + "X: y\r\n".repeat(ChunkDecoder.TRAILERS_MOST / 6 + 1) + "\r\n").getBytes(ISO_8859_1);
        assertThat(decode(new ChunkDecoder(), bad, bad.length, bad.length).name())
                .isEqualTo("TRAILER_TOO_LARGE");
    }

    @Test
    void whatIsAnnouncedIsKnownBeforeItHasCome() {
        ChunkDecoder decoder = new ChunkDecoder();
        byte[] bytes = "5\r\nhello\r\n7fffffffffffffff\r\n".getBytes(ISO_8859_1);
        assertThat(decode(decoder, bytes, bytes.length, bytes.length).name()).isEqualTo("more");
        assertThat(decoder.announced()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void randomBodiesComeOutAsTheyWentIn() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StringBuilder wire = new StringBuilder();
            StringBuilder body = new StringBuilder();
            for (int chunk = random.nextInt(8); chunk > 0; chunk--) {
                byte[] data = new byte[1 + random.nextInt(1 << random.nextInt(10))];
                random.nextBytes(data);
                String text = new String(data, ISO_8859_1);
                String size = Integer.toHexString(data.length);
                wire.append(random.nextBoolean() ? size : size.toUpperCase(java.util.Locale.ROOT));
                wire.append(random.nextInt(3) == 0 ? ";a=\"b\"" : "")
                        .append("\r\n")
                        .append(text)
                        .append("\r\n");
                body.append(text);
            }
            wire.append("0\r\n")
                    .append(random.nextInt(3) == 0 ? "X: y\r\n" : "")
                    .append("\r\nnext");
            byte[] bytes = wire.toString().getBytes(ISO_8859_1);
            int step = 1 + random.nextInt(bytes.length);
            assertThat(decode(new ChunkDecoder(), bytes, step, step))
                    .as("seed %d", seed)
                    .isEqualTo(new Outcome("ok", body.toString(), "next"));
        }
    }

    /** Gives {@code first} bytes, then {@code step} at a time. */
    static Outcome decode(ChunkDecoder decoder, byte[] bytes, int first, int step) {
        StringBuilder body = new StringBuilder();
        int at = 0;
        int to = Math.min(first, bytes.length);
        while (true) {
            int event = decoder.decode(bytes, at, to);
            at = decoder.position;
            if (event == ChunkDecoder.BODY) {
                body.append(new String(bytes, decoder.bodyStart, decoder.bodyEnd - decoder.bodyStart, ISO_8859_1));
            } else if (event == ChunkDecoder.END) {
                return new Outcome("ok", body.toString(), new String(bytes, at, bytes.length - at, ISO_8859_1));
            } else if (event != ChunkDecoder.NEED_MORE) {
                return new Outcome(Refusal.of(event).name(), body.toString(), "");
            } else if (to == bytes.length) {
                return new Outcome("more", body.toString(), "");
            } else {
                to = Math.min(to + step, bytes.length);
            }
        }
    }
}
