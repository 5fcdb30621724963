package terpan.metrics;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Every metric, declared once: what the exposition writes and what {@code docs/metrics.md} says both come from here. Counters
 * end in {@code _total}; durations are seconds, sizes bytes.
 */
public enum Metric {
    REQUESTS(
            Kind.COUNTER,
            "terpan_requests_total",
            List.of("status"),
            "Requests settled, by the status that the client was sent; \"none\" where it left before one."),
    STATIC_REQUESTS(
            Kind.COUNTER,
            "terpan_static_requests_total",
            List.of("status"),
            "Requests for static files settled, by status; they count in terpan_requests_total, too."),
    REQUEST_TIME(
            Kind.HISTOGRAM,
            "terpan_request_seconds",
            List.of(),
            "Time from the first byte of a request to the last byte of its answer."),
    QUEUE_TIME(
            Kind.HISTOGRAM,
            "terpan_queue_wait_seconds",
            List.of(),
            "Time that admitted requests waited for a place on a worker."),
    WORKER_TIME(
            Kind.HISTOGRAM,
            "terpan_worker_seconds",
            List.of("group"),
            "Time from sending a request to a worker to the last byte of the worker's answer; its count is the requests sent."),
    SENDING_TIME(
            Kind.HISTOGRAM,
            "terpan_sending_seconds",
            List.of(),
            "Time from the last byte of a worker's answer to the last byte that was sent to the client."),
    REJECTED(
            Kind.COUNTER,
            "terpan_requests_rejected_total",
            List.of("reason"),
            "Requests that the dispatcher refused, answered with 503."),
    CLIENT_REFUSED(
            Kind.COUNTER,
            "terpan_requests_refused_total",
            List.of("reason", "status"),
            "Requests refused for what the client sent, or did not send in time; they never reached a worker."),
    LIMITS_REACHED(
            Kind.COUNTER,
            "terpan_limits_reached_total",
            List.of("reason"),
            "Times that a limit held something back, closed it or cut it off; refusals of requests are counted apart."),
    WORKER_FAILURES(
            Kind.COUNTER,
            "terpan_worker_failures_total",
            List.of("group", "reason"),
            "Requests that a worker failed, by what went wrong between the front and the worker."),
    TIMED_OUT(
            Kind.COUNTER,
            "terpan_requests_timed_out_total",
            List.of(),
            "Requests that ran out of time: no byte from the worker within answer-idle, or no whole answer within answer-most."),
    ABANDONED(
            Kind.COUNTER,
            "terpan_requests_abandoned_total",
            List.of(),
            "Requests whose client left before the answer was complete."),
    CUT(
            Kind.COUNTER,
            "terpan_answers_cut_total",
            List.of(),
            "Answers cut off because the worker broke off after their head was sent."),
    RETRIED(
            Kind.COUNTER,
            "terpan_requests_retried_total",
            List.of(),
            "Requests sent a second time after a safe failure."),
    RETURNED(
            Kind.COUNTER,
            "terpan_requests_returned_total",
            List.of(),
            "Requests that a busy worker gave back unstarted and that went to another."),
    STUCK(
            Kind.COUNTER,
            "terpan_requests_stuck_total",
            List.of(),
            "Requests that waited inside a worker for more than 10 ms behind others, and were not given back."),
    CONNECTIONS(Kind.COUNTER, "terpan_connections_total", List.of(), "Client connections accepted."),
    CONNECTIONS_OPEN(Kind.GAUGE, "terpan_connections_open", List.of(), "Client connections open now."),
    HTTP2_OPEN(Kind.GAUGE, "terpan_http2_connections_open", List.of(), "Those of them that speak HTTP/2."),
    CONNECTION_STATES(
            Kind.GAUGE,
            "terpan_connections_by_state",
            List.of("protocol", "state"),
            "Client connections open now, with those whose handshake is not done; of several requests of HTTP/2 the state that a worker has to do with most. Missing where an event loop does not tell in time."),
    HANDSHAKES(
            Kind.COUNTER,
            "terpan_tls_handshakes_total",
            List.of("result"),
            "TLS handshakes with clients that have ended; each is a connection, and becomes a client when it is done."),
    HTTP2_FAILURES(
            Kind.COUNTER,
            "terpan_http2_connections_failed_total",
            List.of("reason"),
            "Connections of HTTP/2 that ended because the client broke a rule of connections, or flooded: of what there was too much."),
    CERTIFICATE_EXPIRY(
            Kind.GAUGE,
            "terpan_tls_certificate_expiry_timestamp_seconds",
            List.of("certificate"),
            "When a certificate of listeners expires, seconds since 1970-01-01 UTC, by the first name that it is for."),
    CERTIFICATE_ORDERS(
            Kind.COUNTER,
            "terpan_acme_orders_total",
            List.of("result"),
            "Orders of certificates from an authority (ACME) that have ended."),
    CERTIFICATE_FAILURES(
            Kind.GAUGE,
            "terpan_acme_failures",
            List.of("name"),
            "How many orders of a certificate for this name have failed in a row; 0: the last one did not."),
    TUNNELS(
            Kind.COUNTER,
            "terpan_tunnels_total",
            List.of("reason"),
            "Tunnels (WebSocket) that have ended, by who or what ended them."),
    TUNNELS_OPEN(Kind.GAUGE, "terpan_tunnels_open", List.of(), "Tunnels open now."),
    TUNNEL_BYTES(
            Kind.COUNTER,
            "terpan_tunnel_bytes_total",
            List.of("from"),
            "Bytes that have passed through tunnels that have ended, from clients and from workers."),
    RECEIVED(Kind.COUNTER, "terpan_request_body_bytes_total", List.of(), "Bytes of request bodies received."),
    SENT(Kind.COUNTER, "terpan_answer_body_bytes_total", List.of(), "Bytes of answer bodies sent to clients."),
    SPOOLED(
            Kind.COUNTER,
            "terpan_spooled_total",
            List.of("what"),
            "Request bodies and answers that outgrew memory and went to a file."),
    SPOOL_BYTES(Kind.GAUGE, "terpan_spool_bytes", List.of(), "Bytes in spool files now."),
    SPOOL_WAITING(
            Kind.GAUGE,
            "terpan_spool_waiting",
            List.of(),
            "Answers, and bodies that stream, that wait now: there is no room in files for more of them."),
    LOOP_BUFFER_BYTES(
            Kind.GAUGE,
            "terpan_loop_buffer_bytes",
            List.of(),
            "Bytes held in buffers: input and output of clients, and what spools keep in memory."),
    BUFFER_BOUND(Kind.GAUGE, "terpan_buffer_bound_bytes", List.of(), "Most bytes that may be held in those buffers."),
    CONNECTIONS_BOUND(Kind.GAUGE, "terpan_connections_bound", List.of(), "Most client connections that are accepted."),
    QUEUE_LENGTH(Kind.GAUGE, "terpan_queue_length", List.of(), "Requests in the wait queue now."),
    QUEUE_BOUND(Kind.GAUGE, "terpan_queue_bound", List.of(), "Most requests that the wait queue takes."),
    ROUTE_OPEN(
            Kind.GAUGE,
            "terpan_route_requests_open",
            List.of("route", "state"),
            "Requests that are with workers or wait for one now, by route: the method and the shape of the path, or the framework's route once the answer has begun. The 50 routes that hold most."),
    ROUTE_OLDEST(
            Kind.GAUGE,
            "terpan_route_oldest_seconds",
            List.of("route", "state"),
            "For how long the oldest of those has been with its worker, or has waited."),
    ROUTE_REQUESTS(
            Kind.COUNTER,
            "terpan_route_requests_total",
            List.of("route"),
            "Requests settled, by route: the method, and the framework's route where the worker told it, else the shape of the path. 200 of either are told apart, the rest is \"other\"."),
    ROUTE_FAILURES(
            Kind.COUNTER,
            "terpan_route_failures_total",
            List.of("route"),
            "Those of them that were answered with a status of 500 or more."),
    ROUTE_WORKER_TIME(
            Kind.COUNTER, "terpan_route_worker_seconds_total", List.of("route"), "For how long workers had them."),
    ROUTES_REFUSED(
            Kind.COUNTER,
            "terpan_route_fields_refused_total",
            List.of(),
            "Fields of answers that told a route and did not count: no launcher of ours wrote them, or they were too long or had characters that no route has."),
    IN_FLIGHT(Kind.GAUGE, "terpan_requests_in_flight", List.of(), "Requests granted to a worker and not settled."),
    WORKERS(Kind.GAUGE, "terpan_workers", List.of("group", "state"), "Workers by group and state."),
    WORKERS_BOUND(
            Kind.GAUGE,
            "terpan_workers_bound",
            List.of("group", "bound"),
            "The range of a group whose number of workers follows the load: least and most."),
    WORKERS_WANTED(Kind.GAUGE, "terpan_workers_wanted", List.of("group"), "How many workers such a group is to have."),
    SCALINGS(
            Kind.COUNTER,
            "terpan_scalings_total",
            List.of("group", "direction"),
            "Times that such a group was to have more workers for its load, or fewer: up and down."),
    WORKER_RESTARTS(
            Kind.COUNTER,
            "terpan_worker_restarts_total",
            List.of("group", "worker", "reason"),
            "Times that a worker was started again, by why the one before it ended."),
    WORKER_EJECTIONS(
            Kind.COUNTER,
            "terpan_worker_ejections_total",
            List.of("group", "worker", "reason"),
            "Times that an attached worker was left out, by what was wrong."),
    WORKER_PROBES(
            Kind.COUNTER,
            "terpan_worker_probes_total",
            List.of("group", "worker", "result"),
            "Times that an attached worker was looked at: its check path, or a connect while it is left out."),
    WORKER_LOOKUPS(
            Kind.COUNTER,
            "terpan_worker_lookups_total",
            List.of("group", "worker", "result"),
            "Times that an attached worker's name was looked up."),
    WORKER_REQUESTS(
            Kind.COUNTER,
            "terpan_worker_requests_total",
            List.of("group", "worker"),
            "Requests settled on a worker since its slot was made; of workers that share a socket under their group's name."),
    WORKER_IN_FLIGHT(
            Kind.GAUGE,
            "terpan_worker_requests_in_flight",
            List.of("group", "worker"),
            "Requests that a worker holds now; of workers that share a socket under their group's name."),
    WORKER_LOST(
            Kind.GAUGE,
            "terpan_worker_places_lost",
            List.of("group", "worker"),
            "Places of a worker that are held by requests that were given up and that it has not ended; of workers that share a socket under their group's name."),
    WORKER_WINDOW(
            Kind.GAUGE,
            "terpan_worker_window",
            List.of("group", "worker"),
            "Requests that a worker may hold at once, as learned from its service time."),
    WORKER_MEMORY(
            Kind.GAUGE,
            "terpan_worker_resident_memory_bytes",
            List.of("group", "worker"),
            "Resident memory of a worker's process and those below it; what they share counts in each; absent where it is not known."),
    WORKER_PROCESSOR(
            Kind.COUNTER,
            "terpan_worker_cpu_seconds_total",
            List.of("group", "worker"),
            "Processor time of a worker's process and of those below it; begins anew with another process."),
    GROUP_WEIGHT(
            Kind.GAUGE,
            "terpan_group_weight",
            List.of("group", "server"),
            "The weight of a group of workers, and the server that they run."),
    GENERATION(Kind.GAUGE, "terpan_generation", List.of(), "The generation of the workers; rises with each reload."),
    LOG_LINES_DROPPED(
            Kind.COUNTER,
            "terpan_log_lines_dropped_total",
            List.of("log"),
            "Log lines lost because the writer or the disk did not keep up."),
    LOOP_TIME(
            Kind.COUNTER,
            "terpan_loop_cpu_seconds_total",
            List.of("loop"),
            "Processor time of an event loop's thread; a second in each second is all that one loop can do."),
    LOOP_WAIT(
            Kind.COUNTER,
            "terpan_loop_cpu_wait_seconds_total",
            List.of("loop"),
            "How long an event loop's thread could have worked and waited for a processor."),
    LOOP_LAG(
            Kind.GAUGE,
            "terpan_loop_lag_seconds",
            List.of("loop"),
            "The longest that a task waited for its turn of the event loop, of one a second in the last ten seconds."),
    TRACED(
            Kind.COUNTER,
            "terpan_traced_requests_total",
            List.of("result"),
            "Requests whose traces are told of: sent to the collector, dropped because the queue for it was full, or refused by it or not taken in time."),
    START_TIME(
            Kind.GAUGE,
            "process_start_time_seconds",
            List.of(),
            "Start of the front's process, seconds since 1970-01-01 UTC."),
    PROCESS_TIME(
            Kind.COUNTER,
            "process_cpu_seconds_total",
            List.of(),
            "Processor time of the front's process, without workers."),
    PROCESS_MEMORY(
            Kind.GAUGE,
            "process_resident_memory_bytes",
            List.of(),
            "Resident memory of the front's process, without workers."),
    PROCESS_FILES(Kind.GAUGE, "process_open_fds", List.of(), "Open descriptors of the front's process."),
    PROCESS_FILES_MOST(
            Kind.GAUGE, "process_max_fds", List.of(), "Most descriptors that the front's process may have open."),
    HEAP_USED(
            Kind.GAUGE,
            "jvm_memory_used_bytes",
            List.of("area"),
            "Java's heap in use, with what nobody needs any more and has not been collected."),
    HEAP_MOST(Kind.GAUGE, "jvm_memory_max_bytes", List.of("area"), "Most that Java takes for its heap."),
    BUILD(Kind.GAUGE, "terpan_build_info", List.of("version", "java"), "1; the versions of Terpan and of Java.");

