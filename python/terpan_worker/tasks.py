"""The stacks of a worker that runs an event loop: what its threads do, and what its tasks wait for."""

from __future__ import annotations

import asyncio
import io

from terpan_worker import stacks

TASKS_MOST = 200
FRAMES_MOST = 20


def tell_stacks(loop: asyncio.AbstractEventLoop) -> None:
    """On SIGUSR2."""
    stacks.tell(lambda: _waiting(loop), wakes=False)


def _waiting(loop: asyncio.AbstractEventLoop) -> str:
    try:
        tasks = list(asyncio.all_tasks(loop))
    except RuntimeError:
        return ""  # the set changed under us in every try
    text = io.StringIO()
    for task in tasks[:TASKS_MOST]:
        task.print_stack(limit=FRAMES_MOST, file=text)
    if len(tasks) > TASKS_MOST:
        text.write(f"and {len(tasks) - TASKS_MOST} tasks more\n")
    return text.getvalue()
