"""One round of load with wrk on one stack, and what it cost."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from . import processes
from .stack import Stack

MOST_ERRORS = 0.01  # of the requests; beyond, what it cost says nothing
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

    @property
    def total(self) -> float:
        return self.front + self.workers


def measure(stack: Stack, connections: int, seconds: float, path: str = "") -> Sample:
    """`path`: another than the row's own."""
    front, workers = stack.front_pids(), stack.worker_pids()
    front_before, workers_before = processes.cpu(front), processes.cpu(workers)
    text = wrk(stack, connections, seconds, path)
    front_cpu, worker_cpu = processes.cpu(front) - front_before, processes.cpu(workers) - workers_before
    requests = int(number(r"(\d+) requests in", text))
    failed = errors(text)
    if requests == 0 or failed > requests * MOST_ERRORS:
        raise ValueError(f"{failed} of {requests} requests failed")
    share = 1e6 / requests
    both = front_cpu + worker_cpu
    return Sample(
        requests,
        float(number(r"Requests/sec:\s+([\d.]+)", text)),
        latency(text, "50"),
        latency(text, "99"),
        front_cpu.total * share,
        worker_cpu.total * share,
        both.user * share,
        both.kernel * share,
        failed,
    )


def wrk(stack: Stack, connections: int, seconds: float, path: str = "") -> str:
    """wrk takes whole seconds only; a deadline a little behind catches one that hangs."""
    url = f"http://127.0.0.1:{stack.port}{path or stack.row.path}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--latency", url]
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
