package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The files of the dashboard, as they lie in the jar; each is read when it is first asked for. Thread-safe. */
final class Assets {
    static final String PREFIX = "/assets/";

    /** Those that there are, and what they are. */
    private static final Map<String, String> TYPES = Map.of(
            "dashboard.html", "text/html; charset=utf-8",
            "closed.html", "text/html; charset=utf-8",
            "dashboard.css", "text/css; charset=utf-8",
            "dashboard.js", "text/javascript; charset=utf-8",
            "draw.js", "text/javascript; charset=utf-8",
            "actions.js", "text/javascript; charset=utf-8",
            "charts.js", "text/javascript; charset=utf-8",
            "uplot-1.6.32.js", "text/javascript; charset=utf-8",
            "uplot-1.6.32.css", "text/css; charset=utf-8",
            "mark.svg", "image/svg+xml");

    private final Map<String, String> read = new ConcurrentHashMap<>();

    /** One of the files that need no token: there is nothing of this Terpan's in them. */
    Answer find(AdminRequest request) throws IOException {
        String name = request.path().substring(PREFIX.length());
        String type = TYPES.get(name);
        if (type == null || type.startsWith("text/html")) {
            return Answer.text(404, "There is no such file.\n");
        }
        return request.reads() ? new Answer(200, type, text(name)) : Answer.notAllowed("GET");
    }

    Answer page(int status, String name) throws IOException {
        return new Answer(status, TYPES.getOrDefault(name, Answer.TEXT), text(name));
    }

    private String text(String name) throws IOException {
        String known = read.get(name);
        if (known != null) {
            return known;
        }
        try (@Nullable InputStream file = Assets.class.getResourceAsStream("/terpan/dashboard/" + name)) {
            if (file == null) {
                throw new IOException("the jar has no " + name);
            }
            String text = new String(file.readAllBytes(), UTF_8);
            read.put(name, text);
            return text;
        }
    }
}
