"""A crowd of Locust's users on one stack: the article's load, closed: who waits for an answer asks for nothing meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

from terpan_bench import processes
from terpan_bench.stack import Stack, stop

from . import cost
from .plan import Plan

WAIT_SECONDS = 0.7  # on average
SPAWN_PER_SECOND = 1000
MASTER_PORTS = range(20_000, 32_000)
THERE_SECONDS = 120
REPORT_SECONDS = 60


def crowd(stack: Stack, folder: Path, python: Path, kind: str, users: int, load_processes: int, plan: Plan, seed: int) -> dict:
    """`load_processes` beside a master, or one process that is both; figures from when all users are there and have settled."""
    mark, report = folder / "all-there", folder / "report"
    for file in (mark, report):
        file.unlink(missing_ok=True)
    environment = {**os.environ, "ARTICLE_MARK": str(mark), "ARTICLE_REPORT": str(report), "ARTICLE_SEED": str(seed)}
    environment["ARTICLE_SETTLE"] = str(plan.settle_seconds)
    locustfile = Path(__file__).resolve().parent.parent / "locustfile.py"
    command = [str(python), "-m", "locust", "-f", str(locustfile), kind, "--headless", "--only-summary"]
    command += ["--host", f"http://127.0.0.1:{stack.port}", "--users", str(users), "--loglevel", "ERROR"]
    command += ["--spawn-rate", str(min(users, SPAWN_PER_SECOND)), "--exit-code-on-error", "0"]
    if load_processes > 1:
        port = str(port_for_master(seed))
        command += ["--processes", str(load_processes), "--master-bind-host", "127.0.0.1"]
        command += ["--master-bind-port", port, "--master-port", port]
    with open(folder / "locust.log", "ab") as log:
        locust = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(mark, locust, THERE_SECONDS, folder)
        load = [*processes.descendants([locust.pid]), locust.pid] if load_processes > 1 else [locust.pid]
        before = cost.mark(stack, load)
        time.sleep(plan.user_seconds)
        used = cost.between(before, cost.mark(stack, load))
        locust.terminate()
        wait_for(report, locust, REPORT_SECONDS, folder)
        figures = json.loads(report.read_text(encoding="utf-8"))
    finally:
        stop(locust)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(locust.pid, signal.SIGKILL)  # load processes whose master did not get as far as to stop them
    if not figures["requests"]:
        raise ValueError("no request ended while it was measured")
    good = figures["requests"] - figures["failures"]
    return {
        "asked": round(users / WAIT_SECONDS, 1),
        "achieved": round(good / figures["seconds"], 1) if figures["seconds"] else 0.0,
        "failed": round(figures["failures"] / figures["requests"], 4),
        **{name: figures[name] for name in ("p50", "p95", "p99", "error")},
        **used,
    }


def port_for_master(seed: int) -> int:
    """Load processes ask for it before the master has it: one of those that the kernel gives to whoever connects could be given to
    them, and they would be connected with themselves."""
    for port in random.Random(seed).sample(MASTER_PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("no port is free for Locust's master")


def wait_for(file: Path, locust: subprocess.Popen, seconds: int, folder: Path) -> None:
    deadline = time.monotonic() + seconds
    while not file.exists() or (file.name == "report" and file.stat().st_size == 0):
        if locust.poll() is not None and not file.exists():
            lines = (folder / "locust.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise ChildProcessError(f"Locust ended: {lines[-1][:200] if lines else 'it said nothing'}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"Locust had not made '{file.name}' within {seconds} s")
        time.sleep(0.05)
