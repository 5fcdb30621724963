package terpan.link;

import java.util.Arrays;

/**
 * The forwarded fields that an origin's own words imply. A launcher makes them of the private field, for which each has a letter: a
 * line that a server written in Python has to read costs it more than all that the front does for it. Whoever was not started by
 * us gets the lines.
 */
final class ImpliedFields {
    /** Says that X-Forwarded-Host is the host that the request names. */
    static final byte HOST_LETTER = 'h';

    private static final byte FOR_LETTER = 'f';
    private static final byte PROTO_LETTER = 'p';
    private static final byte PORT_LETTER = 'o';
    private static final byte REAL_IP_LETTER = 'r';

    /** One each, but for that of the host, which is a matter of the request. */
    final byte[] letters;

    private int numbers;

    ImpliedFields(Origin origin) {
        byte[] found = new byte[ForwardedFields.KINDS];
        int count = 0;
        ForwardedFields told = origin.forwarded;
        for (int i = 0; i < told.count; i++) {
            byte letter = switch (told.numbers[i]) {
                case ForwardedFields.FOR -> same(told.values[i], origin.address, FOR_LETTER);
                case ForwardedFields.PROTO -> same(told.values[i], origin.scheme, PROTO_LETTER);
                case ForwardedFields.PORT -> same(told.values[i], origin.serverPort, PORT_LETTER);
                case ForwardedFields.REAL_IP -> same(told.values[i], origin.address, REAL_IP_LETTER);
                default -> 0;
            };
            if (letter != 0) {
                found[count++] = letter;
                numbers |= 1 << told.numbers[i];
            }
        }
        letters = Arrays.copyOf(found, count);
    }

    /** Whether a field is among them. */
    boolean has(int number) {
        return (numbers & 1 << number) != 0;
    }

    private static byte same(byte[] value, byte[] word, byte letter) {
        return Arrays.equals(value, word) ? letter : 0;
    }
}
