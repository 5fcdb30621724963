package terpan.config;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which requests the access log shows, and how many of them, such as {@code /health 2xx off}.
 *
 * @param path what the path is, without query, as the client sent it, or begins with
 * @param begins whether the path begins with it; else it is the whole of it
 * @param leastStatus of the statuses that it is for, 0 to 599; 0: of a client that left before one, too
 * @param mostStatus the last of them
 * @param share how many of them are shown, in hundred-thousandths, 0 to 100,000
 */
public record AccessRule(String path, boolean begins, int leastStatus, int mostStatus, int share) {
    /** {@link #share} of all of them. */
    public static final int ALL = 100_000;

    /** What is expected, in words. */
    static final String FORM =
            "a path (/health, /static/*, or * for any), a status (404, 2xx or 200-399) or both, then on, off or a share such as 0.5%";

    private static final int THOUSANDTHS = 1_000;
    private static final int HUNDRED = 100;
    private static final int STATUS_MOST = 599;
    private static final Pattern SHARE = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3})?%");
    private static final Pattern RULE = Pattern.compile("(?:(\\*|/[!-~&&[^*]]*\\*?)(?: +|$))?"
            + "(?:([1-5]xx|[1-5][0-9]{2}|[1-5][0-9]{2}-[1-5][0-9]{2}) +)?"
            + "(on|off|[0-9]{1,3}(?:\\.[0-9]{1,3})?%)");

    /** Reads one as a person writes it. */
    static Parsed<AccessRule> read(String text) {
        Matcher rule = RULE.matcher(text.strip());
        if (!rule.matches() || (rule.group(1) == null && rule.group(2) == null)) {
            return Parsed.bad("expected " + FORM);
        }
        OptionalInt share = share(rule.group(3));
        if (share.isEmpty()) {
            return Parsed.bad("its share is over 100%, expected " + FORM);
        }
        String path = rule.group(1) == null ? "*" : rule.group(1);
        boolean begins = path.endsWith("*");
        String status = rule.group(2) == null ? "0-" + STATUS_MOST : rule.group(2);
        int least = Integer.parseInt(status.replaceAll("-.*", "").replace("xx", "00"));
        int most = status.endsWith("xx") ? least + HUNDRED - 1 : Integer.parseInt(status.replaceAll(".*-", ""));
        return Parsed.good(new AccessRule(
                begins ? path.substring(0, path.length() - 1) : path, begins, least, most, share.getAsInt()));
    }

    /** A share such as 0.5% in hundred-thousandths; empty: it is none, or over 100%. */
    static Optional<Integer> hundredThousandths(String text) {
        OptionalInt share = SHARE.matcher(text).matches() ? share(text) : OptionalInt.empty();
        return share.isPresent() ? Optional.of(share.getAsInt()) : Optional.empty();
    }

    private static OptionalInt share(String text) {
        if (!text.endsWith("%")) {
            return OptionalInt.of(text.equals("on") ? ALL : 0);
        }
        String number = text.substring(0, text.length() - 1);
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String rest = ((point < 0 ? "" : number.substring(point + 1)) + "000").substring(0, 3);
        int share = Integer.parseInt(whole) * THOUSANDTHS + Integer.parseInt(rest);
        return share > ALL ? OptionalInt.empty() : OptionalInt.of(share);
    }
}
