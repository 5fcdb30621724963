package terpan.http;

/**
 * Takes a chunked body apart (RFC 9112, section 7.1), strictly and byte by byte where it is not data, so that no byte has to be
 * kept between calls. Data is not copied: the caller gets spans. Extensions and trailers are checked, bounded and dropped.
 * Belongs to the loop of its connection; used again after {@link #reset}.
 *
 * <p>Call {@link #decode} until it returns something else than {@link #BODY}, each time from {@link #position}.
 */
public final class ChunkDecoder {
    /** All bytes are used up and the body goes on. */
    public static final int NEED_MORE = -1;

    /** A piece of the body lies from {@link #bodyStart} to {@link #bodyEnd}. */
    public static final int BODY = 0;

    /** The body and its trailers are complete; what follows {@link #position} is another message's. */
    public static final int END = 1;

    /** Most bytes of extensions in one body, where nothing else is said. */
    static final int EXTENSIONS_MOST = 16 * 1024;

    /** Most bytes of the trailer section. */
    static final int TRAILERS_MOST = 8 * 1024;

    private static final int SIZE_DIGITS_MOST = 16;

    private enum State {
        SIZE_FIRST,
        SIZE,
        EXTENSION_SPACE,
        EXTENSION_NAME_FIRST,
        EXTENSION_NAME,
        EXTENSION_NAME_SPACE,
        EXTENSION_VALUE_FIRST,
        EXTENSION_TOKEN,
        EXTENSION_QUOTED,
        EXTENSION_QUOTED_PAIR,
        EXTENSION_QUOTED_END,
        SIZE_LINE_FEED,
        DATA,
        DATA_RETURN,
        DATA_LINE_FEED,
        TRAILER_FIRST,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LINE_FEED,
        LAST_LINE_FEED,
        ENDED
    }

    /** First byte of the piece of body after {@link #BODY}. */
    public int bodyStart;

    /** One past the last byte of the piece of body after {@link #BODY}. */
    public int bodyEnd;

    /** Where to go on. */
    public int position;

    private final int extensionsMost;
    private State state = State.SIZE_FIRST;
    private int digits;
    private long remaining;
    private long total;
    private int extensions;
    private int trailers;

    /** For bodies with at most 16 KiB of chunk extensions. */
    public ChunkDecoder() {
        this(EXTENSIONS_MOST);
    }

    /**
     * Makes a decoder.
     *
     * @param extensionsMost most bytes of chunk extensions in one body
     */
    public ChunkDecoder(int extensionsMost) {
        this.extensionsMost = extensionsMost;
    }

    /** Makes it ready for another body. */
    public void reset() {
        state = State.SIZE_FIRST;
        digits = 0;
        remaining = 0;
        total = 0;
        extensions = 0;
        trailers = 0;
    }

    /** Bytes of body in all chunks begun so far, whether their data has come or not; saturates at {@link Long#MAX_VALUE}. */
    public long announced() {
        return total;
    }

