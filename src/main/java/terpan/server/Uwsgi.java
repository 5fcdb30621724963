package terpan.server;

import terpan.server.Conduct.ChunkedUpload;
import terpan.server.Conduct.Expectation;
import terpan.server.Conduct.HeadBody;
import terpan.server.Conduct.Pipelining;
import terpan.server.Conduct.StopInFlight;
import terpan.server.Conduct.Streaming;
import terpan.server.Conduct.UnreadBody;

/**
 * uWSGI: a master, which the launcher's process becomes, and one worker of its own with threads. A connection holds a thread, so each
 * carries one request; its {@code http11-socket} would keep them, but ends some answers nowhere.
 */
final class Uwsgi {
    /** Its buffer has 65,535 bytes, in which the target stands twice and every field with a few bytes more. */
    private static final int HEAD_MOST = 40 * 1024;

    private static final int FIELDS_MOST = 300;

    static final ServerKind KIND = ServerKind.named("uwsgi")
            .installedBy("apt-get install uwsgi-core uwsgi-plugin-python3, or pip install uwsgi")
            .notPreloaded(
                    "a worker of uwsgi is a program of its own, with a Python of its own that imports the application anew")
            .passes(OptionKind.WHOLE, "post-buffering")
            .passes(OptionKind.POSITIVE, "post-buffering-bufsize", "thread-stacksize")
            .passes(OptionKind.SWITCH, "ignore-sigpipe", "ignore-write-errors", "disable-write-exception")
            .refuses(
                    Refusals.LISTENING,
                    "socket",
                    "uwsgi-socket",
                    "http",
                    "https",
                    "http-socket",
                    "http11-socket",
                    "fastcgi-socket",
                    "scgi-socket",
                    "shared-socket",
                    "listen",
                    "chmod-socket",
                    "chown-socket",
                    "vacuum")
            .refuses(Refusals.THREADS, "enable-threads")
            .refuses(Refusals.COUNT, "cheaper")
            .refuses(
                    Refusals.PROCESSES,
                    "master",
                    "daemonize2",
                    "pidfile2",
                    "die-on-term",
                    "no-orphans",
                    "lazy",
                    "lazy-apps",
                    "emperor",
                    "max-requests",
                    "max-worker-lifetime",
                    "reload-on-as",
                    "reload-on-rss",
                    "evil-reload-on-as",
                    "evil-reload-on-rss",
                    "py-autoreload",
                    "touch-reload")
            .refuses("set 'stop-timeout' instead", "reload-mercy", "worker-reload-mercy")
            .refuses("set 'user' instead", "uid")
            .refuses("set 'group' instead", "gid")
            .refuses("set 'chdir' instead", "chdir", "chdir2")
            .refuses("set 'prefix' instead", "mount", "manage-script-name")
            .refuses(
                    Refusals.IMPORTS,
                    "module",
                    "wsgi",
                    "wsgi-file",
                    "file",
                    "callable",
                    "pythonpath",
                    "virtualenv",
                    "home",
                    "need-app")
            .refuses(Refusals.FILES, "ini", "xml", "yaml", "json")
            .refuses(Refusals.DEADLINES, "harakiri", "http-timeout", "socket-timeout")
            .refuses(
                    "what it hands on would go on after the worker was taken for idle",
                    "offload-threads",
                    "async",
                    "ugreen",
                    "gevent")
            .refuses(Refusals.HEADS, "buffer-size", "max-vars")
            .refuses(Refusals.BODIES, "limit-post")
            .refuses(Refusals.LOGS, "logto", "logto2", "log-format", "logger", "req-logger", "disable-logging")
            .profile((threads, options) -> ServerProfile.http("uwsgi", threads)
                    .capacity(threads)
                    .queuesConnections(threads == 1)
                    .head(HEAD_MOST, FIELDS_MOST)
                    .tellsStacks()
                    .conduct(
                            HeadBody.STRIPPED,
                            ChunkedUpload.EMPTY,
                            Expectation.NEVER,
                            UnreadBody.CLOSED,
                            Pipelining.FIRST,
                            Streaming.AS_GIVEN,
                            StopInFlight.ANSWERED)
                    .made());

    private Uwsgi() {}
}
