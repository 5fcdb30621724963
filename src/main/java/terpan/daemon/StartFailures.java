package terpan.daemon;

import terpan.worker.StartException;

/** Which exit code a worker side's failure has. */
final class StartFailures {
    private StartFailures() {}

    static StartFailure of(StartException failed) {
        terpan.worker.StartFailure failure = failed.failure();
        ExitCode code = switch (failure) {
            case terpan.worker.StartFailure.ImportFailed f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.StartupFailed f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.NotForServer f -> ExitCode.CONFIGURATION;
            case terpan.worker.StartFailure.NotPreloaded f -> ExitCode.CONFIGURATION;
            case terpan.worker.StartFailure.NeverReady f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.SetupFailed f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.ControlBroken f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.NoStarter f -> ExitCode.INTERPRETER;
            case terpan.worker.StartFailure.FilesUnreadable f -> ExitCode.CONFIGURATION;
            case terpan.worker.StartFailure.ServerMissing f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.InstallFailed f -> ExitCode.APPLICATION;
            case terpan.worker.StartFailure.InterpreterMissing f -> ExitCode.INTERPRETER;
            case terpan.worker.StartFailure.NoProcess f -> ExitCode.INTERPRETER;
            case terpan.worker.StartFailure.NotPython f -> ExitCode.INTERPRETER;
            case terpan.worker.StartFailure.PythonTooOld f -> ExitCode.INTERPRETER;
            case terpan.worker.StartFailure.RootRefuses f -> ExitCode.CONFIGURATION;
            case terpan.worker.StartFailure.DirectoryNotOurs f -> ExitCode.RUN_DIRECTORY;
            case terpan.worker.StartFailure.DirectoryOpen f -> ExitCode.RUN_DIRECTORY;
            case terpan.worker.StartFailure.DirectoryLocked f -> ExitCode.RUN_DIRECTORY;
            case terpan.worker.StartFailure.DirectoryUnusable f -> ExitCode.RUN_DIRECTORY;
            case terpan.worker.StartFailure.PathTooLong f -> ExitCode.RUN_DIRECTORY;
        };
        return new StartFailure(code, failure.message());
    }
}
