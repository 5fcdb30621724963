"""Eventlet's wsgi: a green thread for each connection."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from terpan_worker import greenlets
from terpan_worker.identity import path_of
from terpan_worker.late_body import lines
from terpan_worker.results import close_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from terpan_worker.launch import Launch

# The standard library is patched before anything of the application's is imported.
IMPORTS_LATE = True

#: Imported beside the application where that is preloaded.
PRELOADS = ("eventlet.wsgi", "eventlet.greenio", "eventlet.greenpool")

#: More than the front lets through, for one line and for a head.
HEAD_MOST = 131072
LINE_MOST = 65536
CONNECTIONS_MOST = 65536


def versions() -> str:
    import eventlet

    return "eventlet " + eventlet.__version__


def prepare(launch: Launch) -> None:
    """Before the application is imported."""
    import eventlet

    if greenlets.whether(launch.options.get("patch", "true")):
        eventlet.monkey_patch()


def leave_hub() -> None:
    """Before forks: each worker makes a hub of its own, where this one would be polled by all of them."""
    from eventlet import hubs

    hub = vars(hubs._threadlocal).pop("hub", None)
    if hub is not None and hasattr(hub.poll, "close"):
        hub.poll.close()


def serve(launch: Launch) -> None:
    import eventlet
    from eventlet import greenio, wsgi

    if not launch.is_forked:
        prepare(launch)
    application = _or_handled(wsgi, launch.adapted(ends=True))
    wsgi.Input = _input(wsgi)
    wsgi.MAX_HEADER_LINE = LINE_MOST
    wsgi.MAX_TOTAL_HEADER_SIZE = HEAD_MOST
    size = int(launch.options.get("pool_size", greenlets.POOL_SIZE))
    keepalive = launch.options.get("keepalive")
    connections: set = set()
    accepting = eventlet.spawn(
        wsgi.server,
        greenio.GreenSocket(launch.listener),
        application,
        log=_Log(),
        log_format="",
        environ={"wsgi.multithread": size > 1},
        protocol=_protocol(wsgi, connections),
        # The front keeps to the size; its idle connections come on top.
        custom_pool=eventlet.GreenPool(CONNECTIONS_MOST),
        keepalive=float(keepalive) if keepalive else True,
        minimum_chunk_size=int(launch.options.get("minimum_chunk_size", 1)),
        url_length_limit=LINE_MOST,
        debug=False,
    )

    def stop() -> None:
        for connection in list(connections):
            connection.leave()
        accepting.kill()

    _on_signals(stop)
    launch.ready()
    try:
        accepting.wait()
    except eventlet.greenlet.GreenletExit:
        pass  # that was our own kill


def _on_signals(stop) -> None:
    """A handler alone would not wake the hub: the poll goes on after it. The number on a pipe does."""
    import eventlet
    from eventlet.hubs import trampoline

    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    greenlets.tell_stacks()
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)

    def wait() -> None:
        while True:
            trampoline(read, read=True)
            if signal.SIGTERM in os.read(read, 4096):
                stop()

    eventlet.spawn(wait)


def _or_handled(wsgi, application: Callable) -> Callable:
    """An application of ``eventlet.websocket`` speaks with its client by itself and gives no answer, which is none that is missing."""

    def answered(environ: dict, start_response: Callable) -> Iterable[bytes]:
        result = application(environ, start_response)
        if not wsgi.WSGI_LOCAL.already_handled:
            return result
        close_result(result)
        return ()

    return answered


def _input(wsgi) -> type:
    class Input(wsgi.Input):
        """Its own waits for what comes after the body at ``read(-1)`` and ``readlines(hint)``, and iterates over no lines."""

        def _do_read(self, reader, length=None):
            return super()._do_read(reader, None if length is not None and length < 0 else length)

        def readlines(self, hint=None):
            return lines(self, hint)

        def __iter__(self):
            return iter(self.readline, b"")

    return Input


def _protocol(wsgi, connections: set) -> type:
    class Protocol(wsgi.HttpProtocol):
        """Gives the application what HTTP says, and lets an idle connection go at once when the server stops."""

        def handle(self) -> None:
            connections.add(self)
            try:
                super().handle()
            finally:
                connections.discard(self)

        def get_environ(self) -> dict:
            environ = super().get_environ()
            environ["SERVER_PROTOCOL"] = self.request_version
            environ.setdefault("QUERY_STRING", "")
            if "content-type" not in self.headers:
                del environ["CONTENT_TYPE"]  # it makes one up
            del environ["headers_raw"]  # has what is between the front and us
            target = self.requestline.split(" ", 2)[1]
            if target.startswith("//"):
                environ["PATH_INFO"] = path_of(target)  # it makes one slash of many
            return environ

        def leave(self) -> None:
            state, self.conn_state[2] = self.conn_state[2], wsgi.STATE_CLOSE
            if state == wsgi.STATE_IDLE:
                wsgi.greenio.shutdown_safe(self.connection)

    return Protocol


class _Log:
    """Tracebacks and errors reach standard error; the access log and the start are told by others."""

    def debug(self, message: str, *values: object) -> None:
        pass

    def info(self, message: str, *values: object) -> None:
        if message.startswith("Traceback"):
            self.error(message, *values)

    def error(self, message: str, *values: object) -> None:
        sys.stderr.write((message % values if values else message).rstrip("\n") + "\n")
        sys.stderr.flush()
