package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import terpan.serve.Answer;
import terpan.serve.Connection;

/** What the application sees of a request. */
final class Requests {
    private static final int FIELDS = 78;
    private static final int FIELD_BYTES = 400;

    private Requests() {}

    private static Map<String, String> seen(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        Map<String, String> seen = new TreeMap<>();
        answer.body().lines().forEach(line -> {
            int tab = line.indexOf('\t');
            seen.put(line.substring(0, tab), line.substring(tab + 1));
        });
        return seen;
    }

    static void identity(Bench bench) throws IOException {
        String port = Integer.toString(((InetSocketAddress) bench.terpan().address()).getPort());
        try (Connection connection = bench.connect()) {
            Map<String, String> seen = seen(connection.get(
                    Bench.PREFIX + "/environment?a=1&b=%20",
                    "X-Forwarded-For: 203.0.113.9",
                    "X-Terpan-Origin: 203.0.113.9 1 https evil 1",
                    "X_Terpan_Origin: 203.0.113.9 1 https evil 1",
                    "Forwarded: for=203.0.113.9",
                    "Script-Name: /evil",
                    "Path_Info: /evil"));
            assertThat(seen)
                    .containsEntry("REMOTE_ADDR", "127.0.0.1")
                    .containsEntry("REMOTE_PORT", Integer.toString(connection.localPort()))
                    .containsEntry("SERVER_PORT", port)
                    .containsEntry("SERVER_PROTOCOL", "HTTP/1.1")
                    .containsEntry("REQUEST_METHOD", "GET")
                    .containsEntry("QUERY_STRING", "a=1&b=%20")
                    .containsEntry("HTTP_HOST", "shop.example")
                    .containsEntry("HTTP_X_FORWARDED_FOR", "127.0.0.1")
                    .containsEntry("HTTP_X_FORWARDED_PROTO", "http")
                    .containsEntry("wsgi.url_scheme", "http")
                    .containsEntry("wsgi.multiprocess", "True")
                    .doesNotContainKeys(
                            "HTTP_X_TERPAN_ORIGIN", "HTTP_TRANSFER_ENCODING", "HTTP_PATH_INFO", "REMOTE_HOST");
            assertThat(seen.get("SERVER_NAME")).isIn("127.0.0.1", "localhost", "shop.example");
            assertThat(seen.values()).noneMatch(value -> value.contains("203.0.113.9") || value.equals("evil"));
        }
    }

    static void prefix(Bench bench) throws IOException {
        assertThat(seen(bench.get("/seen/a/b")))
                .containsEntry("SCRIPT_NAME", Bench.PREFIX)
                .containsEntry("PATH_INFO", "/seen/a/b");
    }

    static void nonAscii(Bench bench) throws IOException {
        assertThat(seen(bench.get("/seen/./x/..//caf%C3%A9%20au%2Flait?q=%C3%BC+%2B")))
                .containsEntry("PATH_INFO", "/seen/./x/..//caf\u00c3\u00a9 au/lait")
                .containsEntry("QUERY_STRING", "q=%C3%BC+%2B");
    }

    static void repeatedFields(Bench bench) throws IOException {
        Map<String, String> seen = seen(bench.get(
                "/environment",
                "Accept: text/html",
                "Cookie: a=1",
                "Accept: */*",
                "Cookie: b=2",
                "X-Latin: caf\u00e9",
                "X-Empty:"));
        assertThat(seen)
                .containsEntry("HTTP_ACCEPT", "text/html, */*")
                .containsEntry("HTTP_COOKIE", "a=1; b=2")
                .containsEntry("HTTP_X_LATIN", "caf\u00e9")
                .containsEntry("HTTP_X_EMPTY", "");
    }

    static void largeHead(Bench bench) throws IOException {
        List<String> fields = new ArrayList<>();
        for (int number = 10; number < 10 + FIELDS; number++) {
            fields.add("X-Field-" + number + ": " + Integer.toString(number).repeat(FIELD_BYTES / 2 - 10));
        }
        Map<String, String> seen = seen(bench.get("/environment", fields.toArray(String[]::new)));
        for (int number = 10; number < 10 + FIELDS; number++) {
            assertThat(seen)
                    .containsEntry(
                            "HTTP_X_FIELD_" + number, Integer.toString(number).repeat(FIELD_BYTES / 2 - 10));
        }
    }
}
