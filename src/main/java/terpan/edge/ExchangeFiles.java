package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import terpan.edge.files.ByteRanges;
import terpan.edge.files.EntityTag;
import terpan.edge.files.FileQuery;
import terpan.edge.files.Found;
import terpan.edge.files.PartsFile;
import terpan.edge.files.Representation;
import terpan.edge.files.SendRules;
import terpan.edge.files.StaticFile;
import terpan.edge.files.StaticRule;
import terpan.edge.files.StaticRules;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.HttpDate;
import terpan.http.Method;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;
import terpan.metrics.Limit;

/**
 * Files as answers of one exchange: those that its client asks for, and those that its worker's answer names. What is known of a file is answered
 * at once; else a disk thread looks, and the exchange goes on when it has. Belongs to the loop's thread.
 */
final class ExchangeFiles {
    private static final byte[] CONTENT_TYPE = ascii("Content-Type");
    private static final byte[] CONTENT_ENCODING = ascii("Content-Encoding");
    private static final byte[] CONTENT_RANGE = ascii("Content-Range");
    private static final byte[] ACCEPT_RANGES = ascii("Accept-Ranges");
    private static final byte[] LAST_MODIFIED = ascii("Last-Modified");
    private static final byte[] CACHE_CONTROL = ascii("Cache-Control");
    private static final byte[] ACCEPT_ENCODING = ascii("Accept-Encoding");
    private static final byte[] NO_SNIFF_NAME = ascii("X-Content-Type-Options");
    private static final byte[] NO_SNIFF = ascii("nosniff");
    private static final byte[] ALLOW = ascii("Allow");
    private static final byte[] READING = ascii("GET, HEAD");
    private static final byte[] BYTES = ascii("bytes");
    private static final byte[] ETAG = ascii("ETag");
    private static final byte[] VARY = ascii("Vary");
    private static final int BOUNDARY_BASE = 36;

    private final Edge edge;
    private final Exchange exchange;
    private final Answer answer;
    private final Reports reports;

    /** For which files the request is; null: none. */
    private @Nullable StaticRule rule;

    /** Where the path begins, behind what the application is mounted below, from the path's own beginning. */
    private int from;

    /** What a disk thread looks for now, so that what it finds for another is not taken for it. */
    private @Nullable Object ticket;

