"""Requests over HTTP/2 while Terpan reloads: benchmarks/streams."""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import tempfile
from pathlib import Path

from . import environment, figures
from .rows import Rows
from .stack import Stack

CONNECTIONS = 64
STREAMS = 32
WORST_RATE = 2_000  # requests a second: slower, and it is ended


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/streams", description="HTTP/2 while Terpan reloads; writes results/streams.md.")
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many in all (default 1000000)")
    parser.add_argument("--results", type=Path, help="the folder that the page goes to (default benchmarks/results)")
    options = parser.parse_args(arguments)
    environment.install_packages()
    environment.build_terpan(home)
    rows = Rows(home, environment.make_python(home)).streams("hello", STREAMS)
    row = next(row for row in rows if row.name == figures.TERPAN)
    with tempfile.TemporaryDirectory(prefix="ts-") as scratch:
        stack = Stack(row, Path(scratch) / "s", home / "benchmarks" / "apps")
        try:
            stack.start()
            reloads, told = loaded(home, stack, options.requests)
        finally:
            stack.stop()
    text = page(reloads, told)
    (options.results or home / "benchmarks" / "results").joinpath("streams.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if f" {options.requests} succeeded, 0 failed, 0 errored, 0 timeout" in told and f"status codes: {options.requests} 2xx" in told else 1


def loaded(home: Path, stack: Stack, requests: int) -> tuple[int, str]:
    """How many reloads were done meanwhile, and what h2load printed."""
    command = ["h2load", "-t1", f"-c{CONNECTIONS}", f"-m{STREAMS}", f"-n{requests}", f"https://127.0.0.1:{stack.port}/"]
    load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    reloads = 0
    try:
        while load.poll() is None:
            words = [str(home / "terpan"), "reload", "--run-directory", str(stack.folder / "run")]
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
            if done.returncode != 0:
                raise AssertionError(f"terpan reload ended with {done.returncode}: {done.stdout}{done.stderr}")
            reloads += 1
        out, _ = load.communicate(timeout=60 + requests / WORST_RATE)
        return reloads, out
    finally:
        load.kill()
        load.wait()


def page(reloads: int, told: str) -> str:
    wanted = re.findall(r"^(?:finished in|requests:|status codes:|time for request:).*$", told, re.MULTILINE)
    return (
        "# HTTP/2 while Terpan reloads\n\n"
        f"`benchmarks/streams`, {datetime.date.today()}, {environment.machine()}: h2load over TLS, {CONNECTIONS} connections with {STREAMS} requests at once\n"
        f"on each, which retries nothing; two built-in workers, and {reloads} reloads meanwhile, each begun when the one before was done.\n"
        "What h2load printed (times of a request: least, most, mean, deviation):\n\n```\n" + "\n".join(wanted) + "\n```\n"
    )
