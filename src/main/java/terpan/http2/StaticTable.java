package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The static table of HPACK (RFC 7541, appendix A), each entry as a field line; numbers from 1 on. */
final class StaticTable {
    static final int SIZE = 61;
    static final int STATUS_200 = 8;

    private static final String ENTRIES = """
            :authority:
            :method: GET
            :method: POST
            :path: /
            :path: /index.html
            :scheme: http
            :scheme: https
            :status: 200
            :status: 204
            :status: 206
            :status: 304
            :status: 400
            :status: 404
            :status: 500
            accept-charset:
            accept-encoding: gzip, deflate
            accept-language:
            accept-ranges:
            accept:
            access-control-allow-origin:
            age:
            allow:
            authorization:
            cache-control:
            content-disposition:
            content-encoding:
            content-language:
            content-length:
            content-location:
            content-range:
            content-type:
            cookie:
            date:
            etag:
            expect:
            expires:
            from:
            host:
            if-match:
            if-modified-since:
            if-none-match:
            if-range:
            if-unmodified-since:
            last-modified:
            link:
            location:
            max-forwards:
            proxy-authenticate:
            proxy-authorization:
            range:
            referer:
            refresh:
            retry-after:
            server:
            set-cookie:
            strict-transport-security:
            transfer-encoding:
            user-agent:
            vary:
            via:
            www-authenticate:
            """;

    private static final int SLOTS = 256;

    static final byte[] bytes;
    static final int[] start = new int[SIZE + 1];
    static final int[] nameLength = new int[SIZE + 1];
    static final int[] valueLength = new int[SIZE + 1];
    static final int[] kind = new int[SIZE + 1];

    /** The first entry of a name, by a hash of the name. */
    private static final byte[] BY_NAME = new byte[SLOTS];

    static {
        StringBuilder lines = new StringBuilder();
        int index = 0;
        for (String entry : ENTRIES.lines().toList()) {
            int colon = entry.indexOf(':', 1);
            String name = entry.substring(0, colon);
            String value = entry.substring(colon + 1).strip();
            start[++index] = lines.length();
            nameLength[index] = name.length();
            valueLength[index] = value.length();
            lines.append(name).append(": ").append(value).append("\r\n");
        }
        bytes = lines.toString().getBytes(US_ASCII);
        for (int i = 1; i <= SIZE; i++) {
            kind[i] = FieldKind.ofName(bytes, start[i], start[i] + nameLength[i]);
            if (ofName(bytes, start[i], nameLength[i]) == 0) {
                int slot = slot(bytes, start[i], nameLength[i]);
                while (BY_NAME[slot] != 0) {
                    slot = slot + 1 & SLOTS - 1;
                }
                BY_NAME[slot] = (byte) i;
            }
        }
    }

    private StaticTable() {}

    private static int slot(byte[] from, int at, int length) {
        return length * 37 + from[at] * 7 + from[at + length - 1] & SLOTS - 1;
    }

    /** The first entry with that name, which is lower-case and not empty; 0 for none. */
    static int ofName(byte[] from, int at, int length) {
        int slot = slot(from, at, length);
        for (int i = BY_NAME[slot]; i != 0; slot = slot + 1 & SLOTS - 1, i = BY_NAME[slot]) {
            if (nameLength[i] == length
                    && java.util.Arrays.equals(bytes, start[i], start[i] + length, from, at, at + length)) {
                return i;
            }
        }
        return 0;
    }
}
