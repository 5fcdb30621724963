"""Granian: a master and one worker process; connections are Rust's, Python runs the application alone.

A WSGI application runs on threads beside Granian's ASGI loop, by our own bridge: Granian's own WSGI ends an answer that
breaks off as if it were whole, and loses field values that are not ASCII. The option ``native`` asks for it all the same.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from terpan_worker import options, tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

# Imported in Granian's own worker process, so that what the application starts at import lives where requests run.
IMPORTS_LATE = True
RUNS_ASGI = True
#: Imported beside the application where that is preloaded.
PRELOADS = ("granian.server.mp", "granian.net", "granian.http", "granian.constants")

BACKLOG = 1024
INPUT_BYTES = 1 << 16
#: Longer than any head that the front lets through.
HEAD_BYTES = 1 << 18
#: Of which it has so many accepted at a time; WebSockets are among them, and the front has bounds for both.
CONNECTIONS_MOST = 1 << 20
#: Granian counts this from the end of the request before.
KEEP_IDLE_MILLISECONDS = 120_000
NONSENSE = b"nonsense\r\n\r\n"
PROBE_SECONDS = 60
PROBE_PAUSE_SECONDS = 0.05
KEEPS = ("terpan_worker",)

KINDS = {
    "backpressure": options.whole,
    "blocking_threads_idle_timeout": options.whole,
    "log_level": options.word,
    "loop": options.word,
    "runtime_blocking_threads": options.whole,
    "runtime_mode": options.word,
    "runtime_threads": options.whole,
}


def versions() -> str:
    import granian

    return "granian " + granian.__version__


def serve(launch: Launch) -> None:
    # A worker that is not forked would not know our package, nor the socket.
    multiprocessing.set_start_method("fork", force=True)
    from granian.constants import Interfaces
    from granian.net import SocketHolder
    from granian.server.mp import MPServer

    listener = launch.listener
    given = options.typed(launch, {**KINDS, "native": options.flag})
    native = given.pop("native", False)

    class Server(MPServer):
        def _init_shared_socket(self) -> None:
            # Granian binds addresses and paths alone; this is how it hands a bound socket to its own workers.
            listener.set_inheritable(True)
            self._sfd = listener.fileno()
            self._shd = SocketHolder(self._sfd, listener.family == socket.AF_UNIX, BACKLOG)
            self._ssp = None
            self._sso = listener

    server = Server("application", **settings(launch, given, Interfaces.WSGI if native else Interfaces.ASGI))
    server.serve(target_loader=lambda: _application(launch, native), wrap_loader=False)


def settings(launch: Launch, given: dict[str, Any], interface: Any) -> dict[str, Any]:
    from granian.constants import HTTPModes
    from granian.http import HTTP1Settings

    native = interface == interface.WSGI
    return {
        "log_level": "warning",
        "backpressure": CONNECTIONS_MOST,
        **given,
        "interface": interface,
        "workers": 1,
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=KEEP_IDLE_MILLISECONDS, max_buffer_size=HEAD_BYTES),
        "blocking_threads": launch.threads if native else 1,
        "websockets": launch.is_asgi and not native,
        "log_access": False,
        "respawn_failed_workers": False,
    }


def _application(launch: Launch, native: bool) -> Callable:
    """Called in the worker process."""
    if native and launch.is_asgi:
        launch.fail("setup", "server option 'native' is true, which is for WSGI applications; this is an ASGI one")
    application = _native(launch) if native else launch.asgi_application
    tasks.tell_stacks(asyncio.get_event_loop())
    threading.Thread(target=_tell_ready, args=(launch,), daemon=True).start()
    return application


def _native(launch: Launch) -> Callable:
    """The application as Granian's own WSGI can take it."""
    import types

    import granian.wsgi

    from terpan_worker.begun import begun

    def with_input(environ: dict, start_response: Callable) -> object:
        # Granian's own knows no lines: readline() takes the end of a line away and finds none afterwards.
        if environ.get("CONTENT_LENGTH", "0") != "0":
            environ["wsgi.input"] = io.BufferedReader(_Input(environ["wsgi.input"]), INPUT_BYTES)
        return application(environ, start_response)

    # Granian copies the environment into every environ: the application has it in os.environ, and loops over fewer keys.
    granian.wsgi.os = types.SimpleNamespace(environ={})  # type: ignore[attr-defined]
    application = begun(launch.adapted(writes=True))
    return with_input


class _Input(io.RawIOBase):
    def __init__(self, body: Any) -> None:
        super().__init__()
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _tell_ready(launch: Launch) -> None:
    """Ready is when it answers: nonsense, so that no request of ours reaches the application."""
    deadline = time.monotonic() + PROBE_SECONDS
    while time.monotonic() < deadline:  # then the start timeout tells
        with socket.socket(launch.listener.family, socket.SOCK_STREAM) as probe:
            probe.settimeout(PROBE_SECONDS)
            try:
                probe.connect(launch.listener.getsockname())
                probe.sendall(NONSENSE)
                answered = probe.recv(1)
            except PermissionError:
                answered = b"?"  # another user's than the front's: it can not be asked, and what comes waits in the socket's queue
            except OSError:
                answered = b""
        if answered:
            launch.ready()
            return
        # On a shared socket another worker may have taken it and ended.
        time.sleep(PROBE_PAUSE_SECONDS)
