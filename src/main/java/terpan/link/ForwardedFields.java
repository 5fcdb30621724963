package terpan.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import terpan.http.RequestHead;

/**
 * The fields about a client and the way its request came that a worker is sent, ready to be written: once a connection where
 * nobody else has a say, once a request behind a trusted proxy. Not changed any more once an {@link Origin} has it.
 */
public final class ForwardedFields {
    public static final int FOR = 0;
    public static final int PROTO = 1;
    public static final int HOST = 2;
    public static final int PORT = 3;
    public static final int PREFIX = 4;
    public static final int REAL_IP = 5;
    public static final int FORWARDED = 6;
    public static final int VIA = 7;
    public static final int REQUEST_ID = 8;
    public static final int CLIENT_SUBJECT = 9;

    /** Names by number. */
    private static final String[] NAMES = {
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Real-IP",
        "Forwarded",
        "Via",
        "X-Request-Id",
        "X-Forwarded-Client-Subject"
    };

    /** How many kinds there are; their numbers are below it. */
    public static final int KINDS = NAMES.length;

    private static final byte[] NONE = new byte[0];
    private static final byte[] HOST_PARAMETER = ";host=\"".getBytes(US_ASCII);

    /** What {@link #hostParameter} adds to the host. */
    public static final int HOST_PARAMETER_MOST = HOST_PARAMETER.length + 1;

    /** Numbers and values of the fields, {@link #count} of them. */
    final int[] numbers = new int[NAMES.length];

    final byte[][] values = new byte[NAMES.length][];
    int count;
    int bytes;

    /** Whether X-Forwarded-Host is the host that the request names. */
    boolean ownHost;

    /** Whether the host that the request names is put behind the last element of Forwarded. */
    boolean hostInForwarded;

    /** Adds a field; one without a value is left out. */
    public ForwardedFields add(int number, String value) {
        if (!value.isEmpty()) {
            numbers[count] = number;
            values[count] = value.getBytes(ISO_8859_1);
            bytes += NAMES[number].length() + values[count++].length + 4;
        }
        return this;
    }

    /** The same fields, to be added to. */
    public ForwardedFields copy() {
        ForwardedFields copy = new ForwardedFields();
        System.arraycopy(numbers, 0, copy.numbers, 0, count);
        System.arraycopy(values, 0, copy.values, 0, count);
        copy.count = count;
        copy.bytes = bytes;
        copy.ownHost = ownHost;
        copy.hostInForwarded = hostInForwarded;
        return copy;
    }

    /** X-Forwarded-Host is the host that the request names. */
    public ForwardedFields ownHost() {
        ownHost = true;
        return this;
    }

    /** The host that the request names belongs to the last element of Forwarded. */
    public ForwardedFields hostInForwarded() {
        hostInForwarded = true;
        return this;
    }

    /** The value of a field; empty when it is not among them. */
    public byte[] value(int number) {
        for (int i = 0; i < count; i++) {
            if (numbers[i] == number) {
                return values[i];
            }
        }
        return NONE;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(NAMES[numbers[i]])
                    .append(": ")
                    .append(new String(values[i], ISO_8859_1))
                    .append('\n');
        }
        return text.append(Arrays.toString(new boolean[] {ownHost, hostInForwarded}))
                .toString();
    }

    /** The name of the fields of this number. */
    public static String name(int number) {
        return NAMES[number];
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** The number of the one at this place. */
    public int numberAt(int place) {
        return numbers[place];
    }

    /** The value of the one at this place; not to be changed. */
    public byte[] valueAt(int place) {
        return values[place];
    }

    /** Whether X-Forwarded-Host is the host that the request names. */
    public boolean hasOwnHost() {
        return ownHost;
    }

    /** Whether the host that the request names is put behind the last element of Forwarded. */
    public boolean hasHostInForwarded() {
        return hostInForwarded;
    }

    /** Writes the host as a parameter of Forwarded (RFC 7239, section 5.3); no byte of a host needs a backslash. */
    public static int hostParameter(RequestHead head, byte[] into, int at) {
        int length = head.hostEnd - head.hostStart;
        System.arraycopy(HOST_PARAMETER, 0, into, at, HOST_PARAMETER.length);
        System.arraycopy(head.bytes, head.hostStart, into, at + HOST_PARAMETER.length, length);
        into[at + HOST_PARAMETER.length + length] = '"';
        return at + HOST_PARAMETER.length + length + 1;
    }
}
