package terpan.cli;

import java.nio.file.Path;

/**
 * The running Terpan that a command is for.
 *
 * @param socket where it listens to its operators
 * @param application the one of several that is meant; empty: the only one, or all
 */
record Running(Path socket, String application) {}
