package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An application sees the same request whatever serves it. */
@Timeout(60)
final class IdentityIT {
    private static final List<String> COMPARED = List.of(
            "REMOTE_ADDR",
            "REQUEST_METHOD",
            "SCRIPT_NAME",
            "PATH_INFO",
            "QUERY_STRING",
            "SERVER_NAME",
            "SERVER_PROTOCOL",
            "CONTENT_TYPE",
            "HTTP_HOST",
            "HTTP_COOKIE",
            "HTTP_ACCEPT",
            "HTTP_X_FORWARDED_FOR",
            "HTTP_X_FORWARDED_PROTO",
            "wsgi.url_scheme");

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(
            names = {
                "BUILTIN",
                "WAITRESS",
                "GUNICORN_SYNC",
                "GUNICORN_THREADS",
                "GEVENT",
                "EVENTLET",
                "MEINHELD",
                "BJOERN",
                "CHEROOT",
                "CHERRYPY",
                "TORNADO",
                "TWISTED",
                "UWSGI",
                "UVICORN",
                "HYPERCORN",
                "GRANIAN"
            })
    void theApplicationSeesTheClientWhateverServesIt(Setup setup) throws Exception {
        Path folder = Files.createTempDirectory(Path.of("/tmp"), "tb");
        String socket = "unix:" + folder.resolve("clients") + ",mode=0660";
        try (RunningTerpan terpan = setup.serve("--bind", "127.0.0.1:0", "--bind", socket, "--prefix", "/shop")) {
            int port = ((java.net.InetSocketAddress) terpan.addresses().getFirst()).getPort();
            try (Connection tcp = terpan.connect()) {
                Map<String, String> seen = environment(tcp);
                assertThat(seen).isEqualTo(expected("127.0.0.1", seen));
                assertThat(value(raw(tcp), "SERVER_PORT")).isEqualTo(Integer.toString(port));
            }
            try (Connection unix = Connection.to(terpan.addresses().getLast())) {
                Map<String, String> seen = environment(unix);
                assertThat(seen).isEqualTo(expected("", seen));
            }
        } finally {
            Files.delete(folder);
        }
    }

    /** What every server shows; the client's address is the one given. */
    private static Map<String, String> expected(String address, Map<String, String> seen) {
        Map<String, String> expected = new TreeMap<>();
        expected.put("REMOTE_ADDR", address);
        expected.put("REQUEST_METHOD", "GET");
        expected.put("SCRIPT_NAME", "/shop");
        expected.put("PATH_INFO", "/environment");
        expected.put("QUERY_STRING", "a=1&b=%20");
        expected.put("SERVER_NAME", seen.getOrDefault("SERVER_NAME", ""));
        expected.put("SERVER_PROTOCOL", "HTTP/1.1");
        expected.put("HTTP_HOST", "shop.example");
        expected.put("HTTP_COOKIE", "a=1; b=2");
        expected.put("HTTP_ACCEPT", "text/html, */*");
        if (!address.isEmpty()) {
            expected.put("HTTP_X_FORWARDED_FOR", address);
        }
        expected.put("HTTP_X_FORWARDED_PROTO", "http");
        expected.put("wsgi.url_scheme", "http");
        return expected;
    }

    private static Map<String, String> environment(Connection connection) throws IOException {
        String json = raw(connection);
        Map<String, String> seen = new TreeMap<>();
        COMPARED.forEach(name -> {
            if (json.contains("\"" + name + "\": ")) {
                seen.put(name, value(json, name));
            }
        });
        return seen;
    }

    private static String raw(Connection connection) throws IOException {
        return connection
                .get(
                        "/shop/environment?a=1&b=%20",
                        "Cookie: a=1",
                        "Cookie: b=2",
                        "Accept: text/html",
                        "Accept: */*",
                        "X-Forwarded-For: 203.0.113.9",
                        "X_Forwarded_For: 203.0.113.9",
                        "X-Terpan-Origin: 203.0.113.9")
                .body();
    }

    private static String value(String json, String name) {
        Matcher found =
                Pattern.compile("\"" + Pattern.quote(name) + "\": \"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(name + " in " + json).isTrue();
        return found.group(1);
    }
}
