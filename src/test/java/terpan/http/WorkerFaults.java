package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The table of workers that misbehave, and how far what a client got is what it must see. */
public final class WorkerFaults {
    /** Bytes of the body of a POST. */
    public static final int BODY = 300_000;

    private static final List<String> ENDS = List.of("{close}", "{reset}", "{hang}");

    /**
     * One worker.
     *
     * @param early whether it answers before it has read the request's body
     * @param answer what it sends
     * @param end what it does then: close, reset, hang, or nothing
     */
    public record Fault(
            int line,
            String section,
            String method,
            int status,
            List<String> wanted,
            boolean early,
            String answer,
            String end) {
        public String request() {
            String body = "x".repeat(method.equals("POST") ? BODY : 0);
            String length = body.isEmpty() ? "" : "Content-Length: " + BODY + "\r\n";
            return method + " /fault/" + line + " HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + body;
        }

        /** Whether the client must see an answer that breaks off. */
        public boolean cut() {
            return wanted.contains("cut");
        }

        /** What is wrong about a whole answer; empty when nothing is. */
        public String wrong(String answered) {
            if (!answered.startsWith("HTTP/1.1 " + status + " ")) {
                return "another status";
            }
            int end = answered.indexOf("\r\n\r\n") + 4;
            String head = answered.substring(0, end).toLowerCase(java.util.Locale.ROOT);
            for (String each : wanted) {
                int at = each.indexOf('=');
                String value = each.substring(at + 1);
                String lowered = value.toLowerCase(java.util.Locale.ROOT);
                boolean holds = switch (each.substring(0, Math.max(0, at))) {
                    case "body" -> unchunked(answered.substring(end), head).equals(value);
                    case "with" -> head.contains("\r\n" + lowered + "\r\n");
                    case "without" -> !head.contains("\r\n" + lowered + ":");
                    default -> throw new IllegalArgumentException(each);
                };
                if (!holds) {
                    return each + " does not hold";
                }
            }
            return "";
        }

        private static String unchunked(String body, String head) {
            return head.contains("transfer-encoding: chunked")
                    ? body.replaceAll("[0-9a-f]+\r\n", "").replace("\r\n", "")
                    : body;
        }

        @Override
        public String toString() {
            return "line " + line + ", RFC " + section + ", " + method;
        }
    }

    private WorkerFaults() {}

    public static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(WorkerFaults.class.getResourceAsStream("worker-faults.txt")), ISO_8859_1))) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    faults.add(fault(number, line.split(" \\| ", 4)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return faults;
    }

    private static Fault fault(int line, String[] parts) {
        String does = parts[3];
        String end = ENDS.stream().filter(does::endsWith).findFirst().orElse("");
        boolean early = does.startsWith("{early}");
        String bytes = does.substring(early ? "{early}".length() : 0, does.length() - end.length());
        String[] sees = parts[2].split(" (?=cut|body=|with=|without=)", 2);
        List<String> wanted =
                sees.length < 2 ? List.of() : Arrays.asList(sees[1].split(" (?=cut|body=|with=|without=)"));
        return new Fault(
                line,
                parts[0],
                parts[1],
                Integer.parseInt(sees[0]),
                wanted,
                early,
                Rows.plain(bytes),
                end.replaceAll("[{}]", ""));
    }
}
