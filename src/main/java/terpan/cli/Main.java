package terpan.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import terpan.config.SystemHost;

/** The entry point: hands the arguments to the command line and its exit code to the system. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Surroundings surroundings =
                new Surroundings(System.out, System.err, System.getenv(), directory(), new SystemHost());
        System.exit(new TerpanCommand(surroundings, new SystemActions()).run(List.of(arguments)));
    }

    /** As the person's shell calls it, who may stand in a link such as {@code current}, which leads elsewhere at a later reload. */
    private static Path directory() {
        Path here = Path.of("").toAbsolutePath();
        String called = System.getenv().getOrDefault("PWD", "");
        try {
            return called.startsWith("/") && Files.isSameFile(Path.of(called), here) ? Path.of(called) : here;
        } catch (IOException | InvalidPathException stale) {
            return here;
        }
    }
}
