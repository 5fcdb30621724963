"""The command line of benchmarks/preload."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from terpan_bench.environment import first_line, machine
from terpan_bench.stack import free_port

WORKERS = 4
SERVERS = ("builtin", "gunicorn")
#: pages that show a login, a template's and a static page's worth of Django
PATHS = ("/admin/login/", "/")
REQUESTS = 400
#: how often the fifth worker comes and goes
FIFTHS = 7
READY_SECONDS = 60.0
SETTLE_SECONDS = 2.0
ADMITTED_MS = 30
ADMITTED_SHARE = 0.5


def project(python: Path) -> Path:
    """A project as ``django-admin startproject`` makes it, which answers for every host."""
    folder = Path(tempfile.mkdtemp(prefix="terpan-preload-"))
    subprocess.run([str(python), "-m", "django", "startproject", "shop", str(folder)], check=True)
    settings = folder / "shop" / "settings.py"
    settings.write_text(settings.read_text(encoding="utf-8").replace("ALLOWED_HOSTS = []", "ALLOWED_HOSTS = ['*']"), encoding="utf-8")
    subprocess.run([str(python), str(folder / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    return folder


class Serving:
    """One Terpan with its workers, and what its log says of them."""

    def __init__(self, home: Path, python: Path, site: Path, server: str, preload: bool):
        self.port = free_port()
        self.home, self.run = home, Path(tempfile.mkdtemp(prefix="terpan-preload-run-"))
        self.log = self.run.with_suffix(".log")
        command = [str(home / "terpan"), "serve", "shop.wsgi", "--chdir", str(site), "--python", str(python), "--server", server]
        command += ["--workers", str(WORKERS), "--bind", f"127.0.0.1:{self.port}", "--run-directory", str(self.run)]
        command += ["--log-format", "json", *(["--preload"] if preload else [])]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=site)
        self.until(lambda: self.ready() >= WORKERS)

    def records(self) -> list[dict]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and '"worker state"' in line]

    def ready(self) -> int:
        return sum(record["state"] == "READY" for record in self.records())

    def until(self, holds) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not holds():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text(encoding="utf-8"))
            time.sleep(0.02)

    def order(self, *words: str) -> None:
        subprocess.run([str(self.home / "terpan"), *words, "--run-directory", str(self.run)], check=True, capture_output=True)

    def serve(self) -> None:
        for number in range(REQUESTS):
            url = f"http://127.0.0.1:{self.port}{PATHS[number % len(PATHS)]}"
            try:
                urllib.request.urlopen(url, timeout=10).read()
            except urllib.error.HTTPError as error:
                error.read()

    def fifths(self) -> list[float]:
        """Milliseconds from the order until the fifth worker takes requests, each time that it comes."""
        took = []
        for _ in range(FIFTHS):
            before = len(self.records())
            self.order("scale", str(WORKERS + 1))
            fresh = self.records()[before:]
            times = {record["state"]: datetime.datetime.fromisoformat(record["time"].replace("Z", "+00:00")) for record in fresh if record["worker"].endswith(f"-{WORKERS + 1}")}
            took.append((times["READY"] - times["STARTING"]).total_seconds() * 1000)
            self.order("scale", str(WORKERS))
            time.sleep(0.5)
        return took

    def memory(self) -> tuple[float, float]:
        """MiB of proportional set size: of the workers with all below them, and of their fork parent."""
        time.sleep(SETTLE_SECONDS)
        told = subprocess.run(
            [str(self.home / "terpan"), "status", "--json", "--run-directory", str(self.run)], check=True, capture_output=True, text=True
        )
        workers = [worker["pid"] for worker in json.loads(told.stdout)["workers"]]
        parents = {parent for parent in map(_parent, workers) if parent != self.process.pid}
        return sum(_pss(each) for pid in workers for each in _tree(pid)), sum(map(_pss, parents))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(READY_SECONDS)
        shutil.rmtree(self.run, ignore_errors=True)
        self.log.unlink()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(home: Path, python: Path, site: Path, server: str, preload: bool) -> dict:
    serving = Serving(home, python, site, server, preload)
    try:
        idle, parent = serving.memory()
        fifths = serving.fifths()
        serving.serve()
        served, parent_served = serving.memory()
    finally:
        serving.stop()
    row = {"server": server, "preload": preload, "idle": idle, "parent": parent, "served": served, "parent_served": parent_served, "fifths": fifths}
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/preload", description="Start and memory of a Django project's workers; writes a table.")
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=f"of those that Terpan has; {', '.join(SERVERS)} if none is named")
    parser.add_argument("--results", type=Path, help="where the report goes (default benchmarks/results/preload.md)")
    options = parser.parse_args(arguments)
    python = Path(subprocess.run([str(home / "scripts" / "test-environment")], check=True, capture_output=True, text=True).stdout.strip())
    subprocess.run([str(home / "terpan"), "build"], check=True)
    site = project(python)
    rows = [measure(home, python, site, server, preload) for server in options.servers or SERVERS for preload in (False, True)]
    shutil.rmtree(site, ignore_errors=True)
    text = report(home, python, rows)
    (options.results or home / "benchmarks" / "results" / "preload.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def report(home: Path, python: Path, rows: list[dict]) -> str:
    commit = first_line(["git", "-C", str(home), "describe", "--always", "--dirty=+"])
    django = first_line([str(python), "-m", "django", "--version"])
    lines = [
        "# What a fork parent saves",
        "",
        f"`benchmarks/preload`: a project as `django-admin startproject` makes it, with {WORKERS} workers. *Fifth worker*: milliseconds from Terpan's order",
        f"to ready, the median of {FIFTHS} times `terpan scale 5` (least to most). *Memory*: proportional set size of the {WORKERS} workers with all processes",
        f"below them, {SETTLE_SECONDS:.0f} s after they were ready and again after {REQUESTS} requests for two of Django's pages; the parent's own stands apart.",
        f"{datetime.date.today()}, {machine()}.",
        "",
        "| server | preload | fifth worker | memory when ready | after requests | of that without | parent |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        without = next(other for other in rows if other["server"] == row["server"] and not other["preload"])
        share = f"{row['idle'] / without['idle']:.2f}, {row['served'] / without['served']:.2f}" if row["preload"] else ""
        parent = f"{row['parent']:.0f}, {row['parent_served']:.0f} MiB" if row["preload"] else ""
        lines.append(
            f"| {row['server']} | {'yes' if row['preload'] else 'no'} | {statistics.median(row['fifths']):.0f} ms "
            f"({min(row['fifths']):.0f} to {max(row['fifths']):.0f}) | {row['idle']:.0f} MiB | {row['served']:.0f} MiB | {share} | {parent} |"
        )
    lines += [
        "",
        f"Asked for are {ADMITTED_MS} ms and {ADMITTED_SHARE}.",
        "",
        f"{first_line([str(home / 'terpan'), 'version'])}, commit {commit}, {first_line([str(python), '--version'])}, Django {django}",
        "",
    ]
    return "\n".join(lines)
