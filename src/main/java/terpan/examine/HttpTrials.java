package terpan.examine;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import terpan.server.Conduct;
import terpan.server.ServerProfile;

/** The measurements that one running worker allows, over connections of its own, one after the other. */
final class HttpTrials {
    private static final List<String> IDENTITY =
            List.of("REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.url_scheme");
    private static final Duration ANSWER_MOST = Duration.ofSeconds(3);
    private static final Duration CROWD_MOST = Duration.ofSeconds(12);
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final int CROWD_MORE = 3;
    private static final int CROWD_MOST_REQUESTS = 40;
    private static final int UNREAD_BYTES = 1 << 20;
    private static final int PIECES_APART_LEAST_MILLIS = 200;

    private final SocketAddress address;
    private final ServerProfile profile;
    private final Duration idle;

    HttpTrials(SocketAddress address, ServerProfile profile, Duration idle) {
        this.address = address;
        this.profile = profile;
        this.idle = idle;
    }

    List<Measured> all() throws IOException, InterruptedException {
        List<Measured> rows = new ArrayList<>(identity());
        rows.addAll(keepAlive());
        rows.add(silent());
        rows.add(against("body for HEAD", headBody(), Conduct::headBody));
        rows.add(against("chunked body", chunked(), Conduct::chunkedUpload));
        rows.add(against("100 (Continue)", expectation(), Conduct::expectation));
        rows.add(against("connection after an unread body", unreadBody(), Conduct::unreadBody));
        rows.add(against("two requests in one packet", pipelining(), Conduct::pipelining));
        rows.add(against("pieces of an answer", streaming(), Conduct::streaming));
        rows.add(crowd());
        return rows;
    }

    private Measured against(String name, Enum<?> found, Function<Conduct, Enum<?>> declared) {
        return profile.conduct()
                .map(conduct -> Measured.against(name, words(found), words(declared.apply(conduct))))
                .orElseGet(() -> Measured.only(name, words(found)));
    }

    static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private RawConnection connect() throws IOException, InterruptedException {
        return RawConnection.to(address);
    }

