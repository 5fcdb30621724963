package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.HeadAssembly;
import terpan.http.Method;
import terpan.http.Refusal;
import terpan.http.RequestHead;

/**
 * Judges the lines of a request's head (RFC 9113, section 8) and fills a {@link RequestHead} with them. The first thing that is wrong
 * counts. One for each loop.
 */
final class RequestFields implements FieldTaker {
    private static final byte[] TRAILERS = "trailers".getBytes(US_ASCII);
    private static final byte[] HTTP = "http".getBytes(US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(US_ASCII);
    private static final int PSEUDOS = FieldKind.PSEUDO_OTHER - FieldKind.METHOD;

    private final HeadAssembly assembly;
    private final boolean extendedConnect;
    private final int[] start = new int[PSEUDOS];
    private final int[] end = new int[PSEUDOS];
    private RequestHead head = new RequestHead();
    private int seen;
    private boolean fieldsBegun;
    private boolean hostTold;
    private @Nullable Malformed malformed;
    private int refusal;
    private int priorityStart;
    private int priorityEnd;

    RequestFields(Http2Limits limits) {
        assembly = new HeadAssembly(limits.heads());
        extendedConnect = limits.extendedConnect();
    }

    void begin(RequestHead target) {
        head = target;
        assembly.begin(target);
        seen = 0;
        fieldsBegun = false;
        hostTold = false;
        malformed = null;
        refusal = 0;
        priorityStart = -1;
    }

    @Override
    public byte[] reserve(int count) {
        return assembly.reserve(count);
    }

    @Override
    public int end() {
        return assembly.end();
    }

    @Override
    public boolean wants() {
        return refusal == 0 && malformed == null;
    }

    @Override
    public void take(int nameLength, int valueLength, int kind) {
        int name = kind & FieldKind.NAME;
        if (name < FieldKind.SPECIAL && kind <= FieldKind.NAME) {
            field(nameLength, valueLength, name);
        } else if (FieldKind.pseudo(name)) {
            pseudo(name - FieldKind.METHOD, nameLength, valueLength, kind);
        } else {
            bad(name, kind);
        }
    }

    private void pseudo(int number, int nameLength, int valueLength, int kind) {
        if (fieldsBegun) {
            malformed = Malformed.PSEUDO_AFTER_FIELD;
        } else if (number == PSEUDOS || (number == FieldKind.PROTOCOL - FieldKind.METHOD && !extendedConnect)) {
            malformed = Malformed.PSEUDO_UNKNOWN;
        } else if ((seen & 1 << number) != 0) {
            malformed = Malformed.PSEUDO_REPEATED;
        } else if ((kind & FieldKind.VALUE_SPACED) != 0) {
            malformed = Malformed.SPACE_AROUND_VALUE;
        } else {
            seen |= 1 << number;
            start[number] = assembly.end() + nameLength + 2;
            end[number] = start[number] + valueLength;
            assembly.keep(nameLength + valueLength + HpackTable.LINE_EXTRA);
        }
    }

    private void bad(int name, int kind) {
        fieldsBegin();
        if (!wants()) {
            return;
        }
        malformed = Fault.malformed(name, kind);
        refusal = malformed == null ? Fault.refusal(name).result() : 0;
    }

    private void field(int nameLength, int valueLength, int name) {
        fieldsBegin();
        if (!wants()) {
            return;
        }
        if (Fault.onlyInConnections(name)) {
            malformed = Malformed.CONNECTION_FIELD;
            return;
        }
        int valueStart = assembly.end() + nameLength + 2;
        int valueEnd = valueStart + valueLength;
        byte number = (byte) name;
        switch (name) {
            case Field.TE -> {
                if (!Ascii.equalsLowered(assembly.reserve(0), valueStart, valueEnd, TRAILERS)) {
                    malformed = Malformed.TE_VALUE;
                    return;
                }
            }
            case Field.HOST -> {
                if (has(FieldKind.AUTHORITY) && !hostTold) {
                    hostTold = true;
                    malformed = assembly.isHost(valueStart, valueEnd) ? null : Malformed.HOST_DIFFERS;
                    return;
                }
            }
            case FieldKind.PRIORITY -> {
                priorityStart = valueStart;
                priorityEnd = valueEnd;
                number = Field.OTHER;
            }
            default -> {}
        }
        refusal = assembly.field(nameLength, valueLength, number);
    }

    private boolean has(int pseudo) {
        return (seen & 1 << pseudo - FieldKind.METHOD) != 0;
    }

    /** All pseudo-fields are there, or never will be. */
    private void fieldsBegin() {
        if (fieldsBegun || !wants()) {
            return;
        }
        fieldsBegun = true;
        if (!has(FieldKind.METHOD)) {
            malformed = Malformed.PSEUDO_MISSING;
            return;
        }
        boolean connect = isConnect();
        boolean target = has(FieldKind.SCHEME) && has(FieldKind.PATH);
        if (connect && !has(FieldKind.PROTOCOL)) {
            boolean plain = !has(FieldKind.SCHEME) && !has(FieldKind.PATH) && has(FieldKind.AUTHORITY);
            malformed = plain ? null : Malformed.CONNECT_WITH_TARGET;
            refusal = plain ? Refusal.CONNECT_REFUSED.result() : 0;
        } else if (!connect && has(FieldKind.PROTOCOL)) {
            malformed = Malformed.PROTOCOL_WITHOUT_CONNECT;
        } else if (!target) {
            malformed = Malformed.PSEUDO_MISSING;
        } else if (from(FieldKind.PATH) == to(FieldKind.PATH)) {
            malformed = Malformed.EMPTY_PATH;
        } else {
            refusal = target();
        }
    }

    private int from(int pseudo) {
        return start[pseudo - FieldKind.METHOD];
    }

    private int to(int pseudo) {
        return end[pseudo - FieldKind.METHOD];
    }

    private boolean isConnect() {
        int from = from(FieldKind.METHOD);
        int to = to(FieldKind.METHOD);
        return from < to && Method.of(assembly.reserve(0), from, to) == Method.CONNECT;
    }

    private int target() {
        byte[] bytes = assembly.reserve(0);
        boolean https = Ascii.equalsLowered(bytes, from(FieldKind.SCHEME), to(FieldKind.SCHEME), HTTPS);
        if (!https && !Ascii.equalsLowered(bytes, from(FieldKind.SCHEME), to(FieldKind.SCHEME), HTTP)) {
            return Refusal.MISDIRECTED.result();
        }
        int line = assembly.requestLine(
                from(FieldKind.METHOD), to(FieldKind.METHOD), from(FieldKind.PATH), to(FieldKind.PATH), https);
        if (line < 0 || !has(FieldKind.AUTHORITY)) {
            return line;
        }
        return assembly.authority(from(FieldKind.AUTHORITY), to(FieldKind.AUTHORITY));
    }

    /** The block is at its end; what is wrong is told by {@link #malformed} and {@link #refusal}. */
    void finish(boolean bodyFollows) {
        fieldsBegin();
        if (wants()) {
            if (!bodyFollows && assembly.lengthGiven() > 0) {
                malformed = Malformed.LENGTH_DIFFERS;
            } else {
                refusal = assembly.finish(bodyFollows);
            }
        }
    }

    /** Null where nothing is. */
    @Nullable
    Malformed malformed() {
        return malformed;
    }

    /** 0 or a refusal's result. */
    int refusal() {
        return refusal;
    }

    /** The head's Content-Length; -1 without one. */
    long lengthGiven() {
        return assembly.lengthGiven();
    }

    /** What the request says of its priority. */
    int priority(int before) {
        return priorityStart < 0 ? before : Priority.parse(head.bytes, priorityStart, priorityEnd);
    }

    int protocolStart() {
        return has(FieldKind.PROTOCOL) ? from(FieldKind.PROTOCOL) : -1;
    }

    int protocolEnd() {
        return has(FieldKind.PROTOCOL) ? to(FieldKind.PROTOCOL) : -1;
    }
}
