package terpan.serve;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** A headless Chromium with one page, driven by the DevTools protocol over WebSocket; says what went wrong on the page, and what it asked for. */
final class Chromium implements AutoCloseable, WebSocket.Listener {
    private static final Duration MOST = Duration.ofSeconds(30);
    private static final Pattern ADDRESS = Pattern.compile("DevTools listening on (ws://\\S+)");

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** What has come of a message; the WebSocket gives one piece after the other. */
    private final StringBuilder piece = new StringBuilder();

    private final String session;

    private Chromium(Process process, Path profile, String address) {
        this.process = process;
        this.profile = profile;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address), this)
                .join();
        JsonObject target = send("", "Target.createTarget", Map.of("url", "about:blank"));
        JsonObject attached = send(
                "",
                "Target.attachToTarget",
                Map.of("targetId", target.get("targetId").getAsString(), "flatten", true));
        this.session = attached.get("sessionId").getAsString();
        Stream.of("Page", "Runtime", "Log", "Network").forEach(domain -> call(domain + ".enable", Map.of()));
    }

    static Chromium open() throws IOException {
        Path profile = Files.createTempDirectory("terpan-browser");
        Process process = new ProcessBuilder(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines = process.errorReader();
        String line = lines.readLine();
        while (line != null) {
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                Thread.ofVirtual().start(() -> lines.lines().forEach(rest -> {}));
                return new Chromium(process, profile, address.group(1));
            }
            line = lines.readLine();
        }
        throw new IOException("Chromium has ended before it listened");
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        piece.append(data);
        if (last) {
            JsonObject message = JsonParser.parseString(piece.toString()).getAsJsonObject();
            piece.setLength(0);
            if (message.has("id")) {
                CompletableFuture<JsonObject> waiting =
                        answers.remove(message.get("id").getAsInt());
                if (waiting != null) {
                    waiting.complete(message);
                }
            } else {
                note(message.get("method").getAsString(), message.getAsJsonObject("params"));
            }
        }
        from.request(1);
        return CompletableFuture.completedFuture(null);
    }

    private void note(String method, JsonObject told) {
        switch (method) {
            case "Runtime.exceptionThrown" -> problems.add(told.toString());
            case "Runtime.consoleAPICalled" -> {
                if (told.get("type").getAsString().matches("error|warning|assert")) {
                    problems.add(told.get("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                JsonObject entry = told.getAsJsonObject("entry");
                if (entry.get("level").getAsString().matches("error|warning")) {
                    problems.add(entry.get("text") + " " + entry.get("url"));
                }
            }
            case "Network.requestWillBeSent" ->
                requests.add(told.getAsJsonObject("request").get("url").getAsString());
            default -> {}
        }
    }

    private JsonObject send(String to, String method, Map<String, ?> parameters) {
        int number = numbers.incrementAndGet();
        JsonObject message = new JsonObject();
        message.addProperty("id", number);
        message.addProperty("method", method);
        message.add("params", json(parameters));
        if (!to.isEmpty()) {
            message.addProperty("sessionId", to);
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(number, answer);
        socket.sendText(message.toString(), true).join();
        JsonObject told = answer.orTimeout(MOST.toSeconds(), TimeUnit.SECONDS).join();
        if (told.has("error")) {
            throw new IllegalStateException(method + ": " + told.get("error"));
        }
        return told.getAsJsonObject("result");
    }

    private static JsonElement json(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                JsonObject object = new JsonObject();
                map.forEach((name, its) -> object.add(String.valueOf(name), json(its)));
                yield object;
            }
            case List<?> list -> {
                JsonArray array = new JsonArray();
                list.forEach(its -> array.add(json(its)));
                yield array;
            }
            case Number number -> new JsonPrimitive(number);
            case Boolean truth -> new JsonPrimitive(truth);
            default -> new JsonPrimitive(value.toString());
        };
    }

    private JsonObject call(String method, Map<String, ?> parameters) {
        return send(session, method, parameters);
    }

    /** Opens an address; what was noted of pages before is forgotten. */
    void go(String address) {
        call("Page.navigate", Map.of("url", "about:blank"));
        await().atMost(MOST).until(() -> evaluate("location.href").equals("about:blank"));
        problems.clear();
        requests.clear();
        call("Page.navigate", Map.of("url", address));
    }

    /** The value of an expression as text; a promise is waited for. */
    String evaluate(String expression) {
        JsonObject told =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (told.has("exceptionDetails")) {
            throw new IllegalStateException(told.get("exceptionDetails").toString());
        }
        JsonElement value = told.getAsJsonObject("result").get("value");
        return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
    }

    /** Waits until an expression is true. */
    void awaitThat(String expression) {
        try {
            await(expression)
                    .atMost(MOST)
                    .until(() -> evaluate("String(Boolean(" + expression + "))").equals("true"));
        } catch (ConditionTimeoutException never) {
            throw new AssertionError(never.getMessage() + "\nThe browser says: " + problems, never);
        }
    }

    /** Presses what is there, with the mouse. */
    void press(String selector) {
        String found = "document.querySelector(" + quoted(selector) + ")";
        awaitThat(found + " && " + found + ".checkVisibility() && !" + found + ".disabled");
        evaluate(found + ".scrollIntoView({block: 'center'})");
        String[] place = evaluate("(() => { const r = " + found
                        + ".getBoundingClientRect(); return `${r.x + r.width / 2} ${r.y + r.height / 2}`; })()")
                .split(" ", -1);
        for (String what : List.of("mousePressed", "mouseReleased")) {
            call(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            what,
                            "x",
                            Double.parseDouble(place[0]),
                            "y",
                            Double.parseDouble(place[1]),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    /** Puts text in the place of what a field has. */
    void fill(String selector, String text) {
        evaluate("(() => { const it = document.querySelector(" + quoted(selector) + "); it.focus(); it.select(); })()");
        call("Input.insertText", Map.of("text", text));
    }

    /** The page as it is on a screen of this size. */
    void screen(int width, int height, String scheme) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** A PNG of what the screen shows. */
    byte[] picture() {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                        .get("data")
                        .getAsString());
    }

    /** Errors and warnings on the page. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** The addresses that the page asked for. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private static String quoted(String text) {
        return new JsonPrimitive(text).toString();
    }

    @Override
    public void close() throws IOException {
        try {
            send("", "Browser.close", Map.of());
        } catch (RuntimeException gone) {
            process.destroy();
        }
        try {
            process.onExit().orTimeout(MOST.toSeconds(), TimeUnit.SECONDS).join();
        } finally {
            process.destroyForcibly();
        }
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
