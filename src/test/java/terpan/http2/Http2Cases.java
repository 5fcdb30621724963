package terpan.http2;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import terpan.http.Refusal;
import terpan.http.RequestCases;

/** Requests of the tables as fields of HTTP/2, with what a client must see. */
public final class Http2Cases {
    /** A reset instead of a status. */
    public static final int RESET = 0;

    private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]+) ([/*][^ ]*) HTTP/1\\.1");
    private static final Pattern FIELD = Pattern.compile("([!#-'*+.^-z|~0-9A-Z-]+):[ \t]*(.*?)[ \t]*", Pattern.DOTALL);

    /** Fields that HTTP/2 does not have, or judges in a way of its own. */
    private static final Set<String> OTHERS = Set.of(
            "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "cookie", "host");

    /**
     * One case.
     *
     * @param fields names and values, the pseudo-fields first
     * @param body what follows; empty: nothing
     * @param bodyFollows whether the request does not end with its head
     * @param status what the client is answered, {@link #RESET} for none
     */
    public record Case(String name, List<String> fields, String body, boolean bodyFollows, int status) {
        @Override
        public String toString() {
            return name;
        }
    }

    private Http2Cases() {}

    /** Those of HTTP/2's own table. */
    public static List<Case> own() {
        return Http2TablesTest.requests().stream()
                .map(row -> new Case(
                        row + " | " + row.raw(),
                        Http2TablesTest.fields(row).stream()
                                .map(field -> field[0] + ": " + field[1])
                                .toList(),
                        "x".repeat((int) length(Http2TablesTest.fields(row))),
                        row.wanted().contains("body=yes"),
                        row.wanted().contains("https=true") ? Refusal.MISDIRECTED.status() : status(row.outcome())))
                .toList();
    }

    private static long length(List<String[]> fields) {
        return fields.stream()
                .filter(field -> field[0].equals("content-length") && field[1].matches("[0-9]{1,4}"))
                .mapToLong(field -> Long.parseLong(field[1]))
                .findFirst()
                .orElse(0);
    }

    private static int status(String outcome) {
        if (outcome.equals("ok")) {
            return 200;
        }
        return Http2TablesTest.isRefusal(outcome) ? Refusal.valueOf(outcome).status() : RESET;
    }

    /** Those of HTTP/1.1's table that can be said in HTTP/2, with the same status. */
    public static List<Case> ofHttp1() {
        return RequestCases.all().stream().flatMap(one -> ofHttp1(one).stream()).toList();
    }

    private static Optional<Case> ofHttp1(RequestCases.Case one) {
        int head = one.bytes().indexOf("\r\n\r\n");
        // Host is no field there, and CONNECT has no path.
        boolean another = one.outcome().equals("TOO_MANY_FIELDS") || one.bytes().startsWith("CONNECT ");
        if (head < 0 || one.status() == 0 || another) {
            return Optional.empty();
        }
        String[] lines = one.bytes().substring(0, head).split("\r\n", -1);
        var first = REQUEST_LINE.matcher(lines[0]);
        if (!first.matches()) {
            return Optional.empty();
        }
        List<String> fields = new ArrayList<>();
        String host = "";
        int hosts = 0;
        boolean length = false;
        for (int i = 1; i < lines.length; i++) {
            var field = FIELD.matcher(lines[i]);
            if (!field.matches()) {
                return Optional.empty();
            }
            String name = field.group(1).toLowerCase(Locale.ROOT);
            length |= name.equals("content-length") && !field.group(2).matches("0*");
            if (name.equals("host")) {
                host = field.group(2);
                hosts++;
            } else if (OTHERS.contains(name)) {
                return Optional.empty();
            } else {
                fields.add(name + ": " + field.group(2));
            }
        }
        if (hosts != 1 || host.isEmpty()) {
            return Optional.empty();
        }
        fields.addAll(
                0,
                List.of(
                        ":method: " + first.group(1),
                        ":scheme: http",
                        ":authority: " + host,
                        ":path: " + first.group(2)));
        return Optional.of(new Case(one.toString(), fields, one.seen().body(), length, one.status()));
    }
}
