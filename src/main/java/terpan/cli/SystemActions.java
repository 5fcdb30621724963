package terpan.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import terpan.admin.AdminServer;
import terpan.admin.OperatorClient;
import terpan.admin.OperatorException;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.daemon.Examination;
import terpan.daemon.ExitCode;
import terpan.daemon.ProbeRequest;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;
import terpan.daemon.Terpan;
import terpan.examine.Finding;
import terpan.examine.ProbeReport;
import terpan.examine.ServerSurvey;
import terpan.terminal.LogFilter;

/** The actions as they are: the daemon in this process, or a running one through its operators' socket. */
final class SystemActions implements Actions {
    /** Draining may take its time; a person who waits longer than this wants to know. */
    private static final Duration STOP_MOST = Duration.ofMinutes(10);

    @Override
    public int serve(ServeOptions options) throws StartFailure {
        return Terpan.serve(options, System.err);
    }

    @Override
    public int check(Settings settings) throws StartFailure {
        return Terpan.check(settings);
    }

    @Override
    public String staticFiles(Settings settings) throws StartFailure {
        return Examination.staticFiles(settings);
    }

    @Override
    public int servers(Path interpreter, boolean json, PrintStream out) throws StartFailure {
        ServerSurvey survey = Examination.servers(interpreter);
        out.print(json ? SurveyPage.json(survey) : SurveyPage.text(survey));
        return ExitCode.OK.code();
    }

    @Override
    public int probe(ProbeRequest request, boolean json, PrintStream out) throws StartFailure {
        ProbeReport report = Examination.probe(request);
        out.print(json ? ProbePage.json(report) : ProbePage.text(report));
        return (report.differs() ? ExitCode.DIFFERS : ExitCode.OK).code();
    }

    @Override
    public int doctor(Loaded.Ready ready, boolean json, PrintStream out) throws StartFailure {
        List<Finding> findings = Examination.doctor(ready);
        out.print(json ? DoctorPage.json(findings) : DoctorPage.text(findings));
        boolean problem = findings.stream().anyMatch(finding -> finding.level() == Finding.Level.PROBLEM);
        return (problem ? ExitCode.PROBLEM : ExitCode.OK).code();
    }

    @Override
    public int status(Running running, boolean json, PrintStream out) throws StartFailure {
        return ask(running, client -> client.status(out, json));
    }

    @Override
    public int watch(Running running, boolean json, Duration interval, Surroundings around) throws StartFailure {
        return TerminalActions.watch(running, json, interval, around);
    }

    @Override
    public int top(Running running, Duration interval, int count, Surroundings around) throws StartFailure {
        return TerminalActions.top(running, interval, count, around);
    }

    @Override
    public int logs(Running running, LogFilter filter, int count, boolean follow, Surroundings around)
            throws StartFailure {
        return TerminalActions.logs(running, filter, count, follow, around);
    }

    @Override
    public int dashboard(Running running, boolean readOnly, PrintStream out) throws StartFailure {
        return ask(running, client -> client.dashboard(readOnly, out));
    }

    @Override
    public int advice(Running running, boolean json, PrintStream out) throws StartFailure {
        return ask(running, client -> client.advice(json, out));
    }

    @Override
    public int slow(Running running, PrintStream out) throws StartFailure {
        return ask(running, client -> client.slow(out));
    }

    @Override
    public int explain(Running running, String request, PrintStream out) throws StartFailure {
        return ask(running, client -> client.explain(request, out));
    }

    @Override
    public int stack(Running running, String worker, PrintStream out) throws StartFailure {
        return ask(running, client -> client.stack(worker, out));
    }

    @Override
    public int restart(Running running, Optional<String> worker, Duration most, PrintStream out) throws StartFailure {
        return ask(running, client -> client.restart(worker, most, out));
    }

    @Override
    public int reload(Running running, boolean inPlace, Duration most, PrintStream out) throws StartFailure {
        return ask(running, client -> client.reload(inPlace, most, out));
    }

    @Override
    public int rollback(Running running, Duration most, PrintStream out) throws StartFailure {
        return ask(running, client -> client.rollback(most, out));
    }

    @Override
    public int scale(Running running, Optional<String> group, OptionalInt count, Duration most, PrintStream out)
            throws StartFailure {
        return ask(running, client -> client.scale(group, count, most, out));
    }

    @Override
    public int upgrade(Path socket, Optional<Path> program, Duration most, PrintStream out) throws StartFailure {
        return ask(new Running(socket, ""), client -> client.upgrade(program, most, out));
    }

    @Override
    public int pause(Running running, Duration most, PrintStream out) throws StartFailure {
        return ask(running, client -> client.pause(most, out));
    }

    @Override
    public int maintenance(Running running, List<String> through, PrintStream out) throws StartFailure {
        return ask(running, client -> client.maintenance(through, out));
    }

    @Override
    public int endMaintenance(Running running, PrintStream out) throws StartFailure {
        return ask(running, client -> client.endMaintenance(out));
    }

    @Override
    public int resume(Running running, PrintStream out) throws StartFailure {
        return ask(running, client -> client.resume(out));
    }

    @Override
    public int stop(Path socket, PrintStream out) throws StartFailure {
        OptionalLong[] process = {OptionalLong.empty()};
        int asked = ask(new Running(socket, ""), client -> process[0] = client.stop(out, STOP_MOST));
        OptionalInt end = process[0].isEmpty()
                ? OptionalInt.empty()
                : Terpan.endOf(Objects.requireNonNull(socket.getParent()), process[0].getAsLong());
        int code = end.orElse(asked);
        if (code == ExitCode.CUT.code()) {
            throw new StartFailure(
                    ExitCode.CUT,
                    "Terpan has stopped, but requests were cut: they had not been answered within drain-timeout; its log says how many");
        }
        if (code != ExitCode.OK.code()) {
            throw new StartFailure(ExitCode.REFUSED, "Terpan has ended with exit code " + code + "; its log says why");
        }
        return code;
    }

    /** What is asked of a running Terpan. */
    interface Question {
        void ask(OperatorClient client) throws OperatorException;
    }

    /** Asks it, and says by an exit code how that went. */
    static int ask(Running running, Question question) throws StartFailure {
        try {
            question.ask(new OperatorClient(running.socket(), AdminServer.DEADLINE).of(running.application()));
            return ExitCode.OK.code();
        } catch (OperatorException failure) {
            ExitCode code = switch (failure.kind()) {
                case NO_ANSWER -> ExitCode.NOT_RUNNING;
                case REFUSED -> ExitCode.REFUSED;
                case FAILED -> ExitCode.UNFINISHED;
                case ROLLED_BACK -> ExitCode.ROLLED_BACK;
                case MISTAKEN -> Problems.exitCode(failure.mistake().orElseThrow());
            };
            throw new StartFailure(code, String.valueOf(failure.getMessage()));
        }
    }
}
