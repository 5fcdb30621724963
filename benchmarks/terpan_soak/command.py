"""The command line of the soak."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from terpan_bench.environment import machine

from . import meter, report, traffic
from .target import Target

WARM_MOST_SECONDS = 300.0
COUNTERS = ("terpan_requests_total", "terpan_requests_refused_total", "terpan_connections_total", "terpan_limits_reached_total")


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long, without the warm-up (default 5)")
    parser.add_argument("--results", type=Path, help="where the report goes (default benchmarks/results/soak.md)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that Terpan is stopped
    subprocess.run([str(home / "terpan"), "version"], check=True, stdout=subprocess.DEVNULL)
    target = Target(home)
    try:
        found, text = soak(home, target, options.minutes * 60)
    finally:
        target.stop()
    results = options.results or home / "benchmarks" / "results" / "soak.md"
    results.write_text(text, encoding="utf-8")
    print(text)
    if all(finding.fine for finding in found):
        shutil.rmtree(target.folder)
        return 0
    print(f"benchmarks/soak: something grew or was wrong; the log is in {target.folder}", file=sys.stderr)
    return 1


def soak(home: Path, target: Target, seconds: float) -> tuple[list[report.Finding], str]:
    say("warming up")
    traffic.run(target, min(WARM_MOST_SECONDS, max(30.0, seconds / 4)))
    before = still(home, target)
    say("soaking")
    stretch = traffic.run(target, seconds)
    after = still(home, target)
    counters = {name: value for name, value in target.metrics().items() if name.startswith(COUNTERS) and value > 0}
    found = report.findings(before, after, stretch, target.stop())
    return found, report.markdown(stretch, found, machine(), counters)


def still(home: Path, target: Target) -> report.Still:
    """The collection comes first: it starts a thread that stays."""
    meter.quiet(target)
    heap = meter.live_heap(home, target.pid)
    return report.Still(meter.quiet(target), heap)


def say(what: str) -> None:
    print(f"benchmarks/soak: {what}", file=sys.stderr, flush=True)
