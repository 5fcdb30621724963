"""What the servers that run on greenlets have in common."""

from __future__ import annotations

import gc
import traceback

from terpan_worker import stacks

STACKS_MOST = 200
#: Requests (greenlets) in one worker at a time when the configuration says nothing.
POOL_SIZE = 1000


def whether(text: str) -> bool:
    """An option that the configuration has checked already."""
    return text == "true"


def tell_stacks() -> None:
    """On SIGUSR2."""
    stacks.tell(_waiting, wakes=False)


def _waiting() -> str:
    from greenlet import greenlet

    # The one that runs has no frame of its own here: its thread's stack is shown.
    waiting = [each for each in gc.get_objects() if isinstance(each, greenlet) and each.gr_frame is not None]
    lines = []
    for each in waiting[:STACKS_MOST]:
        lines.append(f"Greenlet 0x{id(each):x} (most recent call last):\n")
        lines.extend(traceback.format_stack(each.gr_frame))
    if len(waiting) > STACKS_MOST:
        lines.append(f"and {len(waiting) - STACKS_MOST} greenlets more\n")
    return "".join(lines)
