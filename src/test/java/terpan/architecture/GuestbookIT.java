package terpan.architecture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a visitor tries first: the README's first command, on a copy of the example without its virtual environment. */
final class GuestbookIT {
    /** Installing Bottle takes as long as the network does. */
    private static final Duration START = Duration.ofMinutes(3);

    private static final byte[] PICTURE =
            "\u0089PNG\r\n\u001a\nnot much of a picture".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private Process process;
    private int port;

    @BeforeEach
    void serve() throws Exception {
        Path copy = Files.createDirectory(folder.resolve("guestbook"));
        for (String name :
                new String[] {"app.py", "store.py", "pictures.py", "page.tpl", "style.css", "requirements.txt"}) {
            Files.copy(Repository.ROOT.resolve("examples/guestbook").resolve(name), copy.resolve(name));
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
                Repository.ROOT.resolve("terpan").toString(),
                "serve",
                "--install",
                copy.toString(),
                "--workers",
                "2",
                "--bind",
                "127.0.0.1:" + port,
                "--run-directory",
                folder.resolve("run").toString());
        builder.directory(folder.toFile());
        process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        Awaitility.await()
                .atMost(START)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> !process.isAlive() || get("/").statusCode() == 200);
        assertThat(process.isAlive()).as(() -> output()).isTrue();
    }

    @AfterEach
    void stop() throws Exception {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(() -> output()).isTrue();
        assertThat(process.exitValue()).as(() -> output()).isZero();
        try (var left = Files.exists(folder.resolve("run"))
                ? Files.list(folder.resolve("run"))
                : java.util.stream.Stream.<Path>of()) {
            assertThat(left.filter(file -> file.toString().endsWith(".sock")))
                    .as("sockets that are left")
                    .isEmpty();
        }
    }

    @Test
    void aVisitorSignsWithAPictureAndFindsItOnThePageAsJsonAndPieceByPiece() throws Exception {
        HttpResponse<String> signed = post("Ada", "Every <core> at work", PICTURE);
        assertThat(signed.statusCode()).as(signed.body()).isEqualTo(303);
        assertThat(signed.headers().firstValue("Location")).hasValue("http://127.0.0.1:" + port + "/?signed");

        assertThat(get("/").body()).contains("Ada").contains("Every &lt;core&gt; at work");

        HttpResponse<String> entries = get("/api/entries");
        assertThat(entries.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(entries.body()).contains("\"Every <core> at work\"");

        var name = Pattern.compile("/pictures/[0-9a-f]{32}\\.png").matcher(entries.body());
        assertThat(name.find()).isTrue();
        HttpResponse<byte[]> picture = client.send(request(name.group()).build(), BodyHandlers.ofByteArray());
        assertThat(picture.headers().firstValue("Content-Type")).hasValue("image/png");
        assertThat(picture.body()).isEqualTo(PICTURE);

        HttpResponse<String> stream = get("/stream");
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.body()).contains("Every <core> at work").endsWith("That is all.\n");
    }

    @Test
    void whatIsNoPictureIsRefusedWithAReason() throws Exception {
        HttpResponse<String> refused = post("Ada", "Hello", "<svg/>".getBytes(UTF_8));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("Please choose a PNG, JPEG, GIF or WebP picture.");
        assertThat(get("/api/entries").body()).contains("\"total\": 0");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String name, String message, byte[] picture) throws Exception {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(part("name", "").getBytes(UTF_8));
        form.writeBytes((name + "\r\n" + part("message", "") + message + "\r\n").getBytes(UTF_8));
        form.writeBytes(part("picture", "; filename=\"picture.png\"").getBytes(UTF_8));
        form.writeBytes(picture);
        form.writeBytes("\r\n--limit--\r\n".getBytes(UTF_8));
        return client.send(
                request("/")
                        .header("Content-Type", "multipart/form-data; boundary=limit")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String part(String name, String more) {
        return "--limit\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n";
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException failure) {
            return "the output can not be read: " + failure;
        }
    }
}
