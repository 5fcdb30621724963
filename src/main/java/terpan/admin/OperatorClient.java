package terpan.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import terpan.config.Problem;

/** What an operator's commands say to a running Terpan, through its operators' socket. Blocking; each exchange has a deadline. */
public final class OperatorClient {
    /** The field that says what mistakes are about. */
    static final String MISTAKE = "Terpan-Mistake";

    private static final int ANSWER_MOST = 16 << 20;
    private static final Pattern HEAD = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
    private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: (\\d{1,9})\r\n");
    private static final Pattern LOCATION = Pattern.compile("\r\nLocation: (/operations/[0-9]{1,18})\r\n");
    private static final Pattern MISTAKE_LINE = Pattern.compile("\r\nTerpan-Mistake: ([a-z]{1,20})\r\n");
    private static final Duration TAKES_OVER = Duration.ofSeconds(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final Pattern PID = Pattern.compile("\"pid\":(\\d{1,18}),");
    private static final Pattern REQUEST = Pattern.compile("[!-.0-~&&[^?#%]]{1,200}");
    /** A worker that is attached has its address in its name. */
    private static final Pattern WORKER = Pattern.compile("[A-Za-z_][^\\p{Cntrl}]{0,255}");

    /** All but ends of lines; with those of eight bits, and what turns the direction of text. */
    private static final Pattern CONTROLS =
            Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028-\\u202e\\u2066-\\u2069&&[^\n\t]]");

    private final Path socket;
    private final Duration deadline;

    /** In front of the paths of what is of one application of several; else empty. */
    private final String within;

    private record Reply(int status, String location, String mistake, String body) {}

    /**
     * A client; it connects anew for each command.
     *
     * @param deadline for one exchange from connect to close
     */
    public OperatorClient(Path socket, Duration deadline) {
        this(socket, deadline, "");
    }

    private OperatorClient(Path socket, Duration deadline, String within) {
        this.socket = socket;
        this.deadline = deadline;
        this.within = within;
    }

    /** The same where only one of several applications is meant; the empty name: all. */
    public OperatorClient of(String application) {
        return new OperatorClient(socket, deadline, application.isEmpty() ? "" : "/applications/" + application);
    }

    /** Prints how Terpan is: a table, or its JSON as it came. */
    public void status(PrintStream out, boolean json) throws OperatorException {
        out.print(json ? statusJson() : statusText());
        out.flush();
    }

    /** How Terpan is, as JSON, as it came. */
    public String statusJson() throws OperatorException {
        return wanted(exchange("GET", within + "/status"));
    }

    /** The last lines of the log with a higher number, as JSON. */
    public String log(long since) throws OperatorException {
        return wanted(exchange("GET", "/log/" + since));
    }

    /** How Terpan is, as a table; nothing in it moves a terminal's cursor, whoever answers. */
    public String statusText() throws OperatorException {
        return plain(wanted(exchange("GET", within + "/status.txt")));
    }

    /**
     * Has workers replaced, prints each step, and waits until it is done.
     *
     * @param worker one of them; empty: all, one after the other
     * @param most how long it is waited for; zero: not at all
     * @throws OperatorException when it was refused, failed, or is not done in time
     */
    public void restart(Optional<String> worker, Duration most, PrintStream out) throws OperatorException {
        if (worker.isPresent() && !WORKER.matcher(worker.get()).matches()) {
            throw unknown(worker.get());
        }
        String path =
                worker.map(name -> "/workers/" + encoded(name) + "/restart").orElse("/restart");
        order(path, most, out, OperatorException.Kind.FAILED);
    }

    /**
     * Has settings and code read anew, prints each step, and waits until it is done.
     *
     * @param inPlace whether each old worker goes before a new one comes
     * @param most how long it is waited for; zero: not at all
     * @throws OperatorException when the settings have mistakes, it was refused or rolled back, or is not done in time
     */
    public void reload(boolean inPlace, Duration most, PrintStream out) throws OperatorException {
        order(inPlace ? "/reload/in-place" : "/reload", most, out, OperatorException.Kind.ROLLED_BACK);
    }

    /** Has settings and code read anew, and does not wait for it; what Terpan says to that. */
    public String beginReload() throws OperatorException {
        return plain(wanted(exchange("POST", within + "/reload")));
    }

    /** Has it led back to the generation before, as {@link #reload}. */
    public void rollback(Duration most, PrintStream out) throws OperatorException {
        order("/rollback", most, out, OperatorException.Kind.ROLLED_BACK);
    }

    /**
     * Has a group given another number of workers, prints each step, and waits until it is done; or has the load say how many.
     *
     * @param group empty: the only one that there is
     * @param count 1 to 1,024; empty: as many as the load asks for
     */
    public void scale(Optional<String> group, OptionalInt count, Duration most, PrintStream out)
            throws OperatorException {
        String path = group.map(name -> "/groups/" + encoded(name)).orElse("") + "/scale/"
                + (count.isPresent() ? Integer.toString(count.getAsInt()) : "auto");
        order(path, most, out, OperatorException.Kind.FAILED);
    }

