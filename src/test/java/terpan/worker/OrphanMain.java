package terpan.worker;

import java.nio.file.Path;

/** A Terpan reduced to its supervisor, for a test to kill: run directory, applications, server, threads. */
final class OrphanMain {
    private OrphanMain() {}

    public static void main(String[] arguments) throws Exception {
        RunningSupervisor.Options options = new RunningSupervisor.Options();
        options.server = arguments[2];
        options.threads = Integer.parseInt(arguments[3]);
        options.count = 2;
        RunningSupervisor running = RunningSupervisor.start(Path.of(arguments[0]), Path.of(arguments[1]), options);
        WorkerRig.awaitReady(running, 2);
        System.out.println("ready");
        Thread.sleep(60_000);
    }
}
