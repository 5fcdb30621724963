"""How evenly a front deals with a mixed load: requests of an open load that fall due at a constant rate, of which some take
long, before workers that take one at a time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from . import processes
from .load import wrk
from .stack import Row, Stack, StackFailure
from .tables import rotated, say

RATE = 1000
SLOW_PERCENT = 5
WARM_SECONDS = 2
SEED = 20
WARM_CONNECTIONS = 16


class OpenLoad:
    """Runs OpenLoad.java. Vegeta was looked at instead: it counts from the moment one of its workers takes a request, so the
    lateness of its own loop, or of a load beyond its workers, is not in its latencies."""

    def __init__(self, home: Path, java: Path):
        library = next((home / "target" / "lib").glob("HdrHistogram-*.jar"))
        # A young generation that is never full in such a run: no pause of the generator's own in the latencies.
        memory = ["-XX:+UseSerialGC", "-Xms400m", "-Xmx400m", "-Xmn300m"]
        self.command = [str(java), *memory, "-cp", str(library), str(home / "benchmarks" / "OpenLoad.java")]

    def run(self, port: int, seconds: int, seed: int) -> dict:
        numbers = [str(n) for n in (port, RATE, seconds, WARM_SECONDS, SLOW_PERCENT, seed)]
        finished = subprocess.run(
            [*self.command, *numbers], capture_output=True, text=True, check=True, timeout=seconds + WARM_SECONDS + 60
        )
        return json.loads(finished.stdout)


def measure_queues(
    rows: list[Row], folder: Path, applications: Path, generator: OpenLoad, seconds: int, rounds: int, warm: int
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


def measure(stack: Stack, generator: OpenLoad, seconds: int, seed: int) -> dict:
    pids = stack.front_pids() + stack.worker_pids()
    before = processes.cpu(pids)
    sample = dict(generator.run(stack.port, seconds, seed))
    # The generator's own warm-up is in the CPU time, so its requests are too.
    sample["cpu"] = round((processes.cpu(pids) - before).total * 1e6 / (RATE * (seconds + WARM_SECONDS)), 3)
    return sample
