package terpan.config;

/** The tables of the settings file, in the order of help and reference. */
public enum Section {
    TOP("", "Listening", "Where Terpan listens, and what stands above every table."),
    APPLICATION("application", "Application", "The application and the world it runs in."),
    SERVER("server", "Server", "The WSGI server inside each worker."),
    WORKERS("workers", "Workers", "The worker processes."),
    DISPATCH("dispatch", "Dispatching", "Which worker gets which request, and who waits."),
    HTTP("http", "HTTP", "Limits and deadlines of requests and answers."),
    TLS("tls", "TLS", "Certificates and deadlines of the listeners that have tls in bind."),
    LIMITS("limits", "Limits", "What all clients together, and one address, may take."),
    SPOOL("spool", "Spooling", "Files for bodies and answers that the other side does not take at once."),
    LOG("log", "Logs", "The log and the access log."),
    TRACES("traces", "Traces", "Traces of requests, for whoever takes them by OpenTelemetry's protocol."),
    ADMIN("admin", "Operators", "The operators' side."),
    OPERATORS("operators", "Operators over TCP", "The dashboard, and who may see it.");

    private final String key;
    private final String title;
    private final String description;

    Section(String key, String title, String description) {
        this.key = key;
        this.title = title;
        this.description = description;
    }

    /** The table's name in the file, empty for the top level. */
    public String key() {
        return key;
    }

    /** The heading in help. */
    public String title() {
        return title;
    }

    /** One sentence. */
    public String description() {
        return description;
    }
}
