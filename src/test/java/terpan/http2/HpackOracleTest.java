package terpan.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http2.hpack.HPackDecoder;
import org.apache.hc.core5.http2.hpack.HPackEncoder;
import org.apache.hc.core5.util.ByteArrayBuffer;
import org.junit.jupiter.api.Test;

/** Random lists of fields, packed by Netty and httpcore5 and unpacked here, and the other way round. More: -Dhpack.connections=N; a seed: -Dhpack.seed=N. */
class HpackOracleTest {
    private static final int CONNECTIONS = Integer.getInteger("hpack.connections", 25);
    private static final int HEADS = 25;
    private static final String[] NAMES = {
        "accept",
        "server",
        "content-type",
        "content-length",
        "x-request-id",
        "set-cookie",
        "cookie",
        "date",
        "etag",
        "x",
        "vary",
        "cache-control",
        "x-frame-options",
        "a-very-long-name-of-a-field-that-nobody-has-heard-of-before"
    };

    private final long seed = Long.getLong("hpack.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private List<String[]> fields() {
        List<String[]> fields = new ArrayList<>();
        fields.add(new String[] {":status", "200"});
        for (int i = random.nextInt(20); i > 0; i--) {
            String name = random.nextInt(6) == 0 ? "x-" + random.nextInt(100) : NAMES[random.nextInt(NAMES.length)];
            fields.add(new String[] {name, value()});
        }
        return fields;
    }

    private String value() {
        int kind = random.nextInt(12);
        if (kind < 6) {
            return "value " + random.nextInt(5);
        }
        int length = kind == 11 ? random.nextInt(5000) : random.nextInt(60);
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < length; i++) {
            value.append((char) (kind == 10 ? random.nextInt(256) : 32 + random.nextInt(95)));
        }
        return value.toString();
    }

    private static String text(List<String[]> fields) {
        return fields.stream().map(field -> field[0] + ": " + field[1]).collect(Collectors.joining("\n"));
    }

    private String unpack(HpackDecoder decoder, byte[] block) {
        Peer.Fields taker = new Peer.Fields();
        assertThat(decoder.decode(block, 0, block.length, taker))
                .as("seed %d", seed)
                .isTrue();
        return text(taker.list);
    }

    private static byte[] pack(HpackEncoder encoder, List<String[]> fields) {
        return HpackTest.encode(
                encoder,
                fields.stream().skip(1).map(field -> field[0] + ": " + field[1]).toArray(String[]::new));
    }

    @Test
    void whatNettyPacksIsUnpackedAlike() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            DefaultHttp2HeadersEncoder encoder =
                    new DefaultHttp2HeadersEncoder((name, value) -> random.nextInt(9) == 0, true);
            HpackDecoder decoder = new HpackDecoder(Http2Limits.TABLE);
            for (int j = 0; j < HEADS; j++) {
                if (random.nextInt(6) == 0) {
                    encoder.configuration().maxHeaderTableSize(random.nextInt(4097));
                }
                List<String[]> fields = fields();
                Http2Headers headers = new DefaultHttp2Headers(false, false, 16);
                fields.forEach(field -> headers.add(field[0], field[1]));
                List<String[]> ordered = new ArrayList<>();
                headers.forEach(entry -> ordered.add(new String[] {
                    entry.getKey().toString(), entry.getValue().toString()
                }));
                ByteBuf block = Unpooled.buffer();
                encoder.encodeHeaders(1, headers, block);
                byte[] bytes = new byte[block.readableBytes()];
                block.readBytes(bytes);
                assertThat(unpack(decoder, bytes)).as("seed %d", seed).isEqualTo(text(ordered));
            }
        }
    }

    @Test
    void whatWePackNettyUnpacksAlike() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
            HpackEncoder encoder = new HpackEncoder();
            for (int j = 0; j < HEADS; j++) {
                if (random.nextInt(6) == 0) {
                    int size = random.nextInt(5000);
                    decoder.configuration().maxHeaderTableSize(size);
                    encoder.tableMost(size);
                }
                List<String[]> fields = fields();
                Http2Headers headers = decoder.decodeHeaders(1, Unpooled.wrappedBuffer(pack(encoder, fields)));
                List<String> got = new ArrayList<>();
                headers.forEach(entry -> got.add(entry.getKey() + ": " + entry.getValue()));
                assertThat(got.stream().sorted().toList())
                        .as("seed %d", seed)
                        .isEqualTo(fields.stream()
                                .map(field -> field[0] + ": " + field[1])
                                .sorted()
                                .toList());
            }
        }
    }

    @Test
    void whatHttpcorePacksIsUnpackedAlike() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            HPackEncoder encoder = new HPackEncoder(Http2Limits.TABLE, ISO_8859_1);
            HpackDecoder decoder = new HpackDecoder(Http2Limits.TABLE);
            for (int j = 0; j < HEADS; j++) {
                List<String[]> fields = fields();
                List<Header> headers = fields.stream()
                        .<Header>map(field -> new BasicHeader(field[0], field[1], random.nextInt(9) == 0))
                        .toList();
                ByteArrayBuffer block = new ByteArrayBuffer(1024);
                encoder.encodeHeaders(block, headers, random.nextBoolean());
                assertThat(unpack(decoder, block.toByteArray()))
                        .as("seed %d", seed)
                        .isEqualTo(text(fields));
            }
        }
    }

    @Test
    void whatWePackHttpcoreUnpacksAlike() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            HPackDecoder decoder = new HPackDecoder(Http2Limits.TABLE, ISO_8859_1);
            HpackEncoder encoder = new HpackEncoder();
            for (int j = 0; j < HEADS; j++) {
                List<String[]> fields = fields();
                List<Header> headers = decoder.decodeHeaders(ByteBuffer.wrap(pack(encoder, fields)));
                assertThat(text(headers.stream()
                                .map(header -> new String[] {header.getName(), header.getValue()})
                                .toList()))
                        .as("seed %d", seed)
                        .isEqualTo(text(fields));
            }
        }
    }
}
