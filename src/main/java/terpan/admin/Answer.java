package terpan.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * One answer of the operators' listener, whole in memory.
 *
 * @param allow the methods that would do, for 405; else empty
 * @param location where the progress of what was begun is told; else empty
 * @param mistake what mistakes in the settings are about; else empty
 */
record Answer(int status, String mediaType, String allow, String location, String mistake, String body) {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";

    static Answer text(int status, String body) {
        return new Answer(status, TEXT, "", "", "", body);
    }

    static Answer json(int status, String body) {
        return new Answer(status, JSON, "", "", "", body);
    }

    /** Head and body as they are sent. */
    ByteBuffer bytes() {
        byte[] content = body.getBytes(UTF_8);
        String head = "HTTP/1.1 " + status + " " + reason() + "\r\nContent-Type: " + mediaType + "\r\nContent-Length: "
                + content.length + "\r\n" + (allow.isEmpty() ? "" : "Allow: " + allow + "\r\n")
                + (location.isEmpty() ? "" : "Location: " + location + "\r\n")
                + (mistake.isEmpty() ? "" : OperatorClient.MISTAKE + ": " + mistake + "\r\n")
                + "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
        byte[] start = head.getBytes(US_ASCII);
        return ByteBuffer.allocate(start.length + content.length)
                .put(start)
                .put(content)
                .flip();
    }

    private String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 202 -> "Accepted";
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
