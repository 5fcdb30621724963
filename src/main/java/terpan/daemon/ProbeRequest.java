package terpan.daemon;

import java.nio.file.Path;
import terpan.config.Settings;
import terpan.examine.Probe;

/**
 * Which server is to be measured, and how.
 *
 * @param threads threads in the worker; 0: the server's default
 * @param python the interpreter
 * @param idleSeconds how long an idle connection is watched
 */
public record ProbeRequest(Settings.Server server, int threads, Path python, int idleSeconds) {
    /** How long an idle connection is watched unless something else is said. */
    public static final int IDLE_SECONDS = (int) Probe.IDLE.toSeconds();
}
