"""Tables of rounds: every stack of a table is up at once, and each round measures one after the other, so that a busy minute
of the machine meets all of them and the ratios inside a round stand."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path

from .load import Sample, measure, wrk
from .stack import Row, Stack, StackFailure

WARM_CONNECTIONS = 64
WARM_SECONDS = 2


class Table:
    """Starts the stacks of `rows`, warms them and holds their samples; a stack that fails stays as a line that says why."""

    def __init__(self, name: str, rows: list[Row], folder: Path, applications: Path):
        self.name = name
        self.stacks = [Stack(row, folder / f"{name}{i}", applications) for i, row in enumerate(rows)]
        self.failures: dict[str, str] = {}
        self.samples: dict[int, dict[str, list[Sample]]] = {}

    def start(self, java_warm_seconds: int) -> None:
        for stack in self.stacks:
            try:
                stack.start()
                seconds = java_warm_seconds if stack.row.java else WARM_SECONDS
                wrk(stack, WARM_CONNECTIONS, seconds)
            except StackFailure as failure:
                self.failures[stack.row.name] = str(failure)
                say(f"  {stack.row.name}: {failure}")

    def run(self, connections: int, seconds: int, rounds: int) -> None:
        up = [stack for stack in self.stacks if stack.row.name not in self.failures]
        samples: dict[str, list[Sample]] = {stack.row.name: [] for stack in up}
        for turn in range(rounds):
            for stack in rotated(up, turn):
                samples[stack.row.name].append(measure(stack, connections, seconds))
        self.samples[connections] = samples
        for name, taken in samples.items():
            cost = sorted(sample.total for sample in taken)[len(taken) // 2]
            say(f"  {self.name} {connections:3} connections  {name:32} {cost:8.2f} us")

    def stop(self) -> None:
        for stack in self.stacks:
            stack.stop()

    def result(self) -> dict:
        loads = {
            str(connections): {name: [rounded(sample) for sample in taken] for name, taken in samples.items()}
            for connections, samples in self.samples.items()
        }
        return {"rows": [stack.row.name for stack in self.stacks], "failures": self.failures, "loads": loads}


def measure_table(
    name: str, rows: list[Row], folder: Path, applications: Path, loads: list[tuple[int, int]], rounds: int, warm: int
) -> dict:
    table = Table(name, rows, folder, applications)
    try:
        table.start(warm)
        for connections, seconds in loads:
            table.run(connections, seconds, rounds)
    finally:
        table.stop()
    return table.result()


def rounded(sample: Sample) -> dict[str, float]:
    """Without the digits below the noise."""
    return {name: round(value, 3) for name, value in asdict(sample).items()}


def rotated(stacks: list[Stack], turn: int) -> list[Stack]:
    """Nobody is always first, or always behind the same neighbour's heat."""
    start = turn % max(len(stacks), 1)
    return stacks[start:] + stacks[:start]


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