    /**
     * Has another process take the running one's place, prints each step, and waits until it has.
     *
     * @param program its command, absolute; empty: the one that the running process was started by
     * @param most how long it is waited for; zero: not at all
     */
    public void upgrade(Optional<Path> program, Duration most, PrintStream out) throws OperatorException {
        String path = program.map(file -> "/" + encoded(file.toString())).orElse("");
        order("/upgrade" + path, most, out, OperatorException.Kind.ROLLED_BACK);
    }

    /** Has new requests held in the queue, for so long at most. */
    public void pause(Duration most, PrintStream out) throws OperatorException {
        order("/pause/" + most.toSeconds(), Duration.ZERO, out, OperatorException.Kind.FAILED);
    }

    /** Has clients answered with the page for 503, but for those of these addresses and networks. */
    public void maintenance(List<String> through, PrintStream out) throws OperatorException {
        String but = through.isEmpty() ? "" : "/" + encoded(String.join(",", through));
        order("/maintenance/on" + but, Duration.ZERO, out, OperatorException.Kind.FAILED);
    }

    /** Ends that. */
    public void endMaintenance(PrintStream out) throws OperatorException {
        order("/maintenance/off", Duration.ZERO, out, OperatorException.Kind.FAILED);
    }

    /**
     * Prints a link to the dashboard, and how programs come in.
     *
     * @param readOnly whether whoever opens it may do nothing
     */
    public void dashboard(boolean readOnly, PrintStream out) throws OperatorException {
        out.print(wanted(exchange("POST", readOnly ? Router.READER_LINK : Router.LINK)));
        out.flush();
    }

    /** Prints what the figures advise. */
    public void advice(boolean json, PrintStream out) throws OperatorException {
        print(wanted(exchange("GET", json ? "/advice" : "/advice.txt")), out);
    }

    /** Prints the slowest requests of the last minutes. */
    public void slow(PrintStream out) throws OperatorException {
        print(wanted(exchange("GET", "/slow.txt")), out);
    }

    /** Prints the way of one request. */
    public void explain(String id, PrintStream out) throws OperatorException {
        if (!REQUEST.matcher(id).matches()) {
            throw new OperatorException(
                    OperatorException.Kind.REFUSED,
                    "the request's id is \"" + id + "\", expected one as the access log or terpan slow has it");
        }
        print(wanted(exchange("GET", "/requests/" + id)), out);
    }

    private static void print(String text, PrintStream out) {
        out.print(plain(text));
        out.flush();
    }

    /** Nothing in it moves a terminal's cursor. */
    private static String plain(String text) {
        return CONTROLS.matcher(text).replaceAll("?");
    }

    /** Prints what the threads of a worker are at. */
    public void stack(String worker, PrintStream out) throws OperatorException {
        out.print(stackText(worker));
        out.flush();
    }

    /** What the threads of a worker are at; nothing in it moves a terminal's cursor. */
    public String stackText(String worker) throws OperatorException {
        if (!WORKER.matcher(worker).matches()) {
            throw unknown(worker);
        }
        return plain(wanted(exchange("POST", "/workers/" + encoded(worker) + "/stack")));
    }

    private static OperatorException unknown(String worker) {
        return new OperatorException(
                OperatorException.Kind.REFUSED,
                "the worker's name is \"" + worker + "\", expected one that terpan status shows");
    }

    /** Ends a pause. */
    public void resume(PrintStream out) throws OperatorException {
        order("/resume", Duration.ZERO, out, OperatorException.Kind.FAILED);
    }

    private void order(String path, Duration most, PrintStream out, OperatorException.Kind failed)
            throws OperatorException {
        Reply begun = exchange("POST", within + path);
        print(wanted(begun), out);
        if (!begun.location().isEmpty() && !most.isZero()) {
            follow(begun.location(), most, out, failed);
        }
    }

    private void follow(String location, Duration most, PrintStream out, OperatorException.Kind failed)
            throws OperatorException {
        long until = System.nanoTime() + most.toNanos();
        ProgressLine progress = new ProgressLine(out, ProgressLine.isWatched());
        try {
            while (true) {
                OperationSnapshot now = OperationSnapshot.read(location, wanted(again(location + ".txt")));
                progress.show(now.steps().stream().map(OperatorClient::plain).toList());
                if (now.state().equals(OperationSnapshot.DONE)) {
                    return;
                }
                if (!now.state().equals(OperationSnapshot.RUNNING)) {
                    throw new OperatorException(failed, plain(now.failure()));
                }
                if (System.nanoTime() - until > 0) {
                    throw new OperatorException(
                            OperatorException.Kind.FAILED,
                            "it goes on, but is not done within " + most.toSeconds()
                                    + " s; terpan status shows how far it is");
                }
                pause();
            }
        } finally {
            progress.end();
        }
    }

