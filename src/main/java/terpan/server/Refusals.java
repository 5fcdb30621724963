package terpan.server;

/** The reasons that servers' option rules have in common. */
final class Refusals {
    static final String LISTENING = "the launcher binds the worker's private socket and hands it over";
    static final String THREADS = "set 'workers.threads' instead";
    static final String COUNT = "set 'workers.count' instead";
    static final String IDENTITY = "the client's identity is set by the front";
    static final String PROCESSES = "the supervisor owns the worker's process";
    static final String HEADS = "limits for heads are the front's";
    static final String BODIES = "set 'max-body' instead";
    static final String CONNECTIONS = "the front opens as many connections as the server minds";
    static final String TLS = "the front alone reaches the worker's socket, and it speaks plainly";
    static final String DEADLINES = "deadlines are the front's: set 'answer-idle' instead";
    static final String TRACEBACKS = "it shows tracebacks to clients";
    static final String LOGS = "the access log is the front's";

    static final String OUTPUT = "what the server writes goes to Terpan's log: set its level alone";
    static final String METRICS = "metrics are the front's";
    static final String IMPORTS = "the application is Terpan's to import, as its interpreter would";
    static final String FILES = "write its options under [server.options]";
    static final String PROTOCOL = "the worker's socket speaks HTTP/1.1 with the front";

    private Refusals() {}
}
