"""Bjoern: one request at a time on libev; what waits for it waits in its own sockets."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from terpan_worker import stacks

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

# What it takes for a request beside the application.
OWN_MICROS = 15
#: Imported beside the application where that is preloaded.
PRELOADS = ("bjoern", "terpan_worker.native.files", "terpan_worker.native.heads")
#: libev waits for it, in C.
POLITE = signal.SIGINT
ENDS_IN_C = True


def versions() -> str:
    import _bjoern

    return "bjoern " + ".".join(map(str, _bjoern.version))


def serve(launch: Launch) -> None:
    """Serves until SIGINT and the end of all connections; of SIGTERM it dies, for a handler in Python would not run."""
    import bjoern

    stacks.tell()
    launch.listener.setblocking(False)
    application = launch.adapted(writes=True, empties=True, files=True, own_micros=OWN_MICROS)
    launch.ready()
    try:
        bjoern.server_run(launch.listener, application)
    except KeyboardInterrupt:
        pass  # the polite end