    /** What an application would see without the launcher's wrapper. */
    private List<Measured> identity() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("GET", "/environment");
            String body = connection.answer(ANSWER_MOST).map(RawAnswer::body).orElse("");
            return IDENTITY.stream()
                    .map(name -> Measured.only("bare " + name, value(body, name)))
                    .toList();
        }
    }

    private String value(String body, String name) {
        Matcher line = Pattern.compile("(?m)^" + Pattern.quote(name) + "=(.*)$").matcher(body);
        if (!line.find()) {
            return "absent";
        }
        return line.group(1).contains(address.toString()) ? "the socket's path" : line.group(1);
    }

    private List<Measured> keepAlive() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("GET", "/echo?1");
            Optional<RawAnswer> first = connection.answer(ANSWER_MOST);
            connection.ask("GET", "/echo?2");
            boolean kept = first.isPresent()
                    && connection.answerAt(first.get().end(), ANSWER_MOST).isPresent();
            boolean declared = !profile.keepIdle().isZero();
            Measured keeps = Measured.against(
                    "connection after an answer", kept ? "kept" : "closed", declared ? "kept" : "closed");
            if (!kept) {
                return List.of(keeps);
            }
            Duration open = openFor(connection);
            boolean closed = connection.received().ended();
            return List.of(
                    keeps,
                    new Measured(
                            "idle connection",
                            closed ? "closed after " + seconds(open) : "open after " + seconds(open),
                            Optional.of("left by the front after " + seconds(profile.keepIdle())),
                            closed && open.compareTo(profile.keepIdle()) < 0));
        }
    }

    /** How long it stays open, at most as long as we wait. */
    private Duration openFor(RawConnection connection) throws InterruptedException {
        long begin = System.nanoTime();
        connection.await(Received::ended, idle);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static String seconds(Duration duration) {
        return Math.round(duration.toMillis() / 1000.0) + " s";
    }

    private Measured silent() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            Duration open = openFor(connection);
            boolean closed = connection.received().ended();
            return Measured.only(
                    "connection that says nothing", (closed ? "closed after " : "open after ") + seconds(open));
        }
    }

    private Conduct.HeadBody headBody() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("HEAD", "/always");
            if (!connection.await(now -> RawAnswer.at(0, now, true).isPresent(), ANSWER_MOST)) {
                return Conduct.HeadBody.CLOSED;
            }
            boolean sent = connection.await(now -> now.text().endsWith("always"), MOMENT);
            return sent ? Conduct.HeadBody.SENT : Conduct.HeadBody.STRIPPED;
        }
    }

    private Conduct.ChunkedUpload chunked() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection
                    .ask("POST", "/body", "Transfer-Encoding: chunked")
                    .send("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
            Optional<RawAnswer> answer = connection.answer(ANSWER_MOST);
            if (answer.isEmpty() || answer.get().status() != 200) {
                return Conduct.ChunkedUpload.REFUSED;
            }
            return answer.get().body().equals("12") ? Conduct.ChunkedUpload.WHOLE : Conduct.ChunkedUpload.EMPTY;
        }
    }

    /** The application reads half a second after it was called. */
    private Conduct.Expectation expectation() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("POST", "/late", "Expect: 100-continue", "Content-Length: 4");
            if (connection.await(HttpTrials::goesOn, MOMENT)) {
                return Conduct.Expectation.AT_ONCE;
            }
            if (connection.await(HttpTrials::goesOn, Duration.ofMillis(1200))) {
                return Conduct.Expectation.WHEN_READ;
            }
            connection.send("body");
            connection.await(now -> now.text().contains("HTTP/1.1 200"), ANSWER_MOST);
            return goesOn(connection.received()) ? Conduct.Expectation.AFTER_BODY : Conduct.Expectation.NEVER;
        }
    }

    private static boolean goesOn(Received now) {
        return now.text().startsWith("HTTP/1.1 100");
    }

    /** The next request waits for the answer, or it could share a packet with the body's end: that is pipelining, another row. */
    private Conduct.UnreadBody unreadBody() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("POST", "/unread", "Content-Length: " + UNREAD_BYTES);
            Thread sender = Thread.ofVirtual().start(() -> connection.send("x".repeat(UNREAD_BYTES)));
            Optional<RawAnswer> answer = connection.answer(ANSWER_MOST);
            boolean taken = sender.join(ANSWER_MOST);
            boolean kept = answer.isPresent()
                    && taken
                    && connection
                            .ask("GET", "/echo?next")
                            .answerAt(answer.get().end(), ANSWER_MOST)
                            .filter(next -> next.body().equals("next"))
                            .isPresent();
            connection.end(); // a server that does not read on would hold the sender
            sender.join();
            return kept ? Conduct.UnreadBody.DRAINED : Conduct.UnreadBody.CLOSED;
        }
    }

    private Conduct.Pipelining pipelining() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            String get = "GET /echo?%s HTTP/1.1\r\nHost: probe.example\r\n\r\n";
            connection.send(get.formatted("one") + get.formatted("two"));
            Optional<RawAnswer> first = connection.answer(ANSWER_MOST);
            if (first.isEmpty() || !first.get().body().equals("one")) {
                return Conduct.Pipelining.WRONG;
            }
            boolean both = connection
                    .answerAt(first.get().end(), ANSWER_MOST)
                    .filter(second -> second.body().equals("two"))
                    .isPresent();
            return both ? Conduct.Pipelining.BOTH : Conduct.Pipelining.FIRST;
        }
    }

    private Conduct.Streaming streaming() throws IOException, InterruptedException {
        try (RawConnection connection = connect()) {
            connection.ask("GET", "/stream");
            connection.await(now -> now.text().contains("first"), ANSWER_MOST);
            long begin = System.nanoTime();
            connection.await(now -> now.text().contains("last"), ANSWER_MOST);
            long apart = (System.nanoTime() - begin) / 1_000_000;
            return apart >= PIECES_APART_LEAST_MILLIS ? Conduct.Streaming.AS_GIVEN : Conduct.Streaming.BUFFERED;
        }
    }

    /** More requests at once than the profile says it works on. */
    private Measured crowd() throws IOException, InterruptedException {
        int count = Math.min(profile.capacity() + CROWD_MORE, CROWD_MOST_REQUESTS);
        List<RawConnection> connections = new ArrayList<>();
        try {
            for (int index = 0; index < count; index++) {
                connections.add(connect().ask("GET", "/crowd", "Connection: close"));
            }
            int peak = 0;
            for (RawConnection connection : connections) {
                String body = connection.answer(CROWD_MOST).map(RawAnswer::body).orElse("");
                if (body.matches("\\d{1,6}")) {
                    peak = Math.max(peak, Integer.parseInt(body));
                }
            }
            int declared = Math.min(profile.capacity(), count);
            return Measured.against(
                    "at work at once, of " + count + " requests", Integer.toString(peak), Integer.toString(declared));
        } finally {
            connections.forEach(RawConnection::close);
        }
    }
}