    ExchangeFiles(Edge edge, Exchange exchange, Answer answer, Reports reports) {
        this.edge = edge;
        this.exchange = exchange;
        this.answer = answer;
        this.reports = reports;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    /** Another request. */
    void begin() {
        rule = null;
        ticket = null;
    }

    /** Finds out whether a request whose head is whole is for a file. */
    void find(@Nullable StaticRules rules, RequestHead head, byte[] script) {
        if (rules == null) {
            return;
        }
        int begin = StaticRules.behindScript(head, script);
        StaticRule found = rules.find(head, begin);
        // What is no reading is the application's where it is asked at all.
        if (found != null && !(found.fallsBack() && !isReading(head))) {
            rule = found;
            from = begin - head.pathStart;
        }
    }

    private static boolean isReading(RequestHead head) {
        return head.method == Method.GET || head.method == Method.HEAD;
    }

    /** Whether the request is for a file. */
    boolean isStatic() {
        return rule != null;
    }

    /** Whether it wants something else of a file than to read it; then the page that follows says what may be done. */
    boolean refusesMethod(RequestHead head) {
        if (rule == null || isReading(head)) {
            return false;
        }
        answer.pageField(ALLOW, READING);
        return true;
    }

    /** Nobody wants the file any more. */
    void cancel() {
        ticket = null;
    }

    /** Answers with the file that the request is for, or lets the application answer. */
    void serve() {
        StaticRule wanted = rule;
        RequestHead head = exchange.head;
        if (wanted == null) {
            throw new IllegalStateException("the request is for no file");
        }
        Optional<String> name = wanted.name(head, head.pathStart + from);
        if (name.isEmpty()) {
            missing();
            return;
        }
        Found known = edge.files.known(wanted, name.get(), edge.loop.now());
        if (known == null) {
            look(now -> edge.files.look(wanted, name.get(), now));
        } else {
            found(known);
        }
    }

    /** The worker's answer names a file and says that a body follows, which may never come: it is not waited for. */
    void waitForNoBody() {
        Object own = new Object();
        ticket = own;
        edge.loop.execute(() -> {
            if (ticket == own) {
                ticket = null;
                exchange.worker.leaveToFile();
            }
        });
    }

    /** Answers with the file that the worker's answer names; the worker is done. */
    void send() {
        SendRules allowed = exchange.sends();
        byte[] named = answer.kept().file();
        boolean onDisk = answer.kept().naming() == Field.SENDFILE;
        look(now -> onDisk ? allowed.send(edge.files, named, now) : allowed.redirect(edge.files, named, now));
    }

    private void look(LongFunction<Found> where) {
        exchange.opens();
        Object own = new Object();
        ticket = own;
        long now = edge.loop.now();
        edge.disk.execute(() -> {
            Found found;
            try {
                found = where.apply(now);
            } catch (RuntimeException fault) {
                edge.log.atError().setCause(fault).log("looking for a file failed");
                found = new Found.Failed("it could not be looked for", false);
            }
            Found there = found;
            edge.loop.execute(() -> arrived(own, there));
        });
    }

    private void arrived(Object own, Found there) {
        if (ticket != own) {
            if (there instanceof StaticFile file) {
                file.letGo();
            }
            return;
        }
        ticket = null;
        try {
            found(there);
        } catch (RuntimeException fault) {
            edge.log.atError().setCause(fault).log("answering with a file failed");
            exchange.fault();
        }
    }

    private void found(Found there) {
        switch (there) {
            case StaticFile file -> answer(file);
            case Found.Directory directory -> toDirectory();
            case Found.Missing missing -> missing();
            case Found.Failed(String why, boolean denied) -> {
                reports.unreadable(why);
                if (denied) {
                    missing();
                } else {
                    exchange.filePage(500, "The file can not be read.");
                }
            }
            case Found.Busy(int most) -> {
                edge.metrics.limitReached(Limit.DESCRIPTORS);
                reports.unreadable("all " + most
                        + " descriptors for files are in use: raise the limit of open files (LimitNOFILE, ulimit -n)");
                exchange.filePage(503, "Too many files are being sent.");
            }
        }
    }

    private void missing() {
        if (answer.isLeftToFile()) {
            byte[] named = answer.kept().file();
            reports.unreadable("no file that the application may name: "
                    + new String(named, 0, Math.min(named.length, Described.TARGET_SHOWN), ISO_8859_1));
            exchange.filePage(404, "There is no such file.");
        } else if (rule != null && rule.fallsBack()) {
            rule = null;
            exchange.admit();
        } else {
            exchange.filePage(404, "There is no such file.");
        }
    }

    /** To the same path with a slash at its end, so that links in the index mean what they say. */
    private void toDirectory() {
        RequestHead head = exchange.head;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, head, head.pathStart, head.pathEnd);
        out.write('/');
        if (head.queryStart >= 0) {
            out.write('?');
            write(out, head, head.queryStart, head.queryEnd);
        }
        answer.location(out.toByteArray());
        exchange.filePage(308, "This directory's address ends with a slash.");
    }

    private static void write(ByteArrayOutputStream out, RequestHead head, int start, int end) {
        byte[] escaped = new byte[PercentEncoder.GROWTH * (end - start)];
        out.write(escaped, 0, PercentEncoder.encode(head.bytes, start, end, escaped, 0));
    }

    /** With a file that is held, and let go of once it is answered. */
    private void answer(StaticFile file) {
        boolean held = true;
        try {
            held = answer.isLeftToFile() ? answerNamed(file) : answerStatic(file);
        } finally {
            if (held) {
                file.letGo();
            }
        }
    }

