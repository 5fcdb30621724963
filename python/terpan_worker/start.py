"""Where a worker process begins; started by file path, with the application's interpreter.

Python 2 has to be able to read this file too, so that an interpreter that is too old is told apart from one that is broken.
Nothing of ours goes onto ``sys.path``: an application's modules are never shadowed and never shadow ours.
"""

import os
import sys

OLDEST = (3, 9)
EXIT_TOO_OLD = 5


def _begin_session():
    try:
        os.setsid()
    except OSError:
        pass  # we lead a group already: a person started this file from a shell


def _hear_interrupts():
    """Started in the background by a shell, Terpan ignores SIGINT; what the application starts would ignore it, too."""
    import signal

    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _make_package():
    """Makes our package importable by its name without a place on the path."""
    here = os.path.dirname(os.path.abspath(__file__))
    package = type(sys)("terpan_worker")
    package.__path__ = [here]
    package.__file__ = os.path.join(here, "__init__.py")
    package.__package__ = "terpan_worker"
    sys.modules["terpan_worker"] = package
    # In isolated mode, and where the environment asks for safe paths, our folder is not there.
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]


def main():
    # One that goes on where ``become`` ended is in its session already; behind a script it is not its leader.
    if sys.argv[1:2] != ["given"]:
        _begin_session()
    if sys.version_info < OLDEST:
        sys.stderr.write(
            "terpan: Python %s is too old: at least %d.%d is needed\n"
            % ((sys.version.split()[0],) + OLDEST)
        )
        sys.stderr.flush()
        os._exit(EXIT_TOO_OLD)
    _make_package()
    if sys.argv[1:2] == ["facts"]:
        from terpan_worker.facts import tell

        tell(sys.argv[2:])
        return
    if sys.argv[1:2] == ["become"]:
        from terpan_worker.become import main as become

        become()
    if sys.argv[1:2] == ["helper"]:
        from terpan_worker.helper import main as helper

        helper()
    _hear_interrupts()
    from terpan_worker.work import main as work

    work()


if __name__ == "__main__":
    main()
