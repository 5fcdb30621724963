"""How evenly a front deals with a mixed load: requests of an open load that fall due at a constant rate, of which some take
long, before workers that take one at a time."""

from __future__ import annotations

from pathlib import Path

from . import processes
from .load import wrk
from .open_load import Generator
from .stack import Row, Stack, StackFailure
from .tables import rotated, say

RATE = 1000
MIX = {"/": 95, "/slow": 5}
WARM_SECONDS = 2
SEED = 20
WARM_CONNECTIONS = 16


def measure_queues(
    rows: list[Row], folder: Path, applications: Path, generator: Generator, seconds: int, rounds: int, warm: int
) -> dict:
    stacks = [Stack(row, folder / f"queue{i}", applications) for i, row in enumerate(rows)]
    taken: dict[str, list[dict]] = {row.name: [] for row in rows}
    failures: dict[str, str] = {}
    try:
        up = [stack for stack in stacks if started(stack, warm, failures)]
        for turn in range(rounds):
            for stack in rotated(up, turn):
                taken[stack.row.name].append(measure(stack, generator, seconds, SEED + turn))
    finally:
        for stack in stacks:
            stack.stop()
    for name, samples in taken.items():
        say(f"  queue {name:32} p99 {', '.join(str(sample['p99']) for sample in samples)} us")
    settings = {"rounds": rounds, "seconds": seconds, "java warm-up seconds": warm}
    return {"settings": settings, "rows": list(taken), "samples": taken, "failures": failures}


def started(stack: Stack, warm: int, failures: dict[str, str]) -> bool:
    try:
        stack.start()
        if stack.row.java:
            wrk(stack, WARM_CONNECTIONS, warm)
        return True
    except StackFailure as failure:
        failures[stack.row.name] = str(failure)
        return False


def measure(stack: Stack, generator: Generator, seconds: int, seed: int) -> dict:
    pids = stack.front_pids() + stack.worker_pids()
    before = processes.cpu(pids)
    with generator.towards(stack.port) as load:
        sample = load.step(RATE, seconds, WARM_SECONDS, MIX, seed)
    # The generator's own warm-up is in the CPU time, so its requests are too.
    sample["cpu"] = round((processes.cpu(pids) - before).total * 1e6 / (RATE * (seconds + WARM_SECONDS)), 3)
    return sample
