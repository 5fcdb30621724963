"""The stacks of a worker that runs an event loop: what its threads do, and what its tasks wait for."""

from __future__ import annotations

import asyncio
import faulthandler
import signal
import sys

TASKS_MOST = 200
FRAMES_MOST = 20


def tell_stacks(loop: asyncio.AbstractEventLoop) -> None:
    """On SIGUSR2 faulthandler writes what runs, even if it never comes back to the loop; then come the tasks that wait."""
    signal.signal(signal.SIGUSR2, lambda number, frame: _write_tasks(loop))
    faulthandler.register(signal.SIGUSR2, file=sys.stderr, all_threads=True, chain=True)


def _write_tasks(loop: asyncio.AbstractEventLoop) -> None:
    try:
        tasks = list(asyncio.all_tasks(loop))
    except RuntimeError:
        return  # the set changed under us in every try
    for task in tasks[:TASKS_MOST]:
        task.print_stack(limit=FRAMES_MOST, file=sys.stderr)
    if len(tasks) > TASKS_MOST:
        print(f"and {len(tasks) - TASKS_MOST} tasks more", file=sys.stderr)
    sys.stderr.flush()
