"""What is measured with one stack up at a time: memory, since a page shared with another stack would count as half, and the
time from a start to the first answer."""

from __future__ import annotations

import time
from pathlib import Path

from . import processes
from .load import wrk
from .stack import Row, Stack, StackFailure, answer
from .tables import say

START_DEADLINE_SECONDS = 30
POLL_SECONDS = 0.001
LOAD_CONNECTIONS = 64


def memory(rows: list[Row], folder: Path, applications: Path, seconds: int) -> dict:
    """PSS in MB of every process of a stack after `seconds` of load."""
    sizes: dict[str, dict[str, float]] = {}
    failures: dict[str, str] = {}
    for i, row in enumerate(rows):
        stack = Stack(row, folder / f"memory{i}", applications)
        try:
            stack.start()
            wrk(stack, LOAD_CONNECTIONS, seconds)
            front = processes.pss_megabytes(stack.front_pids())
            workers = processes.pss_megabytes(stack.worker_pids())
            sizes[row.name] = {"front": front, "workers": workers, "total": front + workers}
            say(f"  memory {row.name:32} {front + workers:6.1f} MB")
        except StackFailure as failure:
            failures[row.name] = str(failure)
        finally:
            stack.stop()
    return {"settings": {"rounds": 1, "seconds": seconds}, "sizes": sizes, "failures": failures}


def starts(rows: list[Row], folder: Path, applications: Path, rounds: int) -> dict:
    """Seconds from the start of the command to its first answer, interleaved; the first round is thrown away: it reads from
    disk what the others find in memory."""
    taken: dict[str, list[float]] = {row.name: [] for row in rows}
    failures: dict[str, str] = {}
    for turn in range(rounds + 1):
        for i, row in enumerate(rows):
            stack = Stack(row, folder / f"start{i}", applications)
            try:
                seconds = start_once(stack)
                if turn > 0:
                    taken[row.name].append(seconds)
            except StackFailure as failure:
                failures[row.name] = str(failure)
            finally:
                stack.stop()
    for name, all_seconds in taken.items():
        say(f"  start {name:32} {', '.join(f'{s:.3f}' for s in all_seconds)} s")
    return {"settings": {"rounds": rounds}, "seconds": taken, "failures": failures}


def start_once(stack: Stack) -> float:
    began = time.monotonic()
    stack.launch()
    while time.monotonic() - began < START_DEADLINE_SECONDS:
        if answer(stack.port, stack.row.path, stack.row.secure) == 200:
            return time.monotonic() - began
        time.sleep(POLL_SECONDS)
    raise StackFailure(f"no answer within {START_DEADLINE_SECONDS} s")