    /** What a metric does over time. */
    public enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    /** Connections, files, logs and traces are nobody's alone. */
    private static final Set<Metric> OF_ALL = EnumSet.of(
            HTTP2_OPEN,
            CONNECTION_STATES,
            HTTP2_FAILURES,
            CLIENT_REFUSED,
            LIMITS_REACHED,
            CONNECTIONS,
            CONNECTIONS_OPEN,
            HANDSHAKES,
            CERTIFICATE_EXPIRY,
            CERTIFICATE_ORDERS,
            CERTIFICATE_FAILURES,
            SPOOLED,
            SPOOL_BYTES,
            SPOOL_WAITING,
            LOOP_BUFFER_BYTES,
            BUFFER_BOUND,
            CONNECTIONS_BOUND,
            ROUTE_OPEN,
            ROUTE_OLDEST,
            LOG_LINES_DROPPED,
            LOOP_TIME,
            LOOP_WAIT,
            LOOP_LAG,
            START_TIME,
            PROCESS_TIME,
            PROCESS_MEMORY,
            PROCESS_FILES,
            PROCESS_FILES_MOST,
            HEAP_USED,
            HEAP_MOST,
            TRACED,
            BUILD);

    private static final Set<Metric> SEEN = EnumSet.of(
            STUCK,
            QUEUE_LENGTH,
            QUEUE_BOUND,
            IN_FLIGHT,
            GENERATION,
            WORKERS,
            WORKERS_BOUND,
            WORKERS_WANTED,
            SCALINGS,
            WORKER_REQUESTS,
            WORKER_IN_FLIGHT,
            WORKER_LOST,
            WORKER_WINDOW,
            GROUP_WEIGHT,
            WORKER_MEMORY,
            WORKER_PROCESSOR);

    private final Kind kind;
    private final String exposedName;
    /** Always made by List.of. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> labels;

    private final String help;

    Metric(Kind kind, String exposedName, List<String> labels, String help) {
        this.kind = kind;
        this.exposedName = exposedName;
        this.labels = labels;
        this.help = help;
    }

    public Kind kind() {
        return kind;
    }

    /** The name as a scrape shows it. */
    public String exposedName() {
        return exposedName;
    }

    /** Whether it is told of each application, with the label {@code application} where there are several. */
    public boolean isOfApplications() {
        return !OF_ALL.contains(this);
    }

    /** Whether it is counted as it happens; else it is seen in a picture. */
    boolean isCounted() {
        return !SEEN.contains(this);
    }

    /** Label names in the order of the values. */
    public List<String> labels() {
        return labels;
    }

    public String help() {
        return help;
    }
}
