package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.config.AccessAtom;
import terpan.config.AccessFormat;
import terpan.config.LogMasks;
import terpan.http.RequestHead;
import terpan.log.LineBytes.Escape;

/** A person's own format: its parts one after the other, each as far as there is room. What is not known is a hyphen. */
final class FormatEncoder implements AccessEncoder {
    /** Kept free for what a part takes beyond its most, and the line feed. */
    private static final int RESERVE = 512;

    private static final byte[] PROCESS =
            Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII);
    private static final byte[] NOTHING = {};

    /** One part: text that each line has, or the name of a field, or an atom. */
    private static final class Piece {
        private final byte[] text;
        private final boolean field;
        private final boolean hidden;
        private final @Nullable AccessAtom atom;
        private final Escape escape;

        Piece(byte[] text, boolean field, boolean hidden, @Nullable AccessAtom atom, Escape escape) {
            this.text = text;
            this.field = field;
            this.hidden = hidden;
            this.atom = atom;
            this.escape = escape;
        }
    }

    private final Piece[] pieces;
    private final QueryMask mask;
    private final SecondClock local;
    private final SecondClock utc =
            new SecondClock(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT), ZoneOffset.UTC);

    FormatEncoder(AccessFormat format, LogMasks masks, ZoneId zone, QueryMask mask) {
        List<AccessFormat.Part> parts = format.parts();
        pieces = parts.stream().map(part -> piece(part, masks)).toArray(Piece[]::new);
        this.mask = mask;
        local = new SecondClock(DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH), zone);
    }

    private static Piece piece(AccessFormat.Part part, LogMasks masks) {
        return switch (part) {
            case AccessFormat.Text constant ->
                new Piece(constant.text().getBytes(UTF_8), false, false, null, Escape.APACHE);
            case AccessFormat.Value value -> new Piece(NOTHING, false, false, value.atom(), escape(value.quoted()));
            case AccessFormat.Field field ->
                new Piece(
                        field.name().getBytes(US_ASCII),
                        true,
                        masks.hidesField(field.name()),
                        null,
                        escape(field.quoted()));
        };
    }

    private static Escape escape(boolean quoted) {
        return quoted ? Escape.APACHE : Escape.APACHE_WORD;
    }

    @Override
    public void encode(AccessEntry entry, LineBytes line) {
        int limit = line.end + LINE_MOST - RESERVE;
        for (Piece piece : pieces) {
            int room = limit - line.end;
            if (room <= 0) {
                break;
            }
            if (piece.atom != null) {
                value(piece.atom, entry, line, room, piece.escape);
            } else if (!piece.field) {
                line.put(piece.text, 0, Math.min(piece.text.length, room));
            } else {
                field(piece, entry.head, line, room);
            }
        }
        line.put('\n');
    }

    private void field(Piece piece, RequestHead head, LineBytes line, int room) {
        int field = FieldSearch.find(head, piece.text);
        if (field >= 0 && piece.hidden) {
            line.put(QueryMask.STARS);
        } else {
            EntryParts.field(head, field, line, Math.min(room, FIELD_MOST), piece.escape, mask);
        }
    }

    private void value(AccessAtom atom, AccessEntry entry, LineBytes line, int room, Escape escape) {
        switch (atom) {
            case CLIENT -> EntryParts.word(line, entry.client, 0, entry.client.length, escape);
            case HYPHEN -> line.put('-');
            case USER -> EntryParts.word(line, entry.user, 0, entry.user.length, escape);
            case TIME_BRACKETS, TIME_LOCAL, TIME_ISO, TIME_SECONDS -> time(atom, entry.wallMillis, line);
            case REQUEST, METHOD, TARGET, PATH, QUERY, VERSION, HOST, REFERER, AGENT ->
                head(atom, entry.head, line, room, escape);
            case STATUS -> line.digits(entry.status, 3);
            case SENT -> line.digits(entry.sentBytes);
            case SENT_OR_HYPHEN -> {
                if (entry.sentBytes > 0) {
                    line.digits(entry.sentBytes);
                } else {
                    line.put('-');
                }
            }
            case RECEIVED -> line.digits(entry.receivedBytes);
            case REQUEST_LENGTH -> line.digits(entry.receivedBytes + Math.max(0, entry.head.end - entry.head.start));
            case TOTAL, QUEUE, WORKER_TIME, TOTAL_SECONDS, TOTAL_MILLIS, TOTAL_MICROS -> duration(atom, entry, line);
            case WORKER -> EntryParts.word(line, entry.worker, 0, entry.worker.length, escape);
            case GROUP -> EntryParts.word(line, entry.group, 0, entry.group.length, escape);
            case ROUTE -> EntryParts.word(line, entry.route, 0, entry.route.length, escape);
            case ID -> EntryParts.word(line, entry.id, entry.idStart, entry.idEnd, escape);
            case TRACE -> {
                if (entry.trace.length > 0) {
                    EntryParts.trace(line, entry);
                } else {
                    line.put('-');
                }
            }
            case PID -> line.put(PROCESS);
            case PID_BRACKETS -> {
                line.put('<');
                line.put(PROCESS);
                line.put('>');
            }
            case CUT -> {
                byte[] by = entry.cut.label();
                EntryParts.word(line, by, 0, by.length, escape);
            }
        }
    }

    private void time(AccessAtom atom, long wallMillis, LineBytes line) {
        int millis = (int) Math.floorMod(wallMillis, SecondClock.MILLIS);
        if (atom == AccessAtom.TIME_ISO || atom == AccessAtom.TIME_SECONDS) {
            if (atom == AccessAtom.TIME_ISO) {
                line.put(utc.at(wallMillis));
            } else {
                line.digits(Math.floorDiv(wallMillis, SecondClock.MILLIS));
            }
            line.put('.');
            line.digits(millis, 3);
            if (atom == AccessAtom.TIME_ISO) {
                line.put('Z');
            }
            return;
        }
        if (atom == AccessAtom.TIME_BRACKETS) {
            line.put('[');
        }
        line.put(local.at(wallMillis));
        if (atom == AccessAtom.TIME_BRACKETS) {
            line.put(']');
        }
    }

    private void head(AccessAtom atom, RequestHead head, LineBytes line, int room, Escape escape) {
        int most = Math.min(room, TARGET_MOST);
        switch (atom) {
            case REQUEST -> EntryParts.request(head, line, most, escape, mask);
            case METHOD -> span(head, head.methodStart, head.methodEnd, line, Math.min(room, WORD_MOST), escape);
            case TARGET -> span(head, head.targetStart, head.targetEnd, line, most, escape);
            case PATH -> span(head, head.pathStart, head.pathEnd, line, most, escape);
            case QUERY -> query(head, line, most, escape);
            case VERSION -> line.put(EntryParts.version(head));
            case HOST -> span(head, head.hostStart, head.hostEnd, line, Math.min(room, FIELD_MOST), escape);
            case REFERER, AGENT -> {
                byte[] name = atom == AccessAtom.REFERER ? FieldSearch.REFERER : FieldSearch.USER_AGENT;
                EntryParts.field(head, FieldSearch.find(head, name), line, Math.min(room, FIELD_MOST), escape, mask);
            }
            default -> throw new IllegalStateException("not of a head: " + atom);
        }
    }

    private void span(RequestHead head, int start, int end, LineBytes line, int most, Escape escape) {
        if (start >= 0 && start < end) {
            line.escaped(head.bytes, start, end, most, escape, mask);
        } else {
            line.put('-');
        }
    }

    private void query(RequestHead head, LineBytes line, int most, Escape escape) {
        if (head.queryStart >= 0 && head.queryStart < head.queryEnd) {
            // From its question mark on, by which the mask knows it: that one byte is taken back.
            int at = line.end;
            line.escaped(head.bytes, head.queryStart - 1, head.queryEnd, most, escape, mask);
            line.takeBack(at);
        } else {
            line.put('-');
        }
    }

    private static void duration(AccessAtom atom, AccessEntry entry, LineBytes line) {
        switch (atom) {
            case TOTAL_SECONDS -> line.digits(TimeUnit.NANOSECONDS.toSeconds(entry.totalNanos));
            case TOTAL_MILLIS -> line.digits(TimeUnit.NANOSECONDS.toMillis(entry.totalNanos));
            case TOTAL_MICROS -> line.digits(TimeUnit.NANOSECONDS.toMicros(entry.totalNanos));
            case TOTAL -> seconds(entry.totalNanos, line);
            case QUEUE -> seconds(entry.queueNanos, line);
            case WORKER_TIME -> seconds(entry.workerNanos, line);
            default -> throw new IllegalStateException("no duration: " + atom);
        }
    }

    private static void seconds(long nanos, LineBytes line) {
        if (nanos < 0) {
            line.put('-');
        } else {
            line.seconds(nanos);
        }
    }
}
