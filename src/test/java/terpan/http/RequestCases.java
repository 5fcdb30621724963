package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rows of the tables of requests as whole requests, body included, with what a client must see and, where a worker is to get
 * it, what the application must see. Every one but the unfinished is followed by {@link #NEXT}, which shows that both sides agree where
 * the request ends.
 */
public final class RequestCases {
    /** The request behind each: answered when the connection is kept, and never taken for a part of the one before. */
    public static final String NEXT = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

    private static final int BODY_MOST = 1 << 20;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n");
    private static final Pattern CHUNKED = Pattern.compile("(?i)\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n");
    private static final String CHUNKED_HEAD =
            "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final RequestParser PARSER = new RequestParser(new HeadLimits(8000, 8000, 32 * 1024, 80, false));

    /** What the application must see; names of fields are lower-case. */
    public record Seen(
            String method, String path, String query, String host, String body, Map<String, String> fields) {}

    /**
     * One case.
     *
     * @param name its table and what the table writes there, which names it for good
     * @param outcome a refusal's name, "ok", or "more" for one that never ends
     * @param status what the client is answered; 0: nothing
     * @param bytes what the client sends
     * @param keeps whether the connection is kept, so that {@link #NEXT} is answered as well
     */
    public record Case(
            String name, String section, String outcome, int status, String bytes, boolean keeps, Seen seen) {
        public boolean refused() {
            return status != 0 && status != 200;
        }

        @Override
        public String toString() {
            return "RFC " + section + " | " + outcome + " | " + name;
        }
    }

    private RequestCases() {}

    public static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (Rows.Row row : Rows.read("request-heads.txt")) {
            cases.add(head("head | " + row.raw(), row));
        }
        for (Rows.Row row : Rows.read("chunked-bodies.txt")) {
            cases.add(body("chunked | " + row.raw(), row));
        }
        return cases;
    }

    private static Case head(String name, Rows.Row row) {
        String bytes = row.message();
        if (row.outcome().equals("more")) {
            return unfinished(name, row, bytes);
        }
        if (!row.outcome().equals("ok")) {
            return refused(name, row, row.outcome(), bytes);
        }
        RequestHead head = new RequestHead();
        PARSER.parse(row.bytes(), 0, row.bytes().length, head);
        String body = "";
        Matcher length = LENGTH.matcher(bytes);
        if (CHUNKED.matcher(bytes).find()) {
            body = "hello";
            bytes += "5\r\nhello\r\n0\r\n\r\n";
        } else if (length.find()) {
            if (head.contentLength > BODY_MOST) {
                return refused(name, row, "BODY_TOO_LARGE", bytes);
            }
            body = "x".repeat((int) head.contentLength);
            bytes += body;
        }
        if (head.absoluteHttps) {
            return refused(name, row, "MISDIRECTED", bytes);
        }
        return new Case(name, row.section(), "ok", 200, bytes + NEXT, head.keepAlive, seen(head, body));
    }

    private static Case body(String name, Rows.Row row) {
        String bytes = CHUNKED_HEAD + row.message();
        if (row.outcome().equals("more")) {
            boolean tooLarge = row.message().startsWith("7fff");
            return tooLarge ? refused(name, row, "BODY_TOO_LARGE", bytes) : unfinished(name, row, bytes);
        }
        if (!row.outcome().equals("ok")) {
            return refused(name, row, row.outcome(), bytes);
        }
        String rest = row.wanted().getLast().substring("rest=".length());
        String body = row.wanted().getFirst().substring("body=".length());
        String whole = bytes.substring(0, bytes.length() - rest.length());
        Seen seen = new Seen("POST", "/chunked", "", "a", body, Map.of());
        return new Case(name, row.section(), "ok", 200, whole + NEXT, true, seen);
    }

    private static Seen nothing() {
        return new Seen("", "", "", "", "", Map.of());
    }

    private static Case unfinished(String name, Rows.Row row, String bytes) {
        return new Case(name, row.section(), "more", 0, bytes, false, nothing());
    }

    private static Case refused(String name, Rows.Row row, String refusal, String bytes) {
        int status = Refusal.valueOf(refusal).status();
        return new Case(name, row.section(), refusal, status, bytes + NEXT, false, nothing());
    }

    private static Seen seen(RequestHead head, String body) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < head.fieldCount; i++) {
            byte field = head.field[i];
            boolean ours = field == Field.HOST
                    || field == Field.CONTENT_LENGTH
                    || field == Field.EXPECT
                    || field == Field.FORWARDED
                    || field == Field.X_FORWARDED
                    || field == Field.PRIVATE;
            if (!ours && !Field.hopByHop(field)) {
                String separator = field == Field.COOKIE ? "; " : ", ";
                String name = cut(head, head.nameStart[i], head.nameEnd[i]).toLowerCase(Locale.ROOT);
                fields.merge(name, cut(head, head.valueStart[i], head.valueEnd[i]), (a, b) -> a + separator + b);
            }
        }
        String path = cut(head, head.pathStart, head.pathEnd);
        if (head.pathMissing) {
            path = head.method == Method.OPTIONS && head.queryStart < 0 ? "*" : "/";
        }
        return new Seen(
                cut(head, head.methodStart, head.methodEnd),
                decoded(path),
                head.queryStart < 0 ? "" : escaped(cut(head, head.queryStart, head.queryEnd)),
                head.hostStart < 0 ? "" : cut(head, head.hostStart, head.hostEnd),
                body,
                fields);
    }

    private static String decoded(String path) {
        return Pattern.compile("%([0-9A-Fa-f]{2})")
                .matcher(path)
                .replaceAll(found ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(found.group(1), 16))));
    }

    /** Bytes beyond ASCII as browsers write them. */
    private static String escaped(String query) {
        return Pattern.compile("[\\x80-\\xff]")
                .matcher(query)
                .replaceAll(found -> "%%%02X".formatted((int) found.group().charAt(0)));
    }

    private static String cut(Head head, int from, int to) {
        return new String(head.bytes, from, to - from, ISO_8859_1);
    }
}
