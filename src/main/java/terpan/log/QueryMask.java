package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/**
 * Hides the values of parameters in queries by the parameters' names, whatever their case and however they are escaped. Immutable; allocates
 * nothing but in {@link #masked}. A regular expression was rejected: it would be one search a name for each request.
 */
public final class QueryMask {
    /** Hides nothing. */
    public static final QueryMask NONE = new QueryMask(List.of());

    /** What stands in the place of a value. */
    static final byte[] STARS = "***".getBytes(UTF_8);

    private static final int HEX = 16;

    /** A name, and which ends of it may be more. */
    private static final class Name {
        private final byte[] word;
        private final boolean moreBefore;
        private final boolean moreBehind;

        Name(String mask) {
            moreBefore = mask.startsWith("*");
            moreBehind = mask.length() > 1 && mask.endsWith("*");
            word = mask.substring(moreBefore ? 1 : 0, mask.length() - (moreBehind ? 1 : 0))
                    .getBytes(UTF_8);
        }
    }

    private final Name[] names;

    /** Hides these: names in small letters, which may begin or end with {@code *}. */
    public QueryMask(List<String> names) {
        this.names = names.stream().map(Name::new).toArray(Name[]::new);
    }

    /** A target or another URL, from {@code start} to {@code end}, with those values hidden. */
    public byte[] masked(byte[] url, int start, int end) {
        if (query(url, start, end) == end) {
            return Arrays.copyOfRange(url, start, end);
        }
        LineBytes copy = new LineBytes((1 + STARS.length) * (end - start));
        int from = start;
        for (long secret = next(url, query(url, start, end), end); secret >= 0; secret = next(url, to(secret), end)) {
            copy.put(url, from, from(secret));
            copy.put(STARS);
            from = to(secret);
        }
        copy.put(url, from, end);
        return Arrays.copyOf(copy.bytes, copy.end);
    }

    /** Behind the first question mark; the end without one. */
    int query(byte[] url, int start, int end) {
        if (names.length == 0) {
            return end;
        }
        int at = start;
        while (at < end && url[at] != '?') {
            at++;
        }
        return Math.min(at + 1, end);
    }

    /** Where the next value is that is hidden, for {@link #from} and {@link #to}; negative: there is none. */
    long next(byte[] url, int start, int end) {
        int at = start;
        while (at < end) {
            int name = at;
            while (at < end && url[at] != '=' && !isEnd(url[at])) {
                at++;
            }
            int nameEnd = at;
            while (at < end && !isEnd(url[at])) {
                at++;
            }
            if (at > nameEnd + 1 && hides(url, name, nameEnd)) {
                return (long) (nameEnd + 1) << Integer.SIZE | at;
            }
            at++;
        }
        return -1;
    }

    static int from(long secret) {
        return (int) (secret >>> Integer.SIZE);
    }

    static int to(long secret) {
        return (int) secret;
    }

    private static boolean isEnd(byte value) {
        return value == '&' || value == ';' || value == '#' || value == '?';
    }

    private boolean hides(byte[] url, int start, int end) {
        for (Name name : names) {
            if (matches(name, url, start, end)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Name name, byte[] url, int start, int end) {
        int at = start;
        do {
            int behind = prefix(name.word, url, at, end);
            if (behind == end || (behind >= 0 && name.moreBehind)) {
                return true;
            }
            at = at < end ? behind(url, at, end) : end + 1;
        } while (name.moreBefore && at <= end);
        return false;
    }

    /** Behind this word, if it stands here; negative: it does not. */
    private static int prefix(byte[] word, byte[] url, int start, int end) {
        int at = start;
        for (byte letter : word) {
            if (at >= end || lower(letter(url, at, end)) != (letter & 0xff)) {
                return -1;
            }
            at = behind(url, at, end);
        }
        return at;
    }

    private static int lower(int letter) {
        return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
    }

    private static boolean isEscape(byte[] url, int at, int end) {
        return url[at] == '%'
                && at + 2 < end
                && Character.digit(url[at + 1], HEX) >= 0
                && Character.digit(url[at + 2], HEX) >= 0;
    }

    private static int letter(byte[] url, int at, int end) {
        return isEscape(url, at, end)
                ? Character.digit(url[at + 1], HEX) * HEX + Character.digit(url[at + 2], HEX)
                : url[at] & 0xff;
    }

    private static int behind(byte[] url, int at, int end) {
        return at + (isEscape(url, at, end) ? 3 : 1);
    }
}
