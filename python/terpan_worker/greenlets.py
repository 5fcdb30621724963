"""What the servers that run on greenlets have in common."""

from __future__ import annotations

import faulthandler
import gc
import signal
import sys
import traceback

STACKS_MOST = 200
#: Requests (greenlets) in one worker at a time when the configuration says nothing.
POOL_SIZE = 1000


def whether(text: str) -> bool:
    """An option that the configuration has checked already."""
    return text == "true"


def tell_stacks() -> None:
    """On SIGUSR2 faulthandler writes what runs, even if it never comes back to Python; then come the greenlets that wait."""
    signal.signal(signal.SIGUSR2, lambda number, frame: _write_waiting())
    faulthandler.register(signal.SIGUSR2, file=sys.stderr, all_threads=True, chain=True)


def _write_waiting() -> None:
    from greenlet import greenlet

    # The one that runs has no frame of its own here: faulthandler has shown it.
    waiting = [each for each in gc.get_objects() if isinstance(each, greenlet) and each.gr_frame is not None]
    lines = []
    for each in waiting[:STACKS_MOST]:
        lines.append(f"Greenlet 0x{id(each):x} (most recent call last):\n")
        lines.extend(traceback.format_stack(each.gr_frame))
    if len(waiting) > STACKS_MOST:
        lines.append(f"and {len(waiting) - STACKS_MOST} greenlets more\n")
    sys.stderr.write("".join(lines))
    sys.stderr.flush()
