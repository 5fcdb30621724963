package terpan.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * One answer of the operators' listener, whole in memory.
 *
 * @param fields lines of its head besides those of every answer, each with its end
 */
record Answer(int status, String mediaType, String fields, ByteBuffer body) implements Reply {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";

    /**
     * Nothing of others runs or is loaded there, nobody else shows it within a page, and no browser takes it for anything else (Content Security
     * Policy Level 3).
     */
    private static final String GUARD =
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"
                    + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
                    + "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"
                    + "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n";

    /** Without further fields. */
    Answer(int status, String mediaType, String body) {
        this(status, mediaType, "", ByteBuffer.wrap(body.getBytes(UTF_8)));
    }

    static Answer text(int status, String body) {
        return new Answer(status, TEXT, body);
    }

    static Answer json(int status, String body) {
        return new Answer(status, JSON, body);
    }

    /** Another method would do. */
    static Answer notAllowed(String wanted) {
        return text(405, "Expected " + wanted + " here.\n").with("Allow: " + wanted);
    }

    /** The same with a field, its name in front. */
    Answer with(String field) {
        return new Answer(status, mediaType, fields + field + "\r\n", body);
    }

    /** The same for a browser. */
    Answer guarded() {
        return new Answer(status, mediaType, fields + GUARD, body);
    }

    /** Head and body as they are sent. */
    ByteBuffer bytes() {
        String head = "HTTP/1.1 " + status + " " + reason() + "\r\nContent-Type: " + mediaType + "\r\nContent-Length: "
                + body.remaining() + "\r\n" + fields
                + "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
        byte[] start = head.getBytes(US_ASCII);
        return ByteBuffer.allocate(start.length + body.remaining())
                .put(start)
                .put(body.duplicate())
                .flip();
    }

    private String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 202 -> "Accepted";
            case 303 -> "See Other";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 421 -> "Misdirected Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 411 -> "Length Required";
            case 413 -> "Content Too Large";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            case 414 -> "URI Too Long";
            case 422 -> "Unprocessable Content";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 505 -> "HTTP Version Not Supported";
            default -> "Bad Request";
        };
    }
}