    /** As a process takes another's place, its socket takes the other's: for a moment nobody answers. */
    private Reply again(String path) throws OperatorException {
        long until = System.nanoTime() + TAKES_OVER.toNanos();
        while (true) {
            try {
                return exchange("GET", path);
            } catch (OperatorException gone) {
                if (gone.kind() != OperatorException.Kind.NO_ANSWER || System.nanoTime() - until > 0) {
                    throw gone;
                }
                pause();
            }
        }
    }

    private static void pause() throws OperatorException {
        try {
            Thread.sleep(LOOK_AGAIN);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new OperatorException(OperatorException.Kind.NO_ANSWER, "interrupted while it was waited for");
        }
    }

    private static String encoded(String worker) {
        return URLEncoder.encode(worker, UTF_8).replace("+", "%20");
    }

    /**
     * Stops Terpan and waits until its process has ended.
     *
     * @param most how long to wait at most; it goes on stopping when that is over
     * @return the process
     */
    public OptionalLong stop(PrintStream out, Duration most) throws OperatorException {
        Matcher pid = PID.matcher(wanted(exchange("GET", "/status")));
        Optional<ProcessHandle> process =
                pid.find() ? ProcessHandle.of(Long.parseLong(pid.group(1))) : Optional.empty();
        print(wanted(exchange("POST", "/stop")), out);
        if (process.isEmpty()) {
            return OptionalLong.empty();
        }
        awaitEnd(process.get(), most);
        return OptionalLong.of(process.get().pid());
    }

    private static void awaitEnd(ProcessHandle process, Duration most) throws OperatorException {
        try {
            process.onExit().get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new OperatorException(
                    OperatorException.Kind.REFUSED,
                    "process %d has not ended within %d s; it goes on stopping"
                            .formatted(process.pid(), most.toSeconds()));
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | IllegalStateException notWatchable) {
            // Our own process, or one that can not be watched: it was told, which is all that can be said.
        }
    }

    private String wanted(Reply reply) throws OperatorException {
        String told = reply.mistake().toUpperCase(Locale.ROOT);
        for (Problem.Kind kind : Problem.Kind.values()) {
            if (kind.name().equals(told)) {
                throw OperatorException.mistaken(kind, plain(reply.body().strip()));
            }
        }
        if (!told.isEmpty() || reply.status() < 200 || reply.status() >= 300) {
            throw new OperatorException(
                    OperatorException.Kind.REFUSED, plain(reply.body().strip()));
        }
        return reply.body();
    }

    private Reply exchange(String method, String path) throws OperatorException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Thread watch = Thread.ofVirtual().start(() -> closeLate(channel));
            try {
                send(channel, method + " " + path + " HTTP/1.1\r\nHost: terpan\r\nConnection: close\r\n\r\n");
                return parse(readAll(channel));
            } finally {
                watch.interrupt();
            }
        } catch (IOException | IllegalArgumentException failure) {
            throw new OperatorException(
                    OperatorException.Kind.NO_ANSWER,
                    "no answer from %s within %d s: %s".formatted(socket, deadline.toSeconds(), failure));
        }
    }

    private static void send(SocketChannel channel, String request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > ANSWER_MOST) {
                throw new IOException("the answer has more than %d bytes".formatted(ANSWER_MOST));
            }
        }
        return all.toByteArray();
    }

    private static Reply parse(byte[] answer) throws IOException {
        String text = new String(answer, ISO_8859_1);
        int body = text.indexOf("\r\n\r\n") + 4;
        Matcher head = HEAD.matcher(text);
        Matcher length = LENGTH.matcher(text);
        if (body < 4 || !head.lookingAt() || !length.find() || length.start() > body) {
            throw new IOException("what answers there is not Terpan");
        }
        if (answer.length - body != Integer.parseInt(length.group(1))) {
            throw new IOException("the answer broke off");
        }
        Matcher location = LOCATION.matcher(text);
        boolean told = location.find() && location.start() < body;
        Matcher mistake = MISTAKE_LINE.matcher(text);
        boolean mistaken = mistake.find() && mistake.start() < body;
        return new Reply(
                Integer.parseInt(head.group(1)),
                told ? location.group(1) : "",
                mistaken ? mistake.group(1) : "",
                new String(answer, body, answer.length - body, UTF_8));
    }

    private void closeLate(SocketChannel channel) {
        try {
            Thread.sleep(deadline);
            channel.close();
        } catch (InterruptedException done) {
            // The exchange ended in time.
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
