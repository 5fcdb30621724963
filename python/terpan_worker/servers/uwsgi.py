"""uWSGI: this process becomes its master; ``terpan_worker/uwsgi_app.py`` goes on in its one worker."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from terpan_worker import programs, stacks, title
from terpan_worker.identity import path_of
from terpan_worker.launch import tell_when_late
from terpan_worker.resumed import hand_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

# The application is imported by uWSGI's own worker.
IMPORTS_LATE = True

#: The most that it can be told; a head has to fit in.
HEAD_BYTES = 65535
VARIABLES = 400
BODY_IN_MEMORY = "65536"
#: What it takes for a request beside the application.
OWN_MICROS = 60
#: Deadlines are the front's.
FOR_EVER = "86400"


def versions() -> str:
    if not programs.find("uwsgi"):
        raise ImportError("there is no command 'uwsgi', neither beside the interpreter nor on the path")
    return "uwsgi"  # its worker tells the version: asking the command takes a process


def serve(launch: Launch) -> None:
    program = programs.find("uwsgi")
    hand_on(launch)
    os.set_inheritable(launch.listener.fileno(), True)
    # Under this name ps shows it. uWSGI's own way to a name writes over its environment, by which an operator finds whose process it is.
    os.execv(program, [title.of_worker(launch.name, launch.orders["application"]), *_arguments(launch, program)])


def begin(launch: Launch) -> Callable:
    """In uWSGI's worker, which accepts as soon as this returns."""
    import uwsgi

    if uwsgi.workers()[0]["respawn_count"] > 0:
        # One has died. The supervisor has to see that, and what is sent meanwhile would wait for this one's import.
        os.kill(uwsgi.masterpid(), signal.SIGKILL)
        os._exit(1)
    tell_when_late(launch.orders)
    if launch.threads > 1:
        _let_programs_have_signals()
    application = _usual(launch.adapted(writes=True, frames=True, own_micros=OWN_MICROS), launch.threads)
    launch.ends_in_c = True
    launch.ready("uwsgi " + uwsgi.version.decode())
    return application


def _let_programs_have_signals() -> None:
    """uWSGI's threads block every signal, and a program that one of them starts would have them blocked too."""
    import subprocess

    place: Any = subprocess
    name = "_fork_exec"
    if not hasattr(place, name):  # Python 3.9
        place, name = place._posixsubprocess, "fork_exec"
    run = getattr(place, name)

    def run_unblocked(*given: Any) -> Any:
        blocked = signal.pthread_sigmask(signal.SIG_SETMASK, ())
        try:
            return run(*given)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    setattr(place, name, run_unblocked)


def _usual(application: Callable, threads: int) -> Callable:
    from wsgiref.util import FileWrapper

    tells_stacks = False

    def usual(environ: dict, start_response: Callable) -> Any:
        nonlocal tells_stacks
        if not tells_stacks:
            # Not before: uWSGI sets a handler of its own, which shows no Python, once the application is imported.
            tells_stacks = True
            stacks.tell_in_c(threads)
        # uWSGI says of a request that has none that they are empty.
        if environ.get("CONTENT_TYPE") == "":
            del environ["CONTENT_TYPE"]
        if environ.get("CONTENT_LENGTH") == "":
            del environ["CONTENT_LENGTH"]
        uri = environ["REQUEST_URI"]
        if uri != environ["PATH_INFO"] and ("/." in uri or "/%2" in uri):
            environ["PATH_INFO"] = path_of(uri)  # it takes dot segments away
        environ["wsgi.errors"] = sys.stderr  # uWSGI's keeps what is written until there is a lot of it
        environ["wsgi.file_wrapper"] = FileWrapper  # uWSGI's knows only a result that is handed to it as it is
        return application(environ, start_response)

    return usual


def _arguments(launch: Launch, program: str) -> list[str]:
    given = []
    # One that pip built has Python inside; a system's has it as a plugin.
    if not program.startswith(sys.prefix):
        given += ["--plugin", "python3"]
    # It closes a connection on which a body was left unread, in the face of whoever still sends it: this reads it first.
    options = {"post_buffering": BODY_IN_MEMORY, **launch.options}
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value == "true":
            given += [option]
        elif value != "false":
            given += [option, value]
    return given + [
        "--http-socket",
        f"fd://{launch.listener.fileno()}",
        "--wsgi-file",
        os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "uwsgi_app.py"),
        "--callable",
        "application",
        "--need-app",
        "--lazy-apps",
        "--single-interpreter",
        "--master",
        "--no-orphans",
        "--workers",
        "1",
        "--threads",
        str(launch.threads),
        "--enable-threads",
        "--buffer-size",
        str(HEAD_BYTES),
        "--max-vars",
        str(VARIABLES),
        "--socket-timeout",
        FOR_EVER,
        "--worker-reload-mercy",
        FOR_EVER,
        "--disable-logging",
        # TERM would make it load the application anew; and until its master has begun, TERM ends it.
        "--die-on-term",
        "--hook-master-start",
        "unix_signal:15 gracefully_kill_them_all",
    ]
