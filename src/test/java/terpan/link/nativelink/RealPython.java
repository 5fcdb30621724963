package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Has a real Python load what the front wrote. */
final class RealPython {
    /** One request as Python sees it; the body is None, an int, or {@code bytes:} and its content. */
    record Request(int id, Map<String, String> environ, String body) {}

    private static final String SCRIPT = """
            import marshal, sys
            sys.stdout.reconfigure(encoding="latin-1", newline="\\n")
            data = sys.stdin.buffer.read()
            at = 0
            while at < len(data):
                length = int.from_bytes(data[at : at + 4], "little")
                items = marshal.loads(memoryview(data)[at + 4 : at + 4 + length])
                at += 4 + length
                for number, environ, body in zip(items[::3], items[1::3], items[2::3]):
                    print("id", number)
                    for key, value in environ.items():
                        assert type(key) is str and type(value) is str
                        print(key + "=" + value)
                    print("body", "bytes:" + body.decode("latin-1") if type(body) is bytes else body)
            """;

    private RealPython() {}

    /** Loads marshal values that are batches of requests. */
    static List<Request> load(List<byte[]> values) throws IOException, InterruptedException {
        Process python = new ProcessBuilder("python3", "-c", SCRIPT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream input = python.getOutputStream()) {
            for (byte[] value : values) {
                input.write(WorkerFrames.int32(value.length));
                input.write(value);
            }
        }
        String output = new String(python.getInputStream().readAllBytes(), ISO_8859_1);
        if (python.waitFor() != 0) {
            throw new AssertionError("Python could not load it: exit status " + python.exitValue());
        }
        return requests(output);
    }

    private static List<Request> requests(String output) {
        List<Request> requests = new ArrayList<>();
        int id = -1;
        Map<String, String> environ = new TreeMap<>();
        for (String line : output.split("\n", -1)) {
            if (line.startsWith("id ")) {
                id = Integer.parseInt(line.substring(3));
                environ = new TreeMap<>();
            } else if (line.startsWith("body ")) {
                requests.add(new Request(id, environ, line.substring(5)));
            } else if (!line.isEmpty()) {
                int equals = line.indexOf('=');
                environ.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return requests;
    }
}
