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
    /** Of each kind that some server does not know, changes or refuses. */
    private static final List<String> METHODS = List.of(
            "GET",
            "POST",
            "PUT",
            "DELETE",
            "OPTIONS",
            "PATCH",
            "TRACE",
            "PURGE",
            "PROPFIND",
            "M-SEARCH",
            "get",
            "X",
            "-",
            "GETS",
            "A-METHOD-OF-THIRTY-TWO-LETTERS..",
            "!#$%&'*+.^_`|~9");

    /** What CGI has of a request; of SERVER_NAME and SERVER_SOFTWARE each server has its own. */
    private static final String OF_THE_REQUEST =
            "HTTP_.*|CONTENT_TYPE|QUERY_STRING|SCRIPT_NAME|PATH_INFO|PATH_TRANSLATED"
                    + "|REQUEST_METHOD|REMOTE_.*|SERVER_P.*|AUTH_TYPE";

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

    static void methods(Bench bench) throws IOException {
        for (String method : METHODS) {
            for (String length : List.of("X-None: 1", "Content-Length: 0", "Content-Length: 4")) {
                String body = length.endsWith("4") ? "body" : "";
                if (method.equals("TRACE") && !body.isEmpty()) {
                    continue; // a 400 (RFC 9110, section 9.3.8)
                }
                try (Connection connection = bench.connect()) {
                    connection.ask(method, Bench.PREFIX + "/environment", length);
                    Answer answer = connection.send(body).read();
                    Map<String, String> seen = seen(answer);
                    assertThat(seen).as(method + ", " + length).containsEntry("REQUEST_METHOD", method);
                    assertLength(length, seen);
                    connection.ask(method, Bench.PREFIX + "/body", length);
                    assertThat(connection.send(body).read().body())
                            .as(method + ", " + length)
                            .contains(" " + body.length() + " ");
                }
            }
        }
    }

    private static void assertLength(String line, Map<String, String> seen) {
        if (line.startsWith("Content-Length: ")) {
            assertThat(seen).containsEntry("CONTENT_LENGTH", line.substring("Content-Length: ".length()));
        } else {
            assertThat(seen).doesNotContainKey("CONTENT_LENGTH");
        }
        assertThat(seen).doesNotContainKey("HTTP_CONTENT_LENGTH");
    }

    static void asterisk(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            for (String target : List.of("*", "http://shop.example")) {
                Map<String, String> seen =
                        seen(connection.ask("OPTIONS", target).read());
                assertThat(seen)
                        .containsEntry("REQUEST_METHOD", "OPTIONS")
                        .containsEntry("SCRIPT_NAME", "")
                        .containsEntry("PATH_INFO", "*")
                        .containsEntry("QUERY_STRING", "");
                for (String name : List.of("REQUEST_URI", "RAW_URI")) {
                    assertThat(seen.getOrDefault(name, "*")).as(name).isEqualTo("*");
                }
            }
        }
    }

    /** All that a request says, and nothing else, but for what a server says of itself. */
    static void everything(Bench bench) throws IOException {
        String port = Integer.toString(((InetSocketAddress) bench.terpan().address()).getPort());
        for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
            for (String host : List.of("Host: shop.example\r\n", "")) {
                if (host.isEmpty() && version.equals("HTTP/1.1")) {
                    continue; // a 400
                }
                for (String length : List.of("X-None: 1", "Content-Length: 0", "Content-Length: 4")) {
                    try (Connection connection = bench.connect()) {
                        connection.send("POST " + Bench.PREFIX + "/environment?a=1 " + version + "\r\n" + host + length
                                + "\r\nContent-Type: text/x\r\nX-One: 1\r\nProxy: evil\r\n\r\n"
                                + (length.endsWith("4") ? "body" : ""));
                        Map<String, String> seen = seen(connection.read());
                        Map<String, String> expected = new TreeMap<>(Map.of(
                                "REQUEST_METHOD", "POST",
                                "SCRIPT_NAME", Bench.PREFIX,
                                "PATH_INFO", "/environment",
                                "QUERY_STRING", "a=1",
                                "CONTENT_TYPE", "text/x",
                                "SERVER_PROTOCOL", version,
                                "SERVER_PORT", port,
                                "REMOTE_ADDR", "127.0.0.1",
                                "REMOTE_PORT", Integer.toString(connection.localPort())));
                        expected.putAll(Map.of(
                                "HTTP_X_ONE", "1",
                                "HTTP_X_FORWARDED_FOR", "127.0.0.1",
                                "HTTP_X_FORWARDED_PROTO", "http"));
                        if (!host.isEmpty()) {
                            expected.put("HTTP_HOST", "shop.example");
                            expected.put("HTTP_X_FORWARDED_HOST", "shop.example");
                        }
                        if (length.startsWith("X-None")) {
                            expected.put("HTTP_X_NONE", "1");
                        }
                        assertLength(length, seen);
                        seen.keySet().removeIf(name -> !name.matches(OF_THE_REQUEST));
                        assertThat(seen).as(version + ", " + host + length).isEqualTo(expected);
                    }
                }
            }
        }
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