    /** Whether the file is still held: what is being sent lets go of it later. */
    private boolean answerStatic(StaticFile file) {
        FileQuery query = new FileQuery(exchange.head);
        Representation one = query.choose(file.representations());
        EntityTag tag = one.tag();
        return switch (query.verdict(tag, file.modified())) {
            case FAILED -> {
                exchange.filePage(412, "The file is another than the request is for.");
                yield true;
            }
            case NOT_MODIFIED -> {
                answer.file(304);
                own(file, tag);
                exchange.fileHead(-1);
                exchange.fileEnd();
                yield true;
            }
            case GO_ON -> {
                ByteRanges ranges = query.ranges(tag, file.modified(), file.isSettled(), one.size());
                yield content(file, one, ranges, 200, status -> {
                    own(file, tag);
                    if (status != 206 || ranges.count() == 1) {
                        answer.ownField(CONTENT_TYPE, file.type());
                    }
                    if (one.isCoded()) {
                        answer.ownField(CONTENT_ENCODING, one.codingName());
                    }
                    answer.ownField(ACCEPT_RANGES, BYTES);
                });
            }
        };
    }

    /** What is said of a file with 304, too. */
    private void own(StaticFile file, EntityTag tag) {
        answer.ownField(ETAG, tag.text());
        if (file.lastModified().length > 0) {
            answer.ownField(LAST_MODIFIED, file.lastModified());
        }
        if (file.cacheControl().length > 0) {
            answer.ownField(CACHE_CONTROL, file.cacheControl());
        }
        if (file.representations().size() > 1) {
            answer.ownField(VARY, ACCEPT_ENCODING);
        }
        if (file.rule().nosniff()) {
            answer.ownField(NO_SNIFF_NAME, NO_SNIFF);
        }
    }

    /**
     * The application's fields stay, but for those of the body that was not sent. What it calls its content counts more than what we would;
     * whatever it did about ranges is done anew.
     */
    private boolean answerNamed(StaticFile file) {
        KeptFields kept = answer.kept();
        Representation one = file.representations().getFirst();
        int told = answer.toldStatus();
        boolean isFile = told == 200 || told == 206;
        if (!isFile || !isReading(exchange.head)) {
            // A page about something else; or the work is done, and no condition undoes it.
            return content(
                    file, one, ByteRanges.WHOLE, isFile ? 200 : told, status -> keep(kept, file, one, true, isFile));
        }
        FileQuery query = new FileQuery(exchange.head);
        int ownTag = find(kept, ETAG);
        int ownDate = find(kept, LAST_MODIFIED);
        EntityTag tag =
                ownTag < 0 ? one.tag() : EntityTag.read(kept.bytes(), kept.valueStart(ownTag), kept.valueEnd(ownTag));
        long modified = ownDate < 0
                ? file.modified()
                : HttpDate.read(kept.bytes(), kept.valueStart(ownDate), kept.valueEnd(ownDate));
        return switch (query.verdict(tag, modified)) {
            case FAILED -> {
                exchange.filePage(412, "The file is another than the request is for.");
                yield true;
            }
            case NOT_MODIFIED -> {
                answer.file(304);
                keep(kept, file, one, false, true);
                exchange.fileHead(-1);
                exchange.fileEnd();
                yield true;
            }
            case GO_ON -> {
                ByteRanges ranges = query.ranges(tag, modified, file.isSettled(), one.size());
                yield content(file, one, ranges, 200, status -> {
                    keep(kept, file, one, status != 206 || ranges.count() == 1, true);
                    answer.ownField(ACCEPT_RANGES, BYTES);
                });
            }
        };
    }

    private static int find(KeptFields kept, byte[] name) {
        for (int i = 0; i < kept.count(); i++) {
            if (is(kept.bytes(), kept.nameStart(i), kept.valueStart(i), name)) {
                return i;
            }
        }
        return -1;
    }

