package terpan.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HPACK: the examples of RFC 7541, and what breaks its form. */
class HpackTest {
    private final HpackDecoder decoder = new HpackDecoder(Http2Limits.TABLE);

    private String decode(String hex) {
        return decode(decoder, hex);
    }

    /** The fields, or "error". */
    private static String decode(HpackDecoder decoder, String hex) {
        byte[] block = HexFormat.of().parseHex(hex.replace(" ", ""));
        Peer.Fields fields = new Peer.Fields();
        return decoder.decode(block, 0, block.length, fields)
                ? fields.list.stream().map(field -> field[0] + ": " + field[1]).collect(Collectors.joining(", "))
                : "error";
    }

    @Test
    void literalsOfAppendixC2() {
        assertThat(decode("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))
                .isEqualTo("custom-key: custom-header");
        assertThat(decoder.table().size()).isEqualTo(55);
        assertThat(decode("040c2f73616d706c652f70617468")).isEqualTo(":path: /sample/path");
        assertThat(decode("100870617373776f726406736563726574")).isEqualTo("password: secret");
        assertThat(decoder.table().size()).isEqualTo(55);
        assertThat(decode("82")).isEqualTo(":method: GET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "828684410f7777772e6578616d706c652e636f6d | 828684be58086e6f2d6361636865"
                        + " | 828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
                "828684418cf1e3c2e5f23a6ba0ab90f4ff | 828684be5886a8eb10649cbf"
                        + " | 828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"
            })
    void requestsOfAppendixC3AndC4(String blocks) {
        String[] each = blocks.split(" \\| ", -1);
        assertThat(decode(each[0])).isEqualTo(":method: GET, :scheme: http, :path: /, :authority: www.example.com");
        assertThat(decoder.table().size()).isEqualTo(57);
        assertThat(decode(each[1]))
                .isEqualTo(
                        ":method: GET, :scheme: http, :path: /, :authority: www.example.com, cache-control: no-cache");
        assertThat(decoder.table().size()).isEqualTo(110);
        assertThat(decode(each[2]))
                .isEqualTo(":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com,"
                        + " custom-key: custom-value");
        assertThat(decoder.table().size()).isEqualTo(164);
        assertThat(decoder.table().count()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e"
                        + "1768747470733a2f2f7777772e6578616d706c652e636f6d | 4803333037c1c0bf"
                        + " | 88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b"
                        + "425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"
                        + " | 4883640effc1c0bf"
                        + " | 88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af2708"
                        + "7f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
            })
    void answersOfAppendixC5AndC6WithATableThatIsFull(String blocks) {
        String[] each = blocks.split(" \\| ", -1);
        HpackDecoder small = new HpackDecoder(256);
        small.acknowledged();
        String common =
                "cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com";
        assertThat(decode(small, "3fe101" + each[0])).isEqualTo(":status: 302, " + common);
        assertThat(small.table().size()).isEqualTo(222);
        assertThat(decode(small, each[1])).isEqualTo(":status: 307, " + common);
        assertThat(small.table().size()).isEqualTo(222);
        assertThat(decode(small, each[2]))
                .isEqualTo(":status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT,"
                        + " location: https://www.example.com, content-encoding: gzip,"
                        + " set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
        assertThat(small.table().size()).isEqualTo(215);
        assertThat(small.table().count()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // index 0
                "be", // beyond the table
                "ff00", // index 127
                "7f00", // a literal's name beyond the table
                "0f2f", // the same without indexing
                "82ff", // an integer that is not whole
                "82ffffffffff0f", // an integer that is too large
                "82ffffffffffffffffff7f", // and one that is endless
                "ff8080808000", // one that is padded past all measure
                "41", // no value
                "4103616", // half of a byte, made whole below
                "41036161", // a value that is cut off
                "40", // no name
                "40036161", // a name that is cut off
                "4085aec377", // a coded name that is cut off
                "8220", // an update of the size behind a field
                "3fe21f", // a size that is larger than agreed on
                "418141", // padding of zeros
                "4182f8ff", // padding of more than seven bits
                "418400000000ffffffff", // used up before its end
                "4184ffffffff" // the end symbol
            })
    void whatBreaksTheFormIsAnError(String hex) {
        assertThat(decode(hex.length() % 2 == 0 ? hex : hex + "1")).isEqualTo("error");
    }

    @Test
    void updatesOfTheSizeAreTakenAtTheBeginningAndKeepTheTableInStep() {
        decode("4001610161 4001620162");
        assertThat(decoder.table().count()).isEqualTo(2);
        assertThat(decode("3f03 bf")).isEqualTo("error");
        HpackDecoder second = new HpackDecoder(Http2Limits.TABLE);
        decode(second, "4001610161 4001620162");
        assertThat(decode(second, "3f03 be")).isEqualTo("b: b");
        assertThat(second.table().count()).isEqualTo(1);
        assertThat(decode(second, "20 3fe11f 82")).isEqualTo(":method: GET");
        assertThat(second.table().count()).isZero();
        assertThat(decode(second, "4001630163 be")).isEqualTo("c: c, c: c");
    }

    @Test
    void aSmallerTableHasToBeConfirmedOnceOurSettingsAreKnown() {
        HpackDecoder small = new HpackDecoder(100);
        assertThat(decode(small, "4001610161")).isEqualTo("a: a");
        small.acknowledged();
        assertThat(decode(small, "82")).isEqualTo("error");
        HpackDecoder confirmed = new HpackDecoder(100);
        confirmed.acknowledged();
        assertThat(decode(confirmed, "3f4582")).isEqualTo(":method: GET");
        assertThat(decode(confirmed, "82")).isEqualTo(":method: GET");
        assertThat(decode(confirmed, "3f46")).isEqualTo("error");
        HpackDecoder late = new HpackDecoder(100);
        late.acknowledged();
        assertThat(decode(late, "3fe11f82")).isEqualTo("error");
    }

    @Test
    void aLineThatIsLargerThanTheTableEmptiesIt() {
        HpackDecoder small = new HpackDecoder(64);
        small.acknowledged();
        assertThat(decode(small, "3f21 4001610161")).isEqualTo("a: a");
        assertThat(small.table().count()).isEqualTo(1);
        String value = "61".repeat(40);
        assertThat(decode(small, "40016228" + value)).isEqualTo("b: " + "a".repeat(40));
        assertThat(small.table().count()).isZero();
        assertThat(small.table().size()).isZero();
    }

    @Test
    void everyByteSurvivesTheHuffmanCode() {
        for (int length : new int[] {0, 1, 2, 3, 7, 8, 255, 256, 1000}) {
            byte[] text = new byte[length];
            for (int seed = 0; seed < 8; seed++) {
                int add = seed;
                IntStream.range(0, length).forEach(i -> text[i] = (byte) (i * (1 + add) + add * 37));
                byte[] coded = new byte[4 * length + 4];
                int end = Huffman.encode(text, 0, length, coded, 0);
                assertThat(end).isEqualTo(Huffman.codedLength(text, 0, length));
                byte[] plain = new byte[Huffman.decodedMost(end)];
                assertThat(Huffman.decode(coded, 0, end, plain, 0)).isEqualTo(length);
                assertThat(Arrays.copyOf(plain, length)).isEqualTo(text);
            }
        }
    }

    @Test
    void whatComesTheSecondTimeIsInTheTableFromThenOn() {
        HpackEncoder encoder = new HpackEncoder();
        assertThat(encode(encoder, "server: a", "content-length: 12")).hasSizeGreaterThan(4);
        assertThat(encode(encoder, "server: a", "content-length: 13")).hasSizeGreaterThan(4);
        assertThat(encode(encoder, "server: a", "content-length: 13")).hasSizeGreaterThan(3);
        assertThat(encode(encoder, "server: a", "content-length: 13")).hasSize(3);
        assertThat(encoder.table().count()).isEqualTo(2);
    }

    @Test
    void secretsAreNeverPutIntoTheTable() {
        HpackEncoder encoder = new HpackEncoder();
        for (int i = 0; i < 5; i++) {
            byte[] block = encode(encoder, "set-cookie: a=b");
            assertThat(block[1] & 0xf0).isEqualTo(0x10);
        }
        assertThat(encoder.table().count()).isZero();
    }

    @Test
    void theEncoderFollowsThePeersTable() {
        HpackEncoder encoder = new HpackEncoder();
        HpackDecoder peer = new HpackDecoder(Http2Limits.TABLE);
        for (int size : new int[] {4096, 0, 4096, 100, 65_536, 40, 0, 0, 200}) {
            encoder.tableMost(size / 2);
            encoder.tableMost(size);
            for (int i = 0; i < 4; i++) {
                byte[] block = encode(encoder, "server: abc", "x-a: " + i, "date: today");
                Peer.Fields fields = new Peer.Fields();
                assertThat(peer.decode(block, 0, block.length, fields)).isTrue();
                assertThat(fields.list.stream().map(field -> field[1]).toList())
                        .isEqualTo(List.of("200", "abc", String.valueOf(i), "today"));
                assertThat(encoder.table().size()).isLessThanOrEqualTo(Math.min(size, 4096));
                assertThat(peer.table().size()).isEqualTo(encoder.table().size());
            }
        }
    }

    static byte[] encode(HpackEncoder encoder, String... lines) {
        byte[] block = new byte[100_000];
        encoder.begin(block, 0);
        encoder.status(200);
        for (String line : lines) {
            byte[] bytes = (line + "\r\n").getBytes(ISO_8859_1);
            int colon = line.indexOf(": ");
            encoder.line(bytes, 0, colon, line.length() - colon - 2);
        }
        return Arrays.copyOf(block, encoder.end());
    }
}
