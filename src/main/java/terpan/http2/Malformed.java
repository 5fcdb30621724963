package terpan.http2;

/** Requests that HTTP/2 itself forbids: their stream is reset with PROTOCOL_ERROR (RFC 9113, section 8.1.1). */
public enum Malformed {
    UPPER_CASE_NAME("8.2.1", "A field name has an upper-case letter."),
    FORBIDDEN_IN_NAME("8.2.1", "A field name has a control byte, a space, a colon or a byte beyond ASCII."),
    SPACE_AROUND_VALUE("8.2.1", "A field value begins or ends with a space or a tab."),
    CONNECTION_FIELD("8.2.2", "A field is there that only HTTP/1.1 connections have."),
    TE_VALUE("8.2.2", "TE says something else than trailers."),
    PSEUDO_AFTER_FIELD("8.3", "A pseudo-field comes behind a field."),
    PSEUDO_UNKNOWN("8.3", "A pseudo-field is none of those that requests have."),
    PSEUDO_REPEATED("8.3.1", "A pseudo-field is there more than once."),
    PSEUDO_MISSING("8.3.1", "The method, the scheme or the path is missing."),
    EMPTY_PATH("8.3.1", "The path is empty."),
    HOST_DIFFERS("8.3.1", "Host and :authority differ."),
    CONNECT_WITH_TARGET("8.5", "CONNECT has a scheme or a path, or no authority."),
    PROTOCOL_WITHOUT_CONNECT("RFC 8441 4", "There is a :protocol without CONNECT."),
    PSEUDO_IN_TRAILERS("8.1", "The trailers have a pseudo-field."),
    TRAILERS_WITHOUT_END("8.1", "The trailers do not end the request."),
    LENGTH_DIFFERS("8.1.1", "The body is not as long as Content-Length says.");

    private final String section;
    private final String reason;

    Malformed(String section, String reason) {
        this.section = section;
        this.reason = reason;
    }

    /** The section of RFC 9113, where no other is named. */
    public String section() {
        return section;
    }

    /** One sentence in plain text. */
    public String reason() {
        return reason;
    }
}
