"""Meinheld: one request at a time on its own event loop."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from terpan_worker import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

KEEP_IDLE_SECONDS = 30
# Its timers end at a minute.
KEEP_IDLE_MOST = 60
# The front bounds bodies; this is the most that can be said to Meinheld.
ABOVE_EVERY_BODY = (1 << 31) - 1
# What it takes for a request beside the application.
OWN_MICROS = 40
#: Imported beside the application where that is preloaded.
PRELOADS = ("meinheld.server", "terpan_worker.native.files", "terpan_worker.native.heads")
#: It sets its handler of the polite signal in C.
ENDS_IN_C = True


def versions() -> str:
    import meinheld

    return "meinheld " + meinheld.__version__


def serve(launch: Launch) -> None:
    """Serves until SIGTERM, at which Meinheld answers what it has."""
    from meinheld import server

    stacks.tell()
    server.listen(socket_fd=launch.listener.fileno())
    server.set_keepalive(min(KEEP_IDLE_MOST, int(launch.options.get("keepalive", KEEP_IDLE_SECONDS))))
    if "client_body_buffer_size" in launch.options:
        server.set_client_body_buffer_size(int(launch.options["client_body_buffer_size"]))
    server.set_access_logger(None)
    lift_limits()
    application = adapted(launch)
    launch.ready()
    server.run(application)


def lift_limits() -> None:
    from meinheld import server

    server.set_max_content_length(ABOVE_EVERY_BODY)


def adapted(launch: Launch) -> Callable:
    """The application with what Meinheld leaves open filled; for its own launcher and for Gunicorn's."""
    return launch.adapted(writes=True, empties=True, files=True, cut=cut, long=block, own_micros=OWN_MICROS)


def block(environ: dict) -> None:
    """Meinheld never learns that it may write again (it can not change what epoll watches for it), so its writes must wait.

    It has read the whole request when it calls the application, and reads the next one once for each event.
    """
    os.set_blocking(environ["meinheld.client"].get_fd(), True)


def cut(environ: dict) -> None:
    """Meinheld closes what the application returned with the exception still set, which makes another one of it."""
    with socket.socket(fileno=os.dup(environ["meinheld.client"].get_fd())) as client:
        client.shutdown(socket.SHUT_RDWR)
