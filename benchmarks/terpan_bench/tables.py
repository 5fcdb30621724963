"""Tables of rounds: every stack of a table is up at once, and each round measures one after the other, so that a busy minute
of the machine meets all of them and the ratios inside a round stand."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from .load import Sample, measure
from .processes import compiler_seconds
from .stack import Row, Stack, StackFailure

WARM_CONNECTIONS = 64
WARM_SPAN_SECONDS = 4
WARM_MOST = 5  # times the seconds asked for
WARM_RESTED = 2  # spans in a row: it comes in bursts
COMPILING = 0.01  # of a processor: with less of it a compiler at run time is done with all that matters


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
                warm(stack, java_warm_seconds if stack.row.java else WARM_SPAN_SECONDS)
            except (StackFailure, OSError, ValueError, subprocess.SubprocessError) as failure:
                self.failures[stack.row.name] = str(failure)
                say(f"  {stack.row.name}: {failure}")

    def run(self, connections: int, seconds: int, rounds: int) -> None:
        samples: dict[str, list[Sample]] = {name: [] for name in self._up()}
        for turn in range(rounds):
            for stack in rotated(self.stacks, turn):
                if stack.row.name not in self.failures:
                    self._measure(stack, connections, seconds, samples[stack.row.name])
        self.samples[connections] = samples
        for name in self._up():
            cost = sorted(sample.total for sample in samples[name])[rounds // 2]
            say(f"  {self.name} {connections:3} connections  {name:32} {cost:8.2f} us")

    def _up(self) -> list[str]:
        return [stack.row.name for stack in self.stacks if stack.row.name not in self.failures]

    def _measure(self, stack: Stack, connections: int, seconds: int, taken: list[Sample]) -> None:
        """A stack that fails under load is out, and the table says so; the others go on."""
        try:
            taken.append(measure(stack, connections, seconds))
        except (OSError, ValueError, subprocess.SubprocessError) as failure:
            self.failures[stack.row.name] = f"failed with {connections} connections: {failure}; its log: {stack.last_line()}"
            taken.clear()
            say(f"  {stack.row.name}: {self.failures[stack.row.name]}")

    def stop(self) -> None:
        for stack in self.stacks:
            stack.stop()

    def result(self) -> dict:
        loads = {
            str(connections): {name: [rounded(sample) for sample in taken] for name, taken in samples.items()}
            for connections, samples in self.samples.items()
        }
        return {"rows": [stack.row.name for stack in self.stacks], "failures": self.failures, "loads": loads}


def warm(stack: Stack, seconds: int, connections: int = WARM_CONNECTIONS, path: str = "") -> None:
    """Loads a stack for `seconds` and then until the front's compiler at run time, if it has one, rests for two spans: how long that takes
    depends on what else the machine does. A front that runs for days is not measured by its first minute."""
    wanted = WARM_RESTED if stack.row.java else 0
    spent, rested = 0, 0
    while spent < seconds or (rested < wanted and spent < seconds * WARM_MOST):
        before = compiler_seconds(stack.front_pids())
        measure(stack, connections, WARM_SPAN_SECONDS, path)
        compiling = (compiler_seconds(stack.front_pids()) - before) / WARM_SPAN_SECONDS
        rested = 0 if compiling > COMPILING else rested + 1
        spent += WARM_SPAN_SECONDS


def measure_table(table: Table, loads: list[tuple[int, int]], rounds: int, warm_seconds: int) -> dict:
    try:
        table.start(warm_seconds)
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
