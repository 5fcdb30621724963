"""The command line of the attacks, and their report."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from terpan_bench.environment import find, machine
from terpan_soak import meter
from terpan_soak.target import Target

from . import attackers, client
from .decoy import decoy

NAMES = (*attackers.SLOW, "idle", "flood")
IDLE_CONNECTIONS = 9_000


@dataclass(frozen=True)
class Row:
    """One attack: the service before, while another server is attacked, while Terpan is, and after; the front's memory in MB."""

    name: str
    what: str
    usual: client.Service
    elsewhere: client.Service
    attacked: client.Service
    after: client.Service
    memory: tuple[float, float, float]
    heap: tuple[float, float]

    @property
    def ratio(self) -> float:
        return self.attacked.p99 / max(self.usual.p99, self.elsewhere.p99, self.after.p99)


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/attacks", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"of {', '.join(NAMES)}; all if none is named")
    parser.add_argument("--seconds", type=int, default=20, help="how long each lasts (default 20)")
    parser.add_argument("--results", type=Path, help="where the report goes (default benchmarks/results/attacks.md)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.attacks if name not in NAMES]
    if unknown:
        parser.error(f"unknown attack {unknown[0]!r}; expected some of {', '.join(NAMES)}")
    missing = [package for package, program in (("slowhttptest", "slowhttptest"), ("nginx-light", "nginx")) if not find(program)]
    if missing:
        sys.exit(f"benchmarks/attacks: missing: {' '.join(missing)}; on Debian: apt-get install {' '.join(missing)}")
    subprocess.run([str(home / "terpan"), "version"], check=True, stdout=subprocess.DEVNULL)
    rows = []
    for name in options.attacks or NAMES:
        print(f"benchmarks/attacks: {name}", file=sys.stderr, flush=True)
        rows.append(run(home, name, options.seconds))
    text = report(rows, options.seconds)
    results = options.results or home / "benchmarks" / "results" / "attacks.md"
    results.write_text(text, encoding="utf-8")
    print(text)
    return 0


def run(home: Path, name: str, seconds: int) -> Row:
    """Each attack meets a Terpan of its own, warm, so that none pays for the one before."""
    target = Target(home, settings="", spool_most="0B")
    try:
        client.watch(target.port, seconds / 2)
        usual = client.watch(target.port, seconds / 2)
        elsewhere = attacked_elsewhere(name, target, seconds)
        meter.quiet(target)
        before, heap_before = resident(target), meter.live_heap(home, target.pid) / 1024
        watcher = client.Watcher(target.port, seconds)
        what = attack(name, target.port, seconds, lambda: f", {resident(target):.0f} MB then")
        during = resident(target)
        attacked = watcher.result()
        meter.quiet(target)
        after = client.watch(target.port, seconds / 2)
        heap = (heap_before, meter.live_heap(home, target.pid) / 1024)
        return Row(name, what, usual, elsewhere, attacked, after, (before, during, resident(target)), heap)
    finally:
        target.stop()
        shutil.rmtree(target.folder)


def attacked_elsewhere(name: str, target: Target, seconds: int) -> client.Service:
    with decoy() as port:
        watcher = client.Watcher(target.port, seconds)
        attack(name, port, seconds, str)
        return watcher.result()


def attack(name: str, port: int, seconds: int, memory: Callable[[], str]) -> str:
    """What happened; `memory` is asked at the height of it."""
    if name in attackers.SLOW:
        return attackers.slow(name, port, seconds)
    if name == "flood":
        return f"{attackers.flood(port, seconds):,} connects a second, reset at once, from 20 addresses"
    crowd = attackers.Crowd(port, IDLE_CONNECTIONS)
    time.sleep(3)
    told = f"{crowd.still_open():,} idle connections after a request each{memory()}"
    crowd.close()
    return told


def resident(target: Target) -> float:
    return meter.read(target, 0.0).resident / 1024


def report(rows: list[Row], seconds: int) -> str:
    lines = [
        "# Attacks",
        "",
        f"`benchmarks/attacks`, {machine()}, {os.cpu_count()} processors for all of it. Each attack lasts {seconds} seconds and meets a",
        "Terpan of its own with its usual limits and three built-in workers; a well-behaved client on a kept connection asks every 4 ms:",
        "before, while an nginx beside it is attacked in the same way (what the attacker takes from the machine that all share), while Terpan",
        f"is, and afterwards. slowhttptest opens {attackers.RAMP} connections a second (its own default is 50) up to {attackers.CONNECTIONS:,} and holds them. Memory is the",
        "front's resident set in MB, which the",
        "heap keeps once it has grown; what is alive in it is told by a full collection.",
        "",
        "| attack | what happened | p99 before, nginx attacked, Terpan attacked, after, ms | attacked to the worst of the others | failed requests | memory before, meanwhile, after, last after a collection | live heap before, after |",
        "| --- | --- | --- | ---: | ---: | --- | --- |",
    ]
    for row in rows:
        p99 = ", ".join(f"{service.p99:.2f}" for service in (row.usual, row.elsewhere, row.attacked, row.after))
        memory = ", ".join(f"{megabytes:.0f}" for megabytes in row.memory)
        heap = ", ".join(f"{megabytes:.1f}" for megabytes in row.heap)
        failures = row.usual.failures + row.attacked.failures + row.after.failures
        lines.append(f"| {row.name} | {row.what} | {p99} | {row.ratio:.2f} | {failures} | {memory} | {heap} |")
    return "\n".join(lines) + "\n"
