package terpan.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import terpan.config.Host;

/**
 * The world that a command runs in.
 *
 * @param out what was asked for
 * @param err what went wrong, and what is told beside
 * @param environment the variables of this process
 * @param directory the working directory, absolute
 * @param host the machine
 */
record Surroundings(PrintStream out, PrintStream err, Map<String, String> environment, Path directory, Host host) {}
