package terpan.config;

/**
 * What a format of the access log can name of a request: by nginx's word (log_format, "$status"), by Gunicorn's (access_log_format,
 * "%(s)s"), or by one of ours where neither has one.
 */
public enum AccessAtom {
    /** The client's address. */
    CLIENT("remote_addr", "h"),
    /** Always a hyphen: what ident said in Apache's first logs. */
    HYPHEN("", "l"),
    /** The user that the application named. */
    USER("remote_user", "u"),
    /** When the request began, local time, in brackets. */
    TIME_BRACKETS("", "t"),
    /** The same without brackets. */
    TIME_LOCAL("time_local", ""),
    /** The same in UTC, ISO 8601 with milliseconds. */
    TIME_ISO("time_iso8601", ""),
    /** The same in seconds since 1970, with milliseconds. */
    TIME_SECONDS("msec", ""),
    /** Method, target and version. */
    REQUEST("request", "r"),
    /** The method. */
    METHOD("request_method", "m"),
    /** Path and query. */
    TARGET("request_uri", ""),
    /** The path, as the client sent it. */
    PATH("uri", "U"),
    /** The query, without the question mark. */
    QUERY("args", "q"),
    /** The version, such as HTTP/1.1. */
    VERSION("server_protocol", "H"),
    /** The status sent. */
    STATUS("status", "s"),
    /** Bytes of the answer's body. */
    SENT("body_bytes_sent", "B"),
    /** The same, a hyphen for none. */
    SENT_OR_HYPHEN("", "b"),
    /** Bytes of the request's body. */
    RECEIVED("body_bytes_received", ""),
    /** Bytes of the request, its head included. */
    REQUEST_LENGTH("request_length", ""),
    /** The referer. */
    REFERER("", "f"),
    /** The user agent. */
    AGENT("", "a"),
    /** Seconds from the first byte of the request to the last of the answer, with microseconds. */
    TOTAL("request_time", "L"),
    /** The same in whole seconds. */
    TOTAL_SECONDS("", "T"),
    /** The same in milliseconds. */
    TOTAL_MILLIS("", "M"),
    /** The same in microseconds. */
    TOTAL_MICROS("", "D"),
    /** Seconds in the wait queue. */
    QUEUE("queue_time", ""),
    /** Seconds with the worker. */
    WORKER_TIME("upstream_response_time", ""),
    /** The worker's name. */
    WORKER("upstream_addr", ""),
    /** The name of its group. */
    GROUP("group", ""),
    /** The method and the route, as metrics name it. */
    ROUTE("route", ""),
    /** The host that was asked for. */
    HOST("host", ""),
    /** The request's id. */
    ID("request_id", ""),
    /** The id of the trace that the request belongs to. */
    TRACE("trace_id", ""),
    /** The number of the front's process. */
    PID("pid", ""),
    /** The same in angle brackets. */
    PID_BRACKETS("", "p"),
    /** Who ended it early. */
    CUT("cut", "");

    private final String variable;
    private final String letter;

    AccessAtom(String variable, String letter) {
        this.variable = variable;
        this.letter = letter;
    }

    /** Its name behind a dollar sign; empty: it has none. */
    public String variable() {
        return variable;
    }

    /** Its name between {@code %(} and {@code )s}; empty: it has none. */
    public String letter() {
        return letter;
    }
}
