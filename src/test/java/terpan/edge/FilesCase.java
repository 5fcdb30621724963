package terpan.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.FileSettings;
import terpan.config.StaticFiles;

/** A bench whose application has static files, which are real. */
abstract class FilesCase {
    static final Instant OLD = Instant.parse("2025-06-01T10:00:00Z");
    static final String MODIFIED = "Sun, 01 Jun 2025 10:00:00 GMT";
    static final String LATER = "Sun, 01 Jun 2025 10:00:01 GMT";
    static final String EARLIER = "Sun, 01 Jun 2025 09:59:59 GMT";
    static final String TEXT = "0123456789";
    static final Duration SECOND = Duration.ofMillis(1100);

    @TempDir
    Path folder;

    Path files;
    final EdgeLimits limits = new EdgeLimits();
    EdgeBench bench = new EdgeBench(limits);

    @BeforeEach
    void someFiles() throws IOException {
        files = Files.createDirectory(folder.resolve("files"));
        file("a.txt", TEXT);
        statics(of("/static/", files));
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    Path file(String name, String content) throws IOException {
        Path path = files.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        Files.setLastModifiedTime(path, FileTime.from(OLD));
        return path;
    }

    static StaticFiles of(String path, Path directory) {
        return new StaticFiles(
                path, directory, false, Optional.empty(), false, Optional.empty(), StaticFiles.Immutable.AUTO, false);
    }

    void statics(StaticFiles... some) {
        files(new FileSettings(List.of(some), List.of(), List.of()));
    }

    void files(FileSettings settings) {
        bench.close();
        limits.files = settings;
        bench = new EdgeBench(limits);
    }

    String get(String path, String... fields) {
        return ask("GET", path, fields);
    }

    String ask(String method, String path, String... fields) {
        List<String> lines = new ArrayList<>(List.of(method + " " + path + " HTTP/1.1", "Host: h"));
        lines.addAll(List.of(fields));
        return bench.got(bench.client(String.join("\r\n", lines) + "\r\n\r\n"));
    }

    static String field(String answer, String name) {
        return answer.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("none");
    }

    static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
}
