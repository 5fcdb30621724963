package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.http.WorkerFaults;
import terpan.http.WorkerFaults.Fault;

/** Every worker of the table that misbehaves, attached over a real socket, all at once; a good one's answers stay right between. */
@Timeout(120)
final class MisbehavingWorkerIT {
    private static final Map<Integer, Fault> FAULTS =
            WorkerFaults.all().stream().collect(Collectors.toMap(Fault::line, Function.identity()));

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFaultStaysWithTheRequestThatMetIt(boolean http2) throws Exception {
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> accept(listener, threads));
            String worker = "127.0.0.1:" + listener.getLocalPort() + ",capacity=16";
            try (RunningTerpan terpan = RunningTerpan.start(
                    Map.of(), List.of("--attach", worker, "--answer-idle", "1s", "--bind", "127.0.0.1:0,h2c"))) {
                try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                    FAULTS.values().forEach(fault -> clients.execute(() -> client(terpan, http2, fault, wrong)));
                }
                for (Socket socket : open) {
                    socket.close();
                }
                assertThat(wrong).isEmpty();
            }
        }
    }

    private void accept(ServerSocket listener, ExecutorService threads) {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException over) {
            // The test has ended.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream input = socket.getInputStream();
            for (String head = head(input); !head.isEmpty(); head = head(input)) {
                Matcher numbered = Pattern.compile("^[A-Z]+ /fault/([0-9]+) ").matcher(head);
                Fault fault = numbered.find() ? FAULTS.get(Integer.parseInt(numbered.group(1))) : null;
                if (fault == null) {
                    String path = head.substring(head.indexOf(' ') + 1, head.indexOf(" HTTP/"));
                    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
                } else if (misbehave(socket, input, fault)) {
                    return;
                }
            }
        } catch (IOException broken) {
            // So ends many a misbehaving worker.
        } finally {
            open.remove(socket);
        }
    }

    /** Whether that was the end of the connection. */
    private static boolean misbehave(Socket socket, InputStream input, Fault fault) throws IOException {
        if (!fault.early() && fault.method().equals("POST")) {
            input.skipNBytes(WorkerFaults.BODY);
        }
        say(socket, fault.answer());
        switch (fault.end()) {
            case "close" -> socket.shutdownOutput();
            case "reset" -> {
                socket.setSoLinger(true, 0);
                return true;
            }
            case "hang" -> {}
            default -> {
                input.skipNBytes(fault.early() ? WorkerFaults.BODY : 0);
                return false;
            }
        }
        // What was not read would make a reset of the end.
        input.transferTo(java.io.OutputStream.nullOutputStream());
        return true;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static String head(InputStream input) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = input.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void client(RunningTerpan terpan, boolean http2, Fault fault, ConcurrentLinkedQueue<String> wrong) {
        String expected = "/good/" + fault.line();
        try {
            boolean kept = asked(terpan, http2, fault, expected, wrong);
            if (!kept) {
                next(terpan.get(expected), fault, expected, wrong);
            }
        } catch (IOException | RuntimeException failed) {
            wrong.add(fault + ": " + failed);
        }
    }

    /** Whether the connection was kept, and the next request answered on it. */
    private static boolean asked(
            RunningTerpan terpan, boolean http2, Fault fault, String expected, ConcurrentLinkedQueue<String> wrong)
            throws IOException {
        try (Connection connection = http2 ? Http2Connection.over(terpan.address()) : terpan.connect()) {
            boolean posts = fault.method().equals("POST");
            connection.ask(
                    fault.method(),
                    "/fault/" + fault.line(),
                    posts ? new String[] {"Content-Length: " + WorkerFaults.BODY} : new String[0]);
            connection.send("x".repeat(posts ? WorkerFaults.BODY : 0));
            Answer answer;
            String body;
            try {
                answer = connection.readHead();
                while (answer.status() < 200) {
                    answer = connection.readHead();
                }
                boolean none = fault.method().equals("HEAD");
                body = none ? "" : new String(connection.body(answer).readAllBytes(), ISO_8859_1);
            } catch (IOException broken) {
                if (!fault.cut()) {
                    wrong.add(fault + " broke off: " + broken);
                }
                return false;
            }
            List<String> lines = answer.fields().stream()
                    .filter(line -> !line.startsWith("Transfer-Encoding"))
                    .toList();
            String whole = "HTTP/1.1 " + answer.status() + " \r\n" + String.join("\r\n", lines) + "\r\n\r\n";
            boolean takenBack = fault.cut() && answer.status() == 502;
            String found = takenBack ? "" : fault.cut() ? "not cut" : fault.wrong(whole + body);
            if (!found.isEmpty()) {
                wrong.add(fault + ": " + found + ": " + whole + body);
            }
            if (answer.field("connection").isPresent()) {
                return false;
            }
            next(connection.get(expected), fault, expected, wrong);
            return true;
        }
    }

    private static void next(Answer answer, Fault fault, String expected, ConcurrentLinkedQueue<String> wrong) {
        if (answer.status() != 200 || !answer.body().equals(expected)) {
            wrong.add(fault + ", the next request: " + answer);
        }
    }
}
