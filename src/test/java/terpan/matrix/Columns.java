package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Every server of the matrix, one line each. */
final class Columns {
    static final List<Column> ALL = List.of(
            Column.of("builtin", "builtin", 1),
            Column.of("builtin, 4 threads", "builtin", 4),
            Column.of("waitress", "waitress", 4),
            Column.of("gunicorn sync", "gunicorn", 1),
            Column.of("gunicorn gthread", "gunicorn", 4),
            Column.of("gevent", "gevent", 0),
            Column.of("eventlet", "eventlet", 0),
            Column.of("gunicorn gevent", "gunicorn", 0, "worker-class=gevent"),
            Column.of("gunicorn meinheld", "gunicorn", 0, "worker-class=meinheld"),
            Column.of("meinheld", "meinheld", 0),
            Column.of("cherrypy", "cherrypy", 4),
            Column.of("cheroot", "cheroot", 4),
            Column.of("bjoern", "bjoern", 0),
            Column.of("tornado", "tornado", 1),
            Column.of("tornado, 4 threads", "tornado", 4),
            Column.of("twisted", "twisted", 4),
            Column.of("uwsgi", "uwsgi", 4)
                    .cannot(
                            Check.PRELOAD,
                            "a worker of uWSGI is a program of its own, with a Python of its own that imports the application anew"),
            Column.of("uvicorn", "uvicorn", 4),
            Column.of("hypercorn", "hypercorn", 4),
            Column.of("granian", "granian", 4),
            Column.of("granian native", "granian", 4, "native=true")
                    .cannot(
                            Check.REPEATED_FIELDS,
                            "Granian's own WSGI gives a field whose value is not ASCII as an empty one")
                    .cannot(Check.ANSWER_FIELDS, "Granian's own WSGI sends a field value that is not ASCII as UTF-8")
                    .cannot(
                            Check.LATE_ERROR,
                            "Granian's own WSGI ends a chunked answer as if it were whole when the application raises"));

    private Columns() {}

    /** Those that {@code -Dmatrix.server=NAME} asks for, by server or column; all without it. */
    static List<Column> wanted() {
        String wanted = System.getProperty("matrix.server", "");
        List<Column> columns = ALL.stream()
                .filter(column -> wanted.isEmpty()
                        || column.server().equals(wanted)
                        || column.name().equals(wanted))
                .toList();
        assertThat(columns).as("servers called '" + wanted + "'").isNotEmpty();
        return columns;
    }
}
