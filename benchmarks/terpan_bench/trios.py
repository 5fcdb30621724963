"""One server at a time in three stacks: a process of it alone, two behind Terpan, and the same two behind HAProxy."""

from __future__ import annotations

import json
import socket
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from . import configs
from .load import Sample, measure
from .servers import MODULE, Server
from .stack import Part, Row, Stack, StackFailure
from .tables import rotated, rounded, say, warm
from .trio_figures import ALONE, HANDLERS, HAPROXY, TERPAN, Handler

WORKERS = 2
SETTLE_SECONDS = 10
CONTROL_SECONDS = 5
FAILURES = (StackFailure, OSError, ValueError, subprocess.SubprocessError)


@dataclass
class Trio:
    """The stacks of one server. One that does not start is out, one that fails with a handler is out for that one."""

    server: Server
    stacks: dict[str, Stack]
    windows: dict[str, int] = field(default_factory=dict)
    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    failures: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def start(self, warm_seconds: int) -> None:
        for form, stack in self.stacks.items():
            try:
                stack.start()
                warm(stack, warm_seconds if stack.row.java else 1)
            except FAILURES as failure:
                self._out("start", form, failure)

    def run(self, handler: Handler, seconds: int, rounds: int) -> None:
        self._settle(handler)
        taken: dict[str, list[Sample]] = {form: [] for form in self.stacks if self._is_up(form, handler)}
        for turn in range(rounds):
            for form in rotated(list(taken), turn):
                if self._is_up(form, handler):
                    self._measure(form, handler, seconds, taken[form])
        self.samples[handler.name] = taken
        rates = [f"{form} {median(s.per_second for s in some):,.0f}/s" for form, some in taken.items() if some]
        say(f"  {self.server.name:24} {handler.name:5} {', '.join(rates)}")

    def stop(self) -> None:
        for stack in self.stacks.values():
            stack.stop()

    def result(self) -> dict:
        samples = {
            handler: {form: [rounded(sample) for sample in taken] for form, taken in forms.items()}
            for handler, forms in self.samples.items()
        }
        failures = {stage: found for stage, found in self.failures.items() if found}
        return {"windows": self.windows, "failures": failures, "samples": samples}

    def _settle(self, handler: Handler) -> None:
        """Lets Terpan find its window for this handler and compile what it needs for it, and gives HAProxy the same window."""
        if not self._is_up(TERPAN, handler):
            return
        form = TERPAN
        try:
            warm(self.stacks[TERPAN], SETTLE_SECONDS, handler.connections, handler.path)
            window = self.windows[handler.name] = read_window(self.stacks[TERPAN])
            if HAPROXY in self.stacks and self._is_up(HAPROXY, handler):
                form = HAPROXY
                limit_haproxy(self.stacks[HAPROXY], window)
        except FAILURES as failure:
            self._out(handler.name, form, failure)

    def _measure(self, form: str, handler: Handler, seconds: int, taken: list[Sample]) -> None:
        stack = self.stacks[form]
        try:
            taken.append(measure(stack, handler.connections, seconds, handler.path))
        except FAILURES as failure:
            taken.clear()
            self._out(handler.name, form, f"{failure}; its log: {stack.last_line()}")

    def _is_up(self, form: str, handler: Handler) -> bool:
        return form not in self.failures["start"] and form not in self.failures[handler.name]

    def _out(self, stage: str, form: str, reason: object) -> None:
        self.failures[stage][form] = str(reason)
        say(f"  {self.server.name}, {form}, {stage}: {reason}")


class Trios:
    """Makes the stacks of each server."""

    def __init__(self, terpan: Path, python: Path, folder: Path, applications: Path):
        self.terpan = str(terpan)
        self.python = str(python)
        self.folder = folder
        self.applications = applications

    def of(self, server: Server, number: int) -> Trio:
        rows = [Row(TERPAN, lambda f, p: [self._terpan(server, f, p)], java=True)]
        if server.command:
            rows.insert(0, Row(ALONE, lambda f, p: [Part(server.command(f"127.0.0.1:{p}"))]))
            rows.append(Row(HAPROXY, lambda f, p: haproxy_before(server, f, p)))
        stacks = {row.name: Stack(row, self.folder / f"s{number}{row.name[0]}", self.applications) for row in rows}
        return Trio(server, stacks)

    def _terpan(self, server: Server, folder: Path, port: int) -> Part:
        application = str(self.applications / f"{MODULE}.py") + (":asgi" if server.asgi else "")
        command = [self.terpan, "serve", application, "--python", self.python, "--workers", str(WORKERS), *server.terpan]
        command += ["--bind", f"127.0.0.1:{port}", "--run-directory", str(folder / "run"), "--log-level", "warn"]
        return Part(command, front=True, workers_below=True)


def haproxy_before(server: Server, folder: Path, port: int) -> list[Part]:
    sockets = [folder / f"w{i}" for i in range(WORKERS)]
    parts = [Part(server.command(f"unix:{each}"), socket=str(each)) for each in sockets]
    control = str(folder / "control")
    front = configs.haproxy(folder, port, sockets, balance="leastconn", limit="maxconn 1", control=control, tells_client=True)
    return [*parts, Part(front, front=True)]


def read_window(terpan: Stack) -> int:
    """What Terpan lets into a worker just now."""
    command = [terpan.running[0][0].command[0], "status", "--json"]
    command += ["--run-directory", str(terpan.folder / "run")]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return max(int(worker["window"]) for worker in json.loads(finished.stdout)["workers"])


def limit_haproxy(stack: Stack, most: int) -> None:
    """Gives each of its servers another `maxconn`."""
    for number in range(WORKERS):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(CONTROL_SECONDS)
            control.connect(str(stack.folder / "control"))
            control.sendall(f"set maxconn server workers/s{number} {most}\n".encode("ascii"))
            answer = control.recv(4096).decode("ascii").strip()
        if answer:
            raise StackFailure(f"HAProxy did not take maxconn {most}: {answer}")


def measure_trios(trios: Trios, servers: list[Server], seconds: int, rounds: int, warm_seconds: int) -> dict:
    results = {}
    for number, server in enumerate(servers):
        trio = trios.of(server, number)
        try:
            trio.start(warm_seconds)
            for handler in HANDLERS:
                trio.run(handler, seconds, rounds)
        finally:
            trio.stop()
        results[server.name] = trio.result()
    settings = {"rounds": rounds, "seconds": seconds, "java warm-up seconds": warm_seconds}
    return {"settings": settings, "servers": results}
