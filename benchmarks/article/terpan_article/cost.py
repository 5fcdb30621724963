"""What a span of load cost, from outside: processors used by the server's processes, by the load's, and by the whole machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from terpan_bench import processes
from terpan_bench.stack import Stack

ONE_CORE = 0.85  # of a processor used by a single thread: a scheduler's share on a busy machine is never the whole
WHOLE_MACHINE = 0.93
OTHERS = 0.3  # processors: more than the kernel's own threads take
ENOUGH = 0.95  # of what was asked for
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Mark:
    """A moment: CPU seconds of the front, the workers, each load process, and the busy seconds of the machine."""

    when: float
    front: float
    workers: float
    load: tuple[float, ...]
    machine: float


def mark(stack: Stack, load: list[int]) -> Mark:
    return Mark(
        time.monotonic(), used(stack.front_pids()), used(stack.worker_pids()), tuple(used([pid]) for pid in load), machine_busy()
    )


def used(pids: list[int]) -> float:
    """A process that ended meanwhile counts no more."""
    total = 0.0
    for pid in pids:
        try:
            total += processes.cpu([pid]).total
        except OSError:
            continue
    return total


def machine_busy() -> float:
    """Seconds of all processors that were not idle; what the hypervisor gave to others was not idle either."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    user, nice, system, _, _, interrupts, soft, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft + stolen) / TICKS


def between(before: Mark, after: Mark) -> dict:
    """Processors in use in the span."""
    seconds = after.when - before.when
    return {
        "front": round((after.front - before.front) / seconds, 3),
        "workers": round((after.workers - before.workers) / seconds, 3),
        "load": [round((b - a) / seconds, 3) for a, b in zip(before.load, after.load)],
        "machine": round((after.machine - before.machine) / seconds / (os.cpu_count() or 1), 3),
    }


def limit(sample: dict, asked: float, achieved: float, workers: int) -> str:
    """What kept more from being answered, as far as processors tell."""
    if max(sample["load"], default=0) >= ONE_CORE:
        return "the load generator: its process has no processor left"
    if sample["machine"] >= WHOLE_MACHINE:
        server, load = sample["front"] + sample["workers"], sum(sample["load"])
        others = sample["machine"] * (os.cpu_count() or 1) - server - load
        more = f", and {others:.2f} by others: to be measured again" if others > OTHERS else ""
        return f"the machine: {server:.2f} processors by the server, {load:.2f} by the load{more}"
    if workers and sample["workers"] >= ONE_CORE * workers:
        return "the workers' processors" if workers > 1 else "the one process"
    if sample["front"] >= ONE_CORE:
        return "the front's event loop"
    if achieved >= asked * ENOUGH:
        return "what was asked for"
    return "none of the processors: it waits, or refuses"
