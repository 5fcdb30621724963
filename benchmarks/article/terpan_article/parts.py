"""The parts of the run: which stacks each has and what is asked of them. A part is a list of cases, taken in interleaved rounds;
each case has its stack to itself, for two on one machine would share its processors."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from terpan_bench.open_load import Generator
from terpan_bench.stack import Row, Stack, StackFailure
from terpan_bench.tables import rotated, say

from . import cost, knee, users
from .plan import HANDLERS, SEED, Plan
from .stacks import BUILT_IN, Stacks

SOCKET_WORKERS = 4
FIXED_RATES = {"hello": 1500, "mixed": 1000}


@dataclass(frozen=True)
class Case:
    """A line of a table: the stack, how many workers it has (0: unknown), what is done, and by what the line is known."""

    row: Row
    workers: int
    work: str
    labels: dict[str, str]
    measure: Callable[[Stack, int, dict], dict]
    @property
    def key(self) -> str:
        return f"{self.row.name}, {self.work}"


@dataclass(frozen=True)
class Tools:
    """What a part needs to measure."""

    stacks: Stacks
    generator: Generator
    python: Path
    folder: Path
    cores: int

    def crowd(self, row: Row, workers: int, kind: str, people: int, processes: int, plan: Plan, **labels: str) -> Case:
        def measure(stack: Stack, turn: int, _: dict) -> dict:
            sample = users.crowd(stack, self.folder, self.python, kind, people, processes, plan, SEED + turn)
            return {**sample, "limit": cost.limit(sample, sample["asked"], sample["achieved"], workers)}

        return Case(row, workers, f"{kind} users", {"users": kind, **labels}, measure)

    def knee(self, row: Row, workers: int, handler: str, plan: Plan, **labels: str) -> Case:
        def measure(stack: Stack, turn: int, before: dict) -> dict:
            with self.generator.towards(stack.port) as load:
                knee.warm(load, plan.java_warm_seconds if row.java else knee.WARM_SECONDS)
                seed = SEED + 100 * turn
                hint = before.get("knee", 0)
                found = knee.knee(load, stack, HANDLERS[handler], plan, seed, hint)
            at = found["at"]
            # What is beyond the knee shows what is used up there; the knee itself is a step of a few percent below.
            beyond = [step for step in found["steps"] if step["rate"] > found["knee"]] or [at]
            full = min(beyond, key=lambda step: step["rate"])
            return {**found, "limit": cost.limit(full, full["rate"], full["achieved"], workers)}

        return Case(row, workers, handler, {"handler": handler, **labels}, measure)

    def fixed(self, row: Row, handler: str, plan: Plan, **labels: str) -> Case:
        def measure(stack: Stack, turn: int, _: dict) -> dict:
            with self.generator.towards(stack.port) as load:
                knee.warm(load, plan.java_warm_seconds if row.java else knee.WARM_SECONDS)
                return knee.fixed(load, stack, HANDLERS[handler], FIXED_RATES[handler], plan.fixed_seconds, SEED + turn)

        return Case(row, 0, handler, {"handler": handler, **labels}, measure)


def mono(tools: Tools, plan: Plan) -> list[Case]:
    """One process each, 1,000 users."""
    return [
        tools.crowd(tools.stacks.alone(server), 1, kind, plan.mono_users, 1, plan, server=server)
        for kind in plan.kinds
        for server in plan.mono_servers
    ]


def multi(tools: Tools, plan: Plan) -> list[Case]:
    """Meinheld alone and in Terpan, 7,000 users, a master and four load processes."""
    stacks = [(tools.stacks.alone("meinheld"), 1)]
    stacks += [(tools.stacks.terpan("meinheld", workers), workers) for workers in plan.workers]
    return [_many(tools, plan, row, workers, kind, "meinheld") for kind in plan.kinds for row, workers in stacks]


def servers(tools: Tools, plan: Plan) -> list[Case]:
    """The same of every server: alone, and a worker a core in Terpan."""
    cases = []
    for server in plan.servers:
        cases.append(_many(tools, plan, tools.stacks.alone(server), 1, "Fast", server, where="alone"))
        cases.append(_many(tools, plan, tools.stacks.terpan(server, tools.cores), tools.cores, "Fast", server, where="Terpan"))
    if plan.built_in:
        row = tools.stacks.terpan(BUILT_IN, tools.cores)
        cases.append(_many(tools, plan, row, tools.cores, "Fast", BUILT_IN, where="Terpan"))
    return cases


def _many(tools: Tools, plan: Plan, row: Row, workers: int, kind: str, server: str, **labels: str) -> Case:
    labels = {"server": server, **labels}
    return tools.crowd(row, workers, kind, plan.multi_users, plan.load_processes, plan, **labels)


def factor(tools: Tools, plan: Plan) -> list[Case]:
    """Every server alone and with a worker a core in Terpan: the knee with 1 ms of a processor for each request."""
    cases = []
    for server in plan.servers:
        cases.append(tools.knee(tools.stacks.alone(server), 1, "cpu1", plan, server=server, where="alone"))
        row = tools.stacks.terpan(server, tools.cores)
        cases.append(tools.knee(row, tools.cores, "cpu1", plan, server=server, where="Terpan"))
    if plan.built_in:
        for workers, where in ((1, "one worker"), (tools.cores, "Terpan")):
            row = tools.stacks.terpan(BUILT_IN, workers)
            cases.append(tools.knee(row, workers, "cpu1", plan, server=BUILT_IN, where=where))
    return cases


def knees(tools: Tools, plan: Plan) -> list[Case]:
    """Some servers, every handler."""
    cases = []
    for handler in plan.knee_handlers:
        for server in plan.knee_servers:
            cases.append(tools.knee(tools.stacks.alone(server), 1, handler, plan, server=server))
            cases.append(tools.knee(tools.stacks.terpan(server, tools.cores), tools.cores, handler, plan, server=server))
        if plan.built_in:
            row = tools.stacks.terpan(BUILT_IN, tools.cores)
            cases.append(tools.knee(row, tools.cores, handler, plan, server=BUILT_IN))
    return cases


def sockets(tools: Tools, plan: Plan) -> list[Case]:
    """One rate for all: each server alone, and four workers in Terpan by a socket each, one for all, and a loopback port each."""
    cases = []
    for handler in FIXED_RATES:
        for server in plan.socket_servers:
            if handler == "hello":
                cases.append(tools.fixed(tools.stacks.alone(server), handler, plan, server=server, socket="alone"))
            for socket in plan.sockets:
                row = tools.stacks.terpan(server, SOCKET_WORKERS, socket)
                cases.append(tools.fixed(row, handler, plan, server=server, socket=socket))
        if plan.built_in:
            row = tools.stacks.terpan(BUILT_IN, SOCKET_WORKERS)
            cases.append(tools.fixed(row, handler, plan, server=BUILT_IN, socket="private"))
    return cases


def cores(tools: Tools, plan: Plan) -> list[Case]:
    """Front and workers on one processor and on two, one to four workers; the generator may use all."""
    chosen = [*plan.core_servers, *([BUILT_IN] if plan.built_in else [])]
    cases = []
    for count in range(1, min(2, tools.cores) + 1):
        for server in chosen:
            for workers in plan.core_workers:
                row = tools.stacks.terpan(server, workers, cores=f"0-{count - 1}")
                labels = {"server": server, "count": str(workers), "cores": str(count)}
                named = replace(row, name=f"{row.name}, processors {count}")
                cases.append(tools.knee(named, min(workers, count), "cpu1", plan, **labels))
    return cases


PARTS: dict[str, tuple[Callable[[Tools, Plan], list[Case]], str]] = {
    "mono": (mono, "one process each, Locust's 1,000 users"),
    "multi": (multi, "Meinheld alone and in Terpan, 7,000 users"),
    "servers": (servers, "every server alone and in Terpan, 7,000 users"),
    "factor": (factor, "every server alone and in Terpan, 1 ms of a processor, open load to the knee"),
    "knees": (knees, "some servers and every handler, open load to the knee"),
    "sockets": (sockets, "Unix sockets, one for all, and TCP between front and workers"),
    "cores": (cores, "one and two processors, one to four workers"),
}


def run(cases: list[Case], plan: Plan, folder: Path, applications: Path) -> list[dict]:
    """Rounds over all cases, each beginning with another; a case that fails stays out, and its line says why."""
    lines = [{**case.labels, "name": case.row.name, "work": case.work, "samples": [], "failure": ""} for case in cases]
    for turn in range(plan.rounds):
        for i in rotated(list(range(len(cases))), turn):
            line = lines[i]
            if line["failure"]:
                continue
            try:
                sample = once(cases[i], folder / f"s{i}", applications, turn, (line["samples"] or [{}])[-1])
                line["samples"].append(sample)
                told = sample.get("knee", sample.get("achieved"))
                say(f"  round {turn + 1}, {len(cases)} cases: {cases[i].key}: {told:,.0f}/s; {sample.get('limit', '')}")
            except (StackFailure, OSError, ValueError, subprocess.SubprocessError, json.JSONDecodeError) as failure:
                line["failure"] = str(failure)
                say(f"  {cases[i].key}: {failure}")
    return lines


def once(case: Case, folder: Path, applications: Path, turn: int, before: dict) -> dict:
    stack = Stack(case.row, folder, applications)
    try:
        stack.start()
        return case.measure(stack, turn, before)
    finally:
        stack.stop()
