package terpan.cli;

import java.nio.file.Path;
import java.util.List;
import terpan.config.SystemHost;

/** The entry point: hands the arguments to the command line and its exit code to the system. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Surroundings surroundings = new Surroundings(
                System.out, System.err, System.getenv(), Path.of("").toAbsolutePath(), new SystemHost());
        System.exit(new TerpanCommand(surroundings, new SystemActions()).run(List.of(arguments)));
    }
}
