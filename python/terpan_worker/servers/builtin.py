"""The built-in server: the native link of docs/native-link.md, with nothing but the standard library."""

from __future__ import annotations

import faulthandler
import signal
import sys
from typing import TYPE_CHECKING

from terpan_worker.native.session import Session
from terpan_worker.native.settings import VERSION, Settings

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

KEEPS = ("terpan_worker",)


def versions() -> str:
    return "builtin " + VERSION


def serve(launch: Launch) -> None:
    """Serves until SIGTERM. On SIGUSR2 the stacks of all threads are written to standard error."""
    faulthandler.register(signal.SIGUSR2, file=sys.stderr, all_threads=True)
    settings = Settings(
        launch.raw_application,
        threads=launch.threads,
        prefix=launch.prefix,
        multiprocess=launch.multiprocess,
        files=launch.files,
    )
    session = Session(launch.listener, settings)
    session.prepare()
    launch.ready()
    session.run()
