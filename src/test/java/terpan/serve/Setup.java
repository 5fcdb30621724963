package terpan.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The servers and shapes of front that the main scenarios are run with. */
enum Setup {
    BUILTIN("builtin", 1, 1),
    BUILTIN_THREADS("builtin", 4, 1),
    BUILTIN_TWO_LOOPS("builtin", 1, 2),
    WAITRESS("waitress", 4, 1),
    WAITRESS_TWO_LOOPS("waitress", 4, 2),
    GUNICORN_SYNC("gunicorn", 1, 1),
    GUNICORN_THREADS("gunicorn", 4, 1),
    GEVENT("gevent", 1, 1),
    EVENTLET("eventlet", 1, 1),
    UVICORN("uvicorn", 4, 1),
    HYPERCORN("hypercorn", 4, 1),
    GRANIAN("granian", 4, 1);

    private final String server;
    private final int threads;
    private final int loops;

    Setup(String server, int threads, int loops) {
        this.server = server;
        this.threads = threads;
        this.loops = loops;
    }

    /** Whether a worker is given more requests than any test has. */
    boolean worksOnMany() {
        return this == GEVENT || this == EVENTLET;
    }

    RunningTerpan serve(String... more) throws IOException {
        return RunningTerpan.serve("everything:application", arguments(more));
    }

    String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of("--server", server, "--threads", Integer.toString(threads)));
        all.addAll(List.of("--loops", Integer.toString(loops), "--workers", "2"));
        return Stream.concat(all.stream(), Stream.of(more)).toArray(String[]::new);
    }
}