    /**
     * Goes on from {@code from}.
     *
     * @return {@link #BODY}, {@link #END}, {@link #NEED_MORE}, or a refusal of -2 or less, see {@link Refusal#of}
     */
    public int decode(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (state == State.DATA) {
                return data(at, to);
            }
            int result = step(bytes[at++]);
            if (result != NEED_MORE) {
                position = at;
                return result;
            }
        }
        position = at;
        return NEED_MORE;
    }

    private int data(int from, int to) {
        int length = (int) Math.min(remaining, to - from);
        remaining -= length;
        if (remaining == 0) {
            state = State.DATA_RETURN;
        }
        bodyStart = from;
        bodyEnd = from + length;
        position = bodyEnd;
        return BODY;
    }

    /** One byte that is not data; NEED_MORE when all is well. */
    private int step(byte b) {
        return switch (state) {
            case SIZE_FIRST, SIZE -> size(b);
            case SIZE_LINE_FEED -> sizeLineFeed(b);
            case DATA_RETURN -> expect(b, '\r', State.DATA_LINE_FEED, Refusal.BAD_CHUNK_END);
            case DATA_LINE_FEED -> {
                digits = 0;
                remaining = 0;
                yield expect(b, '\n', State.SIZE_FIRST, Refusal.BAD_CHUNK_END);
            }
            case TRAILER_FIRST, TRAILER_NAME, TRAILER_VALUE, TRAILER_LINE_FEED -> trailer(b);
            case LAST_LINE_FEED -> {
                int result = expect(b, '\n', State.ENDED, Refusal.BARE_CR);
                yield result == NEED_MORE ? END : result;
            }
            case EXTENSION_SPACE,
                    EXTENSION_NAME_FIRST,
                    EXTENSION_NAME,
                    EXTENSION_NAME_SPACE,
                    EXTENSION_VALUE_FIRST,
                    EXTENSION_TOKEN,
                    EXTENSION_QUOTED,
                    EXTENSION_QUOTED_PAIR,
                    EXTENSION_QUOTED_END -> extension(b);
            case DATA, ENDED -> throw new IllegalStateException("A chunk decoder was called in state " + state + ".");
        };
    }

    private int expect(byte b, char expected, State next, Refusal refusal) {
        if (b != expected) {
            return refusal.result();
        }
        state = next;
        return NEED_MORE;
    }

    private int size(byte b) {
        int value = Ascii.hexValue(b);
        if (value >= 0) {
            if ((remaining >>> 59) != 0 || digits == SIZE_DIGITS_MOST) {
                return Refusal.CHUNK_SIZE_TOO_LARGE.result();
            }
            digits++;
            remaining = (remaining << 4) | value;
            state = State.SIZE;
            return NEED_MORE;
        }
        if (state == State.SIZE_FIRST) {
            return Refusal.BAD_CHUNK_SIZE.result();
        }
        int result = lineEndOrExtension(b);
        return result == Refusal.BAD_CHUNK_EXTENSION.result() ? Refusal.BAD_CHUNK_SIZE.result() : result;
    }

    private int lineEndOrExtension(byte b) {
        switch (b) {
            case '\r' -> state = State.SIZE_LINE_FEED;
            case ';' -> state = State.EXTENSION_NAME_FIRST;
            case ' ', '\t' -> state = State.EXTENSION_SPACE;
            case '\n' -> {
                return Refusal.BARE_LF.result();
            }
            default -> {
                return Refusal.BAD_CHUNK_EXTENSION.result();
            }
        }
        return NEED_MORE;
    }

    private int sizeLineFeed(byte b) {
        if (b != '\n') {
            return Refusal.BARE_CR.result();
        }
        state = remaining == 0 ? State.TRAILER_FIRST : State.DATA;
        total = total + remaining < 0 ? Long.MAX_VALUE : total + remaining;
        return NEED_MORE;
    }

    /** One byte of {@code *( BWS ";" BWS name [ BWS "=" BWS value ] )}. */
    private int extension(byte b) {
        if (++extensions > extensionsMost) {
            return Refusal.CHUNK_EXTENSIONS_TOO_LARGE.result();
        }
        return switch (state) {
            case EXTENSION_SPACE -> b == ';' ? go(State.EXTENSION_NAME_FIRST) : stay(Ascii.isSpace(b));
            case EXTENSION_NAME_FIRST -> Ascii.isToken(b) ? go(State.EXTENSION_NAME) : stay(Ascii.isSpace(b));
            case EXTENSION_NAME -> Ascii.isToken(b) ? NEED_MORE : afterName(b);
            case EXTENSION_NAME_SPACE ->
                switch (b) {
                    case '=' -> go(State.EXTENSION_VALUE_FIRST);
                    case ';' -> go(State.EXTENSION_NAME_FIRST);
                    default -> stay(Ascii.isSpace(b));
                };
            case EXTENSION_VALUE_FIRST -> {
                if (b == '"') {
                    yield go(State.EXTENSION_QUOTED);
                }
                yield Ascii.isToken(b) ? go(State.EXTENSION_TOKEN) : stay(Ascii.isSpace(b));
            }
            case EXTENSION_TOKEN -> Ascii.isToken(b) ? NEED_MORE : lineEndOrExtension(b);
            case EXTENSION_QUOTED ->
                switch (b) {
                    case '"' -> go(State.EXTENSION_QUOTED_END);
                    case '\\' -> go(State.EXTENSION_QUOTED_PAIR);
                    default -> stay((Ascii.classOf(b) & Ascii.VALUE) != 0);
                };
            case EXTENSION_QUOTED_PAIR ->
                (Ascii.classOf(b) & Ascii.VALUE) != 0 ? go(State.EXTENSION_QUOTED) : stay(false);
            case EXTENSION_QUOTED_END -> lineEndOrExtension(b);
            default -> throw new IllegalStateException("State " + state + " is not one of a chunk extension.");
        };
    }

    private int afterName(byte b) {
        return switch (b) {
            case '=' -> go(State.EXTENSION_VALUE_FIRST);
            case ' ', '\t' -> go(State.EXTENSION_NAME_SPACE);
            default -> lineEndOrExtension(b);
        };
    }

    private int go(State next) {
        state = next;
        return NEED_MORE;
    }

    private static int stay(boolean good) {
        return good ? NEED_MORE : Refusal.BAD_CHUNK_EXTENSION.result();
    }

    private int trailer(byte b) {
        if (++trailers > TRAILERS_MOST) {
            return Refusal.TRAILER_TOO_LARGE.result();
        }
        if (state == State.TRAILER_LINE_FEED) {
            return expect(b, '\n', State.TRAILER_FIRST, Refusal.BARE_CR);
        }
        if (b == '\n') {
            return Refusal.BARE_LF.result();
        }
        if (state == State.TRAILER_VALUE) {
            if (b == '\r') {
                return go(State.TRAILER_LINE_FEED);
            }
            return (Ascii.classOf(b) & Ascii.VALUE) != 0 ? NEED_MORE : Refusal.BAD_TRAILER.result();
        }
        if (Ascii.isToken(b)) {
            return go(State.TRAILER_NAME);
        }
        if (state == State.TRAILER_FIRST) {
            return b == '\r' ? go(State.LAST_LINE_FEED) : Refusal.BAD_TRAILER.result();
        }
        return b == ':' ? go(State.TRAILER_VALUE) : Refusal.BAD_TRAILER.result();
    }
}
