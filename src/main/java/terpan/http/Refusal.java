package terpan.http;

/** What can be wrong with a message: a status for the client's mistakes and a sentence for people. */
public enum Refusal {
    BAD_METHOD(400, "The method is not a token."),
    METHOD_TOO_LONG(501, "The method is longer than any known one."),
    BAD_REQUEST_LINE(400, "The request line is not method, target and version with one space between."),
    TLS_ON_PLAIN_PORT(400, "This port speaks plain HTTP, not TLS: use http:// instead of https://."),
    BAD_TARGET(
            400,
            "The request target has none of the forms allowed, or a byte in it that has to be escaped: %20 for a space."),
    FRAGMENT_IN_TARGET(400, "The request target has a fragment: leave out what is behind the #, or write %23 for it."),
    BAD_ESCAPE(
            400,
            "The path has a percent sign that two hexadecimal digits do not follow, or an escaped NUL; the sign itself is written %25."),
    TARGET_TOO_LONG(414, "The request target is too long."),
    CONNECT_REFUSED(501, "CONNECT is not offered."),
    BAD_VERSION(400, "Behind the target there is no version such as HTTP/1.1; a space in the target is written %20."),
    VERSION_UNSUPPORTED(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."),
    BARE_CR(400, "A carriage return has no line feed after it: lines end with both."),
    BARE_LF(400, "A line feed has no carriage return before it: lines end with both."),
    FOLDED_LINE(400, "A field line begins with a space or a tab: a value is written on one line."),
    SPACE_IN_NAME(400, "A field name has a space or a tab in it or behind it."),
    EMPTY_NAME(400, "A field name is empty."),
    BAD_NAME(400, "A field name is not a token."),
    NO_COLON(400, "A field line has no colon."),
    BAD_VALUE(400, "A field value has a control byte in it."),
    FIELD_TOO_LARGE(431, "A field line is too long."),
    HEAD_TOO_LARGE(431, "The head is too large."),
    TOO_MANY_FIELDS(431, "The head has too many fields."),
    HOST_MISSING(400, "The Host field is missing: it names the site, as in Host: example.com."),
    HOST_REPEATED(400, "The Host field is there more than once."),
    BAD_HOST(
            400,
            "The host is not a name or an address with an optional port; a name beyond ASCII is written in its xn-- form."),
    MISDIRECTED(421, "The target names a scheme that this port does not serve."),
    BAD_CONTENT_LENGTH(400, "Content-Length is not a decimal number of bytes."),
    CONTENT_LENGTH_REPEATED(400, "Content-Length is there more than once: send it once."),
    LENGTH_AND_ENCODING(400, "Both Content-Length and Transfer-Encoding are there: send one of them."),
    BAD_TRANSFER_ENCODING(400, "Transfer-Encoding does not end with chunked, once."),
    ENCODING_UNSUPPORTED(501, "The only transfer coding known is chunked."),
    ENCODING_IN_OLD_VERSION(400, "Transfer-Encoding does not exist in HTTP/1.0."),
    BAD_CONNECTION(400, "The Connection field is not a list of tokens."),
    TOO_MANY_CONNECTION_OPTIONS(431, "The Connection field names too many options."),
    BODY_IN_TRACE(400, "A TRACE request has a body."),
    EXPECTATION_FAILED(417, "The only expectation known is 100-continue."),
    BODY_TOO_LARGE(413, "The body is too large."),
    BAD_CHUNK_SIZE(400, "A chunk size is not a hexadecimal number."),
    CHUNK_SIZE_TOO_LARGE(413, "A chunk size is too large."),
    BAD_CHUNK_EXTENSION(400, "A chunk extension is malformed."),
    CHUNK_EXTENSIONS_TOO_LARGE(413, "The chunk extensions are too long."),
    BAD_CHUNK_END(400, "A chunk's data does not end where its size says."),
    BAD_TRAILER(400, "A trailer field is malformed."),
    TRAILER_TOO_LARGE(431, "The trailer section is too large."),
    BAD_STATUS_LINE(502, "The status line is not version, three digits from 100 to 599 and reason.");

    private static final Refusal[] ALL = values();

    private final int status;
    private final String reason;

    Refusal(int status, String reason) {
        this.status = status;
        this.reason = reason;
    }

    /** The status that a client gets; means nothing when a worker's answer is refused. */
    public int status() {
        return status;
    }

    /** One sentence in plain text. */
    public String reason() {
        return reason;
    }

    /** The refusal behind a parser's result of -2 or less. */
    public static Refusal of(int result) {
        return ALL[-2 - result];
    }

    /** This refusal as a parser's result: -2 or less. The order is never stored, so the ordinal serves. */
    @SuppressWarnings("EnumOrdinal")
    public int result() {
        return -2 - ordinal();
    }
}
