package terpan.admin;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * What whoever comes over TCP gets: a stranger nothing, a browser with a link a session, who has a token or a session the dashboard and what the
 * {@link Router} has, readers nothing that changes anything. Thread-safe.
 */
final class TcpDoor implements Door {
    /** Dashboards that may be open at a time. */
    static final int LIVE_MOST = 16;

    private static final String COOKIE = "terpan-operator";
    private static final String BEARER = "Bearer ";
    private static final String CODE = "code=";

    private final Router router;
    private final Access access;
    private final Stranger stranger;
    private final LiveFeed feed;
    private final Assets assets = new Assets();
    private final Semaphore live = new Semaphore(LIVE_MOST);

    /** Who somebody is, and whether a browser sent their cookie by itself. */
    private record Known(Role role, boolean byCookie) {}

    TcpDoor(Router router, Access access, Stranger stranger, LiveFeed feed) {
        this.router = router;
        this.access = access;
        this.stranger = stranger;
        this.feed = feed;
    }

    @Override
    public Reply answer(AdminRequest request) throws IOException {
        if (request.reads()
                && (request.path().equals(Router.LIVE) || request.path().equals(Router.READY))) {
            return router.answer(request).guarded(); // a kubelet names no host and has no token, and learns a word
        }
        Optional<Answer> refusal = stranger.refusal(request);
        Reply reply = refusal.isPresent() ? refusal.get() : known(request);
        return reply instanceof Answer answer ? answer.guarded() : reply;
    }

    private Reply known(AdminRequest request) throws IOException {
        if (request.path().equals("/enter")) {
            return enter(request);
        }
        if (request.path().startsWith(Assets.PREFIX)) {
            return assets.find(request);
        }
        Optional<Known> known = who(request);
        if (known.isEmpty()) {
            return request.path().equals("/")
                    ? assets.page(401, "closed.html")
                    : Answer.text(401, "Expected Authorization: Bearer and a token; terpan dashboard shows it.\n")
                            .with("WWW-Authenticate: Bearer realm=\"terpan\"");
        }
        return allowed(request, known.get());
    }

    private Reply allowed(AdminRequest request, Known known) throws IOException {
        if (!request.reads() && known.role() == Role.READER) {
            return Answer.text(403, "With this token everything can be seen and nothing be done.\n");
        }
        if (!request.reads() && known.byCookie() && !stranger.isProven(request)) {
            return Answer.text(403, "Expected Origin or Sec-Fetch-Site of the dashboard itself.\n");
        }
        return switch (request.path()) {
            case "/" -> request.reads() ? assets.page(200, "dashboard.html") : Answer.notAllowed("GET");
            case "/feed" -> live(known.role());
            case Router.LINK, Router.READER_LINK -> Answer.text(404, "Links are given out on the Unix socket alone.\n");
            default -> router.answer(request);
        };
    }

    private Reply live(Role role) {
        return live.tryAcquire()
                ? new Reply.Live(feed, role, live::release)
                : Answer.text(503, "%d dashboards are open, and no more may be.\n".formatted(LIVE_MOST));
    }

    /** The link's code is void from now on, whoever looks at the address bar later. */
    private Answer enter(AdminRequest request) throws IOException {
        String code = request.query().startsWith(CODE) ? request.query().substring(CODE.length()) : "";
        Optional<String> session = request.reads() ? access.enter(code) : Optional.empty();
        return session.isEmpty()
                ? assets.page(401, "closed.html")
                : Answer.text(303, "")
                        .with("Location: /")
                        .with("Set-Cookie: " + COOKIE + "=" + session.get()
                                + "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + Access.SESSION.toSeconds());
    }

    private Optional<Known> who(AdminRequest request) {
        Optional<String> authorization = request.field("authorization");
        if (authorization.isPresent()) {
            return authorization
                    .filter(value -> value.startsWith(BEARER))
                    .flatMap(value ->
                            access.byToken(value.substring(BEARER.length()).strip()))
                    .map(role -> new Known(role, false));
        }
        return request.field("cookie")
                .flatMap(cookies -> Arrays.stream(cookies.split("[;,] ?", -1))
                        .map(String::strip)
                        .filter(cookie -> cookie.startsWith(COOKIE + "="))
                        .flatMap(cookie -> access.bySession(cookie.substring(COOKIE.length() + 1)).stream())
                        .findFirst())
                .map(role -> new Known(role, true));
    }
}
