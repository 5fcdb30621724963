package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;
import terpan.tls.TestCertificates;

/**
 * Every case of the tables over real sockets with a real server behind: whole, byte by byte, and cut at ten times random places.
 * The client has bytes under way behind each refused request and must get the whole answer nevertheless.
 */
@Timeout(240)
final class ConformanceIT {
    private static final int AT_ONCE = 24;
    private static final int RANDOM_CUTS = 10;

    private final long seed = Long.getLong("seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "WAITRESS", "GUNICORN_THREADS"})
    void everyCaseIsAnsweredAsTheTableSaysHoweverItsBytesCome(Setup setup) throws Exception {
        String[] deadlines = {"--head-timeout", "20s", "--body-idle", "20s", "--max-body", "1MiB"};
        try (RunningTerpan terpan = RunningTerpan.serve("seen:application", setup.arguments(deadlines))) {
            run(setup, terpan, false, (bytes, random) -> new int[0]);
            run(setup, terpan, false, (bytes, random) -> everyByte(bytes));
            for (int i = 0; i < RANDOM_CUTS; i++) {
                run(setup, terpan, false, ConformanceIT::someCuts);
            }
        }
    }

    /** Each piece in a record of its own. */
    @Test
    void everyCaseIsAnsweredSoOverTlsToo() throws Exception {
        String[] arguments = {
            "--head-timeout",
            "20s",
            "--body-idle",
            "20s",
            "--max-body",
            "1MiB",
            "--bind",
            "127.0.0.1:0,tls",
            "--tls-certificate",
            TestCertificates.EC.toString()
        };
        try (RunningTerpan terpan = RunningTerpan.serve("seen:application", Setup.BUILTIN.arguments(arguments))) {
            run(Setup.BUILTIN, terpan, true, (bytes, random) -> new int[0]);
            run(Setup.BUILTIN, terpan, true, (bytes, random) -> everyByte(bytes));
            run(Setup.BUILTIN, terpan, true, ConformanceIT::someCuts);
        }
    }

    /** Where a request's bytes are cut. */
    private interface Cuts {
        int[] of(int bytes, Random random);
    }

    private static int[] everyByte(int bytes) {
        int[] cuts = new int[bytes - 1];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    private static int[] someCuts(int bytes, Random random) {
        return random.ints(1 + random.nextInt(4), 0, bytes).sorted().toArray();
    }

    private void run(Setup setup, RunningTerpan terpan, boolean tls, Cuts cuts) throws Exception {
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        Semaphore places = new Semaphore(AT_ONCE);
        List<Future<?>> running = new ArrayList<>();
        Random random = new Random(seed);
        // An address for each server: the ports of one would not last for all.
        InetSocketAddress from = new InetSocketAddress("127.0.0." + setup.name().length(), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Case example : RequestCases.all()) {
                if (tls && example.bytes().contains(" https://")) {
                    continue; // its own there
                }
                int length = example.bytes().length();
                int[] at = length == 0 ? new int[0] : cuts.of(length, random);
                places.acquire();
                running.add(threads.submit(() -> {
                    try {
                        String fault = fault(example, exchange(terpan, from, example, tls, at));
                        if (!fault.isEmpty()) {
                            faults.add(example + "\n  cut at " + Arrays.toString(at) + ": " + fault);
                        }
                    } catch (IOException failed) {
                        faults.add(example + "\n  " + failed);
                    } finally {
                        places.release();
                    }
                }));
            }
        }
        for (Future<?> each : running) {
            each.get();
        }
        assertThat(faults).as("seed %d", seed).isEmpty();
    }

    /** All that the client gets until the other side ends or, where the connection is kept, until the next request is answered. */
    private static String exchange(RunningTerpan terpan, InetSocketAddress from, Case example, boolean tls, int[] cuts)
            throws IOException {
        byte[] bytes = example.bytes().getBytes(ISO_8859_1);
        try (Socket socket = tls ? TestCertificates.TRUSTING.getSocketFactory().createSocket() : new Socket()) {
            socket.setTcpNoDelay(true);
            socket.bind(from);
            socket.connect(terpan.address());
            if (socket instanceof SSLSocket secured) {
                secured.startHandshake();
            }
            OutputStream output = socket.getOutputStream();
            int start = 0;
            try {
                for (int cut : cuts) {
                    output.write(bytes, start, cut - start);
                    start = cut;
                }
                output.write(bytes, start, bytes.length - start);
                if (example.status() == 0) {
                    // No more comes. Of a whole request that would say that the client has left.
                    socket.shutdownOutput();
                }
            } catch (IOException answeredAndCutMeanwhile) {
                throw new IOException("cut while sending from byte " + start, answeredAndCutMeanwhile);
            }
            InputStream input = socket.getInputStream();
            StringBuilder got = new StringBuilder();
            byte[] buffer = new byte[16 * 1024];
            int answers = example.keeps() ? 2 : Integer.MAX_VALUE;
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                got.append(new String(buffer, 0, count, ISO_8859_1));
                if (finals(got) >= answers && ended(example, got)) {
                    break;
                }
            }
            return got.toString();
        }
    }

    private static int finals(CharSequence got) {
        return (int) Pattern.compile("HTTP/1\\.1 [2-5]").matcher(got).results().count();
    }

    /** The next request's answer is the last: its body ends what is read. */
    private static boolean ended(Case example, CharSequence got) {
        return example.keeps() && got.toString().endsWith("\r\n\r\nseen");
    }

    private static String fault(Case example, String got) {
        String text = got.replace("HTTP/1.1 100 Continue\r\n\r\n", "");
        if (example.status() == 0) {
            return text.isEmpty() ? "" : "answered: " + text;
        }
        int status = example.status();
        if (!text.startsWith("HTTP/1.1 " + status + " ")) {
            return status + " expected: " + text;
        }
        if (status != 200) {
            boolean once = finals(text) == 1 && text.contains("\r\nConnection: close\r\n");
            return once ? "" : "one answer and the end expected: " + text;
        }
        if (finals(text) != (example.keeps() ? 2 : 1)) {
            return "another number of answers: " + text;
        }
        Map<String, Object> wanted = wanted(example);
        String seen = seen(text);
        for (Map.Entry<String, Object> entry : wanted.entrySet()) {
            if (!seen.contains(entry.getKey() + ": " + entry.getValue())) {
                return entry + " expected, seen: " + seen;
            }
        }
        return "";
    }

    private static Map<String, Object> wanted(Case example) {
        Map<String, Object> wanted = new TreeMap<>();
        wanted.put("\"method\"", quoted(example.seen().method()));
        wanted.put("\"path\"", quoted(example.seen().path()));
        wanted.put("\"query\"", quoted(example.seen().query()));
        wanted.put("\"host\"", quoted(example.seen().host()));
        wanted.put("\"body\"", quoted(example.seen().body()));
        example.seen().fields().forEach((name, value) -> {
            String key = name.toUpperCase(Locale.ROOT).replace('-', '_');
            wanted.put(quoted(key), quoted(value));
        });
        return wanted;
    }

    /** As Python's json writes it. */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default ->
                    json.append(c < ' ' || c >= 0x7f ? String.format("\\u%04x", (int) c) : Character.toString(c));
            }
        }
        return json.append('"').toString();
    }

    private static String seen(String text) {
        Matcher told = Pattern.compile("X-Seen: (\\S+)").matcher(text);
        return told.find() ? new String(Base64.getDecoder().decode(told.group(1)), ISO_8859_1) : "nothing";
    }
}
