"""The built-in server: the native link of docs/native-link.md, with nothing but the standard library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terpan_worker import stacks
from terpan_worker.native.session import Session
from terpan_worker.native.settings import VERSION, Settings

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

KEEPS = ("terpan_worker",)


def versions() -> str:
    return "builtin " + VERSION


def serve(launch: Launch) -> None:
    """Serves until SIGTERM. On SIGUSR2 the stacks of all threads are written to standard error."""
    stacks.tell(wakes=False)  # the session is woken
    settings = Settings(
        launch.raw_application,
        threads=launch.threads,
        prefix=launch.prefix,
        multiprocess=launch.multiprocess,
        files=launch.files,
        route_of=launch.route_of(native=True),
    )
    launch.marks_lines()
    session = Session(launch.listener, settings)
    session.prepare()
    launch.ready()
    session.run()