    private void keep(KeptFields kept, StaticFile file, Representation one, boolean typed, boolean isFile) {
        boolean hasType = false;
        boolean hasTag = false;
        boolean hasDate = false;
        for (int i = 0; i < kept.count(); i++) {
            byte[] bytes = kept.bytes();
            int start = kept.nameStart(i);
            int end = kept.valueStart(i);
            byte number = kept.number(i);
            boolean type = number == Field.CONTENT_TYPE;
            // Of the body that was not sent, as it would have been.
            boolean ofBody = number == Field.CONTENT_RANGE
                    || number == Field.ACCEPT_RANGES
                    || number == Field.CONTENT_ENCODING
                    || number == Field.DIGEST;
            if ((type && !typed) || ofBody) {
                continue;
            }
            hasType |= type;
            hasTag |= is(bytes, start, end, ETAG);
            hasDate |= is(bytes, start, end, LAST_MODIFIED);
            answer.keptField(number, bytes, start, end, end, kept.valueEnd(i));
        }
        if (!hasType && typed) {
            answer.ownField(CONTENT_TYPE, file.type());
        }
        if (!hasTag && isFile) {
            answer.ownField(ETAG, one.tag().text());
        }
        if (!hasDate && isFile && file.lastModified().length > 0) {
            answer.ownField(LAST_MODIFIED, file.lastModified());
        }
    }

    private static boolean is(byte[] bytes, int start, int end, byte[] name) {
        return Ascii.equalsIgnoreCase(bytes, start, end, name, 0, name.length);
    }

    /** Writes the fields of an answer with a body, which may depend on its status. */
    private interface Fields {
        void of(int status);
    }

    /** All of a file, or ranges of it. True: it is still held. */
    private boolean content(StaticFile file, Representation one, ByteRanges ranges, int whole, Fields fields) {
        if (ranges.isUnsatisfiable()) {
            answer.pageField(CONTENT_RANGE, ascii("bytes */" + one.size()));
            exchange.filePage(416, "The file has no such bytes.");
            return true;
        }
        if (ranges.count() > 1) {
            return several(file, one, ranges, fields);
        }
        boolean ranged = ranges.count() == 1;
        long start = ranged ? ranges.start(0) : 0;
        long length = ranged ? ranges.end(0) - start : one.size();
        int status = ranged ? 206 : whole;
        answer.file(status);
        fields.of(status);
        if (ranged) {
            answer.ownField(CONTENT_RANGE, ascii(range(ranges, 0, one.size())));
        }
        exchange.fileHead(length);
        boolean held = true;
        if (length > 0 && exchange.head.method != Method.HEAD) {
            byte[] content = one.content();
            if (content == null) {
                held = false;
                answer.file(file.channel(one), start, length);
            } else {
                answer.body(content, (int) start, (int) (start + length));
            }
        }
        exchange.fileEnd();
        return held;
    }

    private static String range(ByteRanges ranges, int number, long size) {
        return "bytes " + ranges.start(number) + "-" + (ranges.end(number) - 1) + "/" + size;
    }

    /** Several ranges in one body (RFC 9110, section 14.6). */
    private boolean several(StaticFile file, Representation one, ByteRanges ranges, Fields fields) {
        String boundary = "terpan" + Long.toString(edge.loop.now() & Long.MAX_VALUE, BOUNDARY_BASE)
                + Integer.toString(System.identityHashCode(ranges), BOUNDARY_BASE);
        KeptFields kept = answer.kept();
        int type = answer.isLeftToFile() ? find(kept, CONTENT_TYPE) : -1;
        String typeText = type < 0
                ? new String(file.type(), US_ASCII)
                : new String(
                        kept.bytes(), kept.valueStart(type), kept.valueEnd(type) - kept.valueStart(type), ISO_8859_1);
        List<byte[]> heads = new ArrayList<>();
        for (int i = 0; i < ranges.count(); i++) {
            heads.add(("\r\n--" + boundary + "\r\nContent-Type: " + typeText + "\r\nContent-Range: "
                            + range(ranges, i, one.size()) + "\r\n\r\n")
                    .getBytes(ISO_8859_1));
        }
        answer.file(206);
        fields.of(206);
        answer.ownField(CONTENT_TYPE, ascii("multipart/byteranges; boundary=" + boundary));
        PartsFile parts = file.channel(one, ranges, heads, ascii("\r\n--" + boundary + "--\r\n"));
        long length = parts.size();
        exchange.fileHead(length);
        answer.file(parts, 0, length);
        exchange.fileEnd();
        return false;
    }
}
