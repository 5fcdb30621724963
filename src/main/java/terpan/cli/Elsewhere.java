package terpan.cli;

import java.util.Map;
import java.util.Optional;

/** What people type who come from other servers, where it has another name here. */
final class Elsewhere {
    private static final Map<String, String> OWN = Map.ofEntries(
            Map.entry("--host", "--bind HOST:PORT"),
            Map.entry("--port", "--bind :PORT"),
            Map.entry("-p", "--bind :PORT"),
            Map.entry("--uds", "--bind unix:PATH"),
            Map.entry("--listen", "--bind"),
            Map.entry("--http", "--bind"),
            Map.entry("--http-socket", "--bind"),
            Map.entry("--processes", "--workers"),
            Map.entry("-k", "--server, or --server-option worker-class=NAME for Gunicorn's"),
            Map.entry("--worker-class", "--server, or --server-option worker-class=NAME for Gunicorn's"),
            Map.entry("--app-dir", "--chdir"),
            Map.entry("--pythonpath", "--env PYTHONPATH=PATH"),
            Map.entry("--root-path", "--prefix"),
            Map.entry("--uid", "--user"),
            Map.entry("--gid", "--group"),
            Map.entry("-u", "--user"),
            Map.entry("-g", "--group"),
            Map.entry("-t", "--answer-idle, how long a worker may stay silent"),
            Map.entry("--graceful-timeout", "--drain-timeout"),
            Map.entry("--timeout", "--answer-idle, how long a worker may stay silent"),
            Map.entry("--timeout-keep-alive", "--keep-alive-idle"),
            Map.entry("--keep-alive", "--keep-alive-idle"),
            Map.entry("--access-logfile", "--access-log, with --access-log-file for a file"),
            Map.entry("--error-logfile", "--log-file"),
            Map.entry("--forwarded-allow-ips", "--trusted-proxy"),
            Map.entry("--proxy-protocol", "--bind ADDRESS,proxy-protocol"),
            Map.entry("--limit-request-line", "--max-target"),
            Map.entry("--pid", "the run directory: terpan stop and terpan status need no file"),
            Map.entry("--daemon", "systemd's work, or the shell's &"),
            Map.entry("-D", "systemd's work, or the shell's &"),
            Map.entry("--debug", "--development"));

    private Elsewhere() {}

    /** What stands here for a flag of another server; empty: nothing is known of it. */
    static Optional<String> hint(String flag) {
        return Optional.ofNullable(OWN.get(flag));
    }
}
