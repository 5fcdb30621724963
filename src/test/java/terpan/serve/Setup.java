package terpan.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import terpan.config.Settings;
import terpan.server.Profiles;

/** The servers and shapes of front that the main scenarios are run with. */
enum Setup {
    BUILTIN("builtin", 1, 1),
    BUILTIN_THREADS("builtin", 4, 1),
    BUILTIN_TWO_LOOPS("builtin", 1, 2),
    WAITRESS("waitress", 4, 1),
    WAITRESS_TWO_LOOPS("waitress", 4, 2),
    GUNICORN_SYNC("gunicorn", 1, 1),
    GUNICORN_THREADS("gunicorn", 4, 1),
    GUNICORN_GEVENT("gunicorn", 1, 1, "worker-class=gevent"),
    GUNICORN_MEINHELD("gunicorn", 1, 1, "worker-class=meinheld"),
    GEVENT("gevent", 1, 1),
    EVENTLET("eventlet", 1, 1),
    MEINHELD("meinheld", 1, 1),
    BJOERN("bjoern", 1, 1),
    CHEROOT("cheroot", 4, 1),
    CHERRYPY("cherrypy", 4, 1),
    /** Each loop's kept connections are in the way of the other's. */
    CHERRYPY_TWO_LOOPS("cherrypy", 4, 2),
    TORNADO("tornado", 1, 1),
    TWISTED("twisted", 4, 1),
    UWSGI("uwsgi", 2, 1),
    UVICORN("uvicorn", 4, 1),
    HYPERCORN("hypercorn", 4, 1),
    GRANIAN("granian", 4, 1);

    private final String server;
    private final int threads;
    private final int loops;
    /** A server option, or empty. */
    private final String option;

    Setup(String server, int threads, int loops) {
        this(server, threads, loops, "");
    }

    Setup(String server, int threads, int loops, String option) {
        this.server = server;
        this.threads = threads;
        this.loops = loops;
        this.option = option;
    }

    String server() {
        return server;
    }

    /** On how many requests a worker of it truly works at once. */
    int capacity() {
        String[] parts = option.split("=", 2);
        Map<String, String> options = parts.length == 2 ? Map.of(parts[0], parts[1]) : Map.of();
        return Profiles.profile(new Settings.Server(server, options), threads).capacity();
    }

    /** Whether a worker is given more requests than any test has. */
    boolean worksOnMany() {
        return this == GEVENT || this == EVENTLET || this == GUNICORN_GEVENT;
    }

    RunningTerpan serve(String... more) throws IOException {
        return RunningTerpan.serve("everything:application", arguments(more));
    }

    String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of("--server", server, "--threads", Integer.toString(threads)));
        all.addAll(List.of("--loops", Integer.toString(loops), "--workers", "2"));
        if (!option.isEmpty()) {
            all.addAll(List.of("--server-option", option));
        }
        return Stream.concat(all.stream(), Stream.of(more)).toArray(String[]::new);
    }
}
