"""One round of load with wrk on one stack, and what it cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from . import processes
from .stack import Stack

MOST_ERRORS = 0.01  # of the requests; beyond, what it cost says nothing
HANDSHAKES_AT_ONCE = 8  # the generator is Python: more would only wait for one another
UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7}


@dataclass(frozen=True)
class Sample:
    """One round. CPU in microseconds a request, latencies in microseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    front: float
    workers: float
    user: float
    kernel: float
    errors: int
    bytes: float  # of an answer with its head, as the client read them; 0 where the generator does not tell

    @property
    def total(self) -> float:
        return self.front + self.workers


class Told(NamedTuple):
    """What a generator of load tells of a round; latencies in microseconds."""

    requests: int
    errors: int
    per_second: float
    p50: float
    p99: float
    bytes: float = 0


def measure(stack: Stack, connections: int, seconds: float, path: str = "") -> Sample:
    """`path`: another than the row's own."""
    front, workers = stack.front_pids(), stack.worker_pids()
    front_before, workers_before = processes.cpu(front), processes.cpu(workers)
    if stack.row.handshakes:
        told = shaken(stack, connections, seconds)
    elif stack.row.streams:
        told = streamed(stack, connections, seconds)
    else:
        told = loaded(stack, connections, seconds, path)
    front_cpu, worker_cpu = processes.cpu(front) - front_before, processes.cpu(workers) - workers_before
    requests, failed = told.requests, told.errors
    if requests == 0 or failed > requests * MOST_ERRORS:
        raise ValueError(f"{failed} of {requests} requests failed")
    share = 1e6 / requests
    both = front_cpu + worker_cpu
    return Sample(
        requests,
        told.per_second,
        told.p50,
        told.p99,
        front_cpu.total * share,
        worker_cpu.total * share,
        both.user * share,
        both.kernel * share,
        failed,
        told.bytes,
    )


def loaded(stack: Stack, connections: int, seconds: float, path: str) -> Told:
    text = wrk(stack, connections, seconds, path)
    rate = float(number(r"Requests/sec:\s+([\d.]+)", text))
    requests = int(number(r"(\d+) requests in", text))
    read = re.search(r"([\d.]+)([KMG]?)B read", text)
    size = float(read.group(1)) * 1024 ** " KMG".index(read.group(2) or " ") / max(requests, 1) if read else 0
    return Told(requests, errors(text), rate, latency(text, "50"), latency(text, "99"), size)


def streamed(stack: Stack, connections: int, seconds: float) -> Told:
    """By h2load, over TLS; it writes a line for each answer: when it was asked, its status, and the microseconds that it took."""
    with tempfile.NamedTemporaryFile(prefix="h2load-", mode="r", encoding="ascii") as log:
        command = ["h2load", "-t1", f"-c{connections}", f"-m{stack.row.streams}", f"-D{round(seconds)}", "--warm-up-time=0"]
        command += [f"--log-file={log.name}", f"https://127.0.0.1:{stack.port}{stack.row.path}"]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True)
        answers = [line.split() for line in log]
    # What is under way at the end has no answer, and h2load says that of each; what it calls failed is what was refused or cut before.
    failed = int(number(r"(\d+) failed,", finished.stdout)) + sum(status[:1] != "2" for _, status, _ in answers)
    taken = sorted(float(microseconds) for _, _, microseconds in answers)
    if not taken:
        raise ValueError(f"h2load had no answer: {finished.stdout[-300:]}")
    return Told(len(taken), failed, len(taken) / seconds, taken[len(taken) // 2], taken[len(taken) * 99 // 100])


def shaken(stack: Stack, connections: int, seconds: float) -> Told:
    """A handshake for each request."""
    folder = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "terpan_bench.handshakes", str(stack.port), str(seconds)]
    command += [str(min(connections, HANDSHAKES_AT_ONCE)), stack.row.handshakes]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds + 60, check=True)
    told = json.loads(finished.stdout)
    return Told(told["requests"], told["errors"], told["requests"] / seconds, told["p50"], told["p99"])


def wrk(stack: Stack, connections: int, seconds: float, path: str = "") -> str:
    """wrk takes whole seconds only; a deadline a little behind catches one that hangs."""
    url = f"{'https' if stack.row.secure else 'http'}://127.0.0.1:{stack.port}{path or stack.row.path}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--latency", url]
    if stack.row.coding:
        command += ["-H", f"Accept-Encoding: {stack.row.coding}"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True)
    return finished.stdout


def number(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"wrk printed nothing like {pattern!r}: {text}")
    return found.group(1)


def latency(text: str, percentile: str) -> float:
    value = re.search(rf"^\s+{percentile}%\s+([\d.]+)(us|ms|s|m) *$", text, re.MULTILINE)
    if not value:
        raise ValueError(f"wrk printed no percentile {percentile}: {text}")
    return float(value.group(1)) * UNITS[value.group(2)]


def errors(text: str) -> int:
    """Answers that were no success, and socket errors."""
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return int(bad.group(1) if bad else 0) + sum(map(int, sockets.groups() if sockets else ()))
