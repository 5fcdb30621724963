package terpan.matrix;

import java.util.EnumSet;
import java.util.Set;

/** What every server has to do behind Terpan, in the order in which one start of Terpan is put through it. */
enum Check {
    IDENTITY("the client's address and port, the listener's name and port, the scheme, the host", Requests::identity),
    PREFIX("the prefix is SCRIPT_NAME, the rest PATH_INFO", Requests::prefix),
    NON_ASCII("non-ASCII path and query", Requests::nonAscii),
    REPEATED_FIELDS("repeated fields and cookies", Requests::repeatedFields),
    METHODS("every method as it was sent: own ones, WebDAV's, short, long and lower-case ones", Requests::methods),
    ASTERISK("OPTIONS * reaches the application", Requests::asterisk),
    EVERYTHING("every variable and field, by HTTP/1.1 and HTTP/1.0, with and without a length", Requests::everything),
    LARGE_HEAD("a head of 80 fields and 31 KiB", Requests::largeHead),
    BODY("a body with its length", Bodies::withLength),
    CHUNKED_BODY("a chunked body", Bodies::chunked),
    UPLOAD("an upload of 32 MiB", Bodies::upload),
    EXPECTATION("100 (Continue) before the body", Bodies::expectation),
    UNREAD_BODY("an answer that leaves the body unread, however it is given, then the next request", Bodies::unread),
    ANSWER_FIELDS("repeated and non-ASCII fields of an answer", Answers::fields),
    DOWNLOAD("a download of 64 MiB", Answers::download),
    STREAMING("pieces arrive as the application gives them", Answers::streaming),
    HEAD("HEAD though the application gives a body, then the next request", Answers::head),
    EMPTY("204, 304 and 200 without a body", Answers::empty),
    GAPS("pieces of no bytes at any place of an answer, then the next request", Answers::gaps),
    WRITE("write() of PEP 3333", Answers::write),
    FILE("a file, by wsgi.file_wrapper where there is one", Answers::file),
    CLOSE("close() of an answer is called", Answers::close),
    ERROR("an error before the first byte is a 500", Answers::error),
    LATE_ERROR("an error after the first byte cuts the answer, it is never short", Answers::lateError),
    TOO_LONG("an answer longer than its Content-Length is cut to it, and its place is free", Misbehaviour::tooLong),
    TOO_SHORT("an answer shorter than its Content-Length breaks off at once", Misbehaviour::tooShort),
    ENDLESS("an endless answer ends where its length or its status says", Misbehaviour::endless),
    EXITS("SystemExit and its kind cost their own answer alone, at any step", Misbehaviour::exits),
    NOT_FINAL("a final status below 200 is a 502", Misbehaviour::notFinal),
    REFUSED_HEAD("of a head that can not be sent nothing is left", Misbehaviour::refusedHead),
    HEADS("heads as tuples, lists and items, lengths with spaces, a status without a reason", Misbehaviour::heads),
    WRONG_HEADS("a wrong head is a 500, and the line in the log names the field", Misbehaviour::wrongHeads),
    HOP_BY_HOP("hop-by-hop fields of the application are dropped", Misbehaviour::hopByHop),
    LOCALS("what a handler held is let go of when it raises", Misbehaviour::locals),
    READS("the body is read as from any file: to its end, by lines, with hints", Misbehaviour::reads),
    LATE_BODY("the body is read after the answer has begun", Misbehaviour::lateBody),
    PARALLEL("as many requests at work as the capacity says", Workers::parallel),
    LOG("what a worker writes is in the log", Workers::log),
    CHILD("the application runs child processes, and none outlives Terpan", Workers::child),
    SOCKET("sockets of mode 0600, and another user can not connect", Workers::socket),
    RESTART("a worker is restarted under load: nothing is lost", Workers::restart),
    RELOAD("a reload under load, to other workers: nothing is lost", Workers::reload),
    KILLED_WORKER("a worker is killed under load: only what it held is lost", Workers::killed),
    STOP("Terpan is stopped under load: nothing is lost and nothing left behind", Ends::stopped),
    KILLED("Terpan is killed under load: no process is left", Ends::killed),
    PRELOAD("preloaded: workers are forked, one that is killed is replaced, what forks them too", Preloaded::forked);

    /** One check on a Terpan that runs the conformance application. */
    @FunctionalInterface
    interface Trial {
        void run(Bench bench) throws Exception;
    }

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // methods without state
    private final Trial trial;

    Check(String title, Trial trial) {
        this.title = title;
        this.trial = trial;
    }

    String title() {
        return title;
    }

    /** What an application does wrong has the same outcome whatever its client speaks. */
    private static final Set<Check> OVER_BOTH = EnumSet.range(TOO_LONG, LATE_BODY);

    void run(Bench bench) throws Exception {
        trial.run(bench);
        if (OVER_BOTH.contains(this)) {
            bench.assertQuiet();
            bench.speaks(true);
            try {
                trial.run(bench);
            } finally {
                bench.speaks(false);
            }
        }
    }
}
