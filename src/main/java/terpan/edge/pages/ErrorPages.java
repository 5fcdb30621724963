package terpan.edge.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The pages of Terpan's own answers: the operator's files where there are any, read once and checked, else its own. Immutable.
 * A file is named by a status or its class and by its form: {@code 502.html}, {@code 5xx.json}, {@code 404.txt}.
 */
public final class ErrorPages {
    /** Longest file, bytes. */
    public static final int BYTES_MOST = 64 * 1024;

    private static final Pattern NAME = Pattern.compile("([45][0-9x]{2})\\.(html|json|txt)");
    private static final Pattern PAGE = Pattern.compile(".*\\.(html|json|txt)");

    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(308, "Permanent Redirect"),
            Map.entry(400, "Bad Request"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(412, "Precondition Failed"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(416, "Range Not Satisfiable"),
            Map.entry(417, "Expectation Failed"),
            Map.entry(421, "Misdirected Request"),
            Map.entry(426, "Upgrade Required"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(501, "Not Implemented"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"),
            Map.entry(505, "HTTP Version Not Supported"));

    private static final Map<PageForm, String> OWN = Map.of(PageForm.TEXT, """
            {{status}} {{title}}
            {{reason}}
            Request id: {{request-id}}
            {{cause}}""", PageForm.HTML, """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{status}} {{title}}</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 1rem/1.5 system-ui, sans-serif; margin: 15vh auto 2rem; max-width: 40rem; padding: 0 1rem; }
            h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .5rem; }
            h1 span { opacity: .55; }
            small { opacity: .7; }
            code, pre { font-family: ui-monospace, monospace; font-size: .85rem; }
            pre { overflow-x: auto; white-space: pre-wrap; }
            </style>
            </head>
            <body>
            <h1><span>{{status}}</span> {{title}}</h1>
            <p>{{reason}}</p>
            <p><small>Request id: <code>{{request-id}}</code></small></p>
            <pre>{{cause}}</pre>
            </body>
            </html>
            """, PageForm.JSON, """
            {"status": {{status}}, "title": "{{title}}", "reason": "{{reason}}", "request_id": "{{request-id}}", \
            "cause": "{{cause}}"}
            """);

    private final Map<String, PageTemplate> files;

    /** Taken apart when first wanted, which is not at the start. */
    private final Map<PageForm, PageTemplate> own = new ConcurrentHashMap<>();

    private ErrorPages(Map<String, PageTemplate> files) {
        this.files = Map.copyOf(files);
    }

    /**
     * Reads the operator's pages.
     *
     * @throws IOException a file can not be read or is not a page; the message is for the operator
     */
    public static ErrorPages load(Optional<Path> directory) throws IOException {
        Map<String, PageTemplate> files = new HashMap<>();
        if (directory.isPresent()) {
            try (Stream<Path> entries = Files.list(directory.get())) {
                for (Path file : entries.sorted().toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (PAGE.matcher(name).matches()) {
                        files.put(name, read(file, name));
                    }
                }
            }
        }
        return new ErrorPages(files);
    }

    private static PageTemplate read(Path file, String name) throws IOException {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches() || !known(parts.group(1))) {
            throw new IOException("error page " + file
                    + " is for no answer of Terpan's: expected a name such as 502.html," + " 5xx.html or 503.json");
        }
        if (Files.size(file) > BYTES_MOST) {
            throw new IOException(
                    "error page " + file + " has " + Files.size(file) + " bytes, expected at most " + BYTES_MOST);
        }
        try {
            String text = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return new PageTemplate(form(parts.group(2)), text);
        } catch (CharacterCodingException notText) {
            throw new IOException("error page " + file + " is not UTF-8", notText);
        } catch (IllegalArgumentException unknownPlace) {
            throw new IOException("error page " + file + ": " + unknownPlace.getMessage(), unknownPlace);
        }
    }

    private static boolean known(String status) {
        return status.equals("4xx")
                || status.equals("5xx")
                || (!status.contains("x") && TITLES.containsKey(Integer.parseInt(status)));
    }

    private static PageForm form(String extension) {
        return Stream.of(PageForm.values())
                .filter(form -> form.extension.equals(extension))
                .findFirst()
                .orElseThrow();
    }

    /** The reason phrase of a status. */
    public static String title(int status) {
        return TITLES.getOrDefault(status, "Error");
    }

    /**
     * One page.
     *
     * @param reason one sentence for the person who made the request
     * @param cause what the developer wants to see; empty: nothing
     */
    public byte[] page(int status, String reason, String id, List<String> cause, PageForm form) {
        Map<String, String> values = Map.of(
                "status", Integer.toString(status),
                "title", title(status),
                "reason", reason,
                "request-id", id,
                "cause", String.join("\n", cause));
        PageTemplate exact = files.get(status + "." + form.extension);
        PageTemplate file = exact != null ? exact : files.get(status / 100 + "xx." + form.extension);
        if (file != null) {
            return file.fill(values).getBytes(UTF_8);
        }
        String text = own.computeIfAbsent(form, wanted -> new PageTemplate(wanted, OWN.getOrDefault(wanted, "")))
                .fill(values);
        return (cause.isEmpty() ? withoutCause(text, form) : text).getBytes(UTF_8);
    }

    private static String withoutCause(String text, PageForm form) {
        return switch (form) {
            case TEXT -> text;
            case HTML -> text.replace("<pre></pre>\n", "");
            case JSON -> text.replace(", \"cause\": \"\"", "");
        };
    }
}
